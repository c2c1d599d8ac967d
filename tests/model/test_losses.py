import torch

from model.losses import MASK, distillation, masked_loss, positive_weights

ONES = torch.ones(7)


def target(*values: float) -> torch.Tensor:
    return torch.tensor([list(values)])


def test_what_is_not_annotated_costs_nothing_and_gets_no_gradient() -> None:
    logits = torch.randn(1, 10, requires_grad=True)
    masked_loss(logits, target(*[MASK] * 7, 1.0), ONES, torch.ones(1, 8)).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad[0, :9].abs().sum() == 0
    assert logits.grad[0, 9] < 0


def test_a_row_without_labels_has_no_loss() -> None:
    assert masked_loss(torch.randn(1, 10), target(*[MASK] * 8), ONES, torch.ones(1, 8)) == 0


def test_sentiment_competes_and_emotions_do_not() -> None:
    logits = torch.zeros(1, 10, requires_grad=True)
    masked_loss(logits, target(0.0, 1.0, *[MASK] * 6), ONES, torch.ones(1, 8)).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad[0, 0] < 0 < logits.grad[0, 1]
    assert logits.grad[0, 3] < 0
    assert logits.grad[0, 4] == 0


def test_weights_scale_a_row() -> None:
    logits = torch.zeros(2, 10)
    targets = target(1.0, *[MASK] * 7).repeat(2, 1)
    single = masked_loss(logits, targets, ONES, torch.tensor([[1.0] * 8, [0.0] * 8]))
    assert torch.isclose(single * 2, masked_loss(logits, targets, ONES, torch.ones(2, 8)))


def test_a_label_can_weigh_less_than_the_others_of_its_row() -> None:
    logits = torch.zeros(1, 10, requires_grad=True)
    weights = torch.ones(1, 8)
    weights[0, 1] = 0.25
    masked_loss(logits, target(*[MASK], 1.0, 1.0, *[MASK] * 5), ONES, weights).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert torch.isclose(logits.grad[0, 3] * 4, logits.grad[0, 4])


def test_rare_labels_weigh_more_up_to_the_cap() -> None:
    targets = torch.zeros(100, 8)
    targets[:1, 1] = 1
    targets[:20, 2] = 1
    targets[:60, 3] = 1
    weights = positive_weights(targets, cap=3.0)
    assert weights[:3].tolist() == [3.0, 2.0, 1.0]


def test_a_student_that_says_what_its_teacher_says_loses_nothing() -> None:
    teacher = torch.randn(6, 10) * 4
    assert distillation(teacher.clone(), teacher).abs() < 1e-6
    assert distillation(teacher.clone(), teacher, temperature=2.0).abs() < 1e-6
    assert distillation(teacher + torch.randn(6, 10), teacher) > 0.01


def test_a_softmax_does_not_mind_a_constant_and_a_sigmoid_does() -> None:
    teacher = torch.randn(4, 10)
    same, other = teacher.clone(), teacher.clone()
    same[:, :3] += 2.0
    other[:, 3:] += 2.0
    assert distillation(same, teacher).abs() < 1e-6 < distillation(other, teacher)


def test_only_the_student_learns_and_it_learns_towards_the_teacher() -> None:
    teacher = torch.full((2, 10), 1.5, requires_grad=True)
    student = torch.zeros(2, 10, requires_grad=True)
    distillation(student, teacher).backward()  # type: ignore[no-untyped-call]
    assert teacher.grad is None
    assert student.grad is not None
    assert (student.grad[:, 3:] < 0).all()


def test_rows_and_cells_without_a_teacher_cost_nothing_and_get_no_gradient() -> None:
    student = torch.randn(3, 10, requires_grad=True)
    teacher = torch.randn(3, 10)
    teacher[0] = torch.nan
    teacher[1, 0] = teacher[1, 5] = torch.nan  # the sentiment is a group: without one of it there is none
    loss = distillation(student, teacher)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.isfinite()
    assert student.grad is not None
    assert (student.grad[0] == 0).all()
    assert (student.grad[1, [0, 1, 2, 5]] == 0).all()
    assert (student.grad[1, [3, 4, 6, 7, 8, 9]] != 0).all()
    assert distillation(student, torch.full((3, 10), torch.nan)) == 0


def test_a_temperature_leaves_the_gradients_near_the_teacher_their_size() -> None:
    teacher = torch.zeros(1, 10)
    sizes = []
    for temperature in (1.0, 4.0):
        student = torch.full((1, 10), 0.01, requires_grad=True)
        distillation(student, teacher, temperature).backward()  # type: ignore[no-untyped-call]
        assert student.grad is not None
        sizes.append(float(student.grad[0, 5]))
    assert abs(sizes[0] - sizes[1]) < 0.01 * sizes[0]
