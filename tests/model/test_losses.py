import torch

from model.losses import MASK, masked_loss, positive_weights

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
