import numpy as np
import pytest

from model.calibration import PRECISION, PREVALENCE, _weights, expected_calibration_error, fit
from model.decision import probabilities, sigmoid
from model.labels import EMOTIONS, LABELS
from model.rows import MASK


def overconfident(count: int = 4000, spread: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """Logits three times too large, and the labels that the true ones give."""
    rng = np.random.default_rng(5)
    true = rng.normal(-0.5, spread, size=(count, len(LABELS)))
    gold = np.full((count, 8), MASK, dtype=np.float32)
    gold[:, 1:] = rng.random((count, 7)) < sigmoid(true[:, 3:])
    shares = np.exp(true[:, :3])
    shares /= shares.sum(axis=1, keepdims=True)
    gold[:, 0] = [rng.choice(3, p=row) for row in shares]
    return (3 * true).astype(np.float32), gold


def test_overconfident_logits_are_calibrated() -> None:
    logits, gold = overconfident()
    fitted = fit(logits, gold)
    assert fitted["sentiment"]["temperature"] == pytest.approx(3, rel=0.15)
    assert fitted["labels"]["confusion"]["scale"] == pytest.approx(1 / 3, rel=0.15)
    column = LABELS.index("confusion")
    before = expected_calibration_error(sigmoid(logits[:, column]), gold[:, 1] == 1)
    after = expected_calibration_error(probabilities(fitted, logits)[:, column], gold[:, 1] == 1)
    assert after < 0.03 < before


@pytest.mark.parametrize("name", ["confusion", "enthusiasm", "satisfaction"])
def test_a_threshold_is_precise_where_few_texts_carry_the_label(name: str) -> None:
    logits, gold = overconfident(spread=6)
    fitted = fit(logits, gold)
    said = probabilities(fitted, logits)[:, LABELS.index(name)] >= fitted["labels"][name]["threshold"]
    there, share = gold[:, 1 + EMOTIONS.index(name)] == 1, PREVALENCE[name]
    hits, alarms = share * said[there].mean(), (1 - share) * said[~there].mean()
    assert hits / (hits + alarms) >= PRECISION - 0.1


def test_what_counts_nothing_is_as_if_nobody_had_annotated_it() -> None:
    logits, gold = overconfident()
    masked, counts = gold.copy(), np.ones(gold.shape)
    masked[::3, 1:4], counts[::3, 1:4] = MASK, 0
    assert fit(logits, gold, counts=counts) == fit(logits, masked)


def test_a_label_that_its_corpus_means_otherwise_moves_the_calibration_less() -> None:
    logits, gold = overconfident()
    doubtful = np.arange(len(gold)) % 3 == 0
    gold[doubtful, 1], counts = 1, np.ones(gold.shape)
    shifts = []
    for weight in (1.0, 0.3, 0.0):
        counts[doubtful, 1] = weight
        shifts.append(fit(logits, gold, counts=counts)["labels"]["confusion"]["shift"])
    assert shifts == sorted(shifts, reverse=True)
    assert shifts[1] - shifts[2] < shifts[0] - shifts[1]


def kinds() -> tuple[np.ndarray, np.ndarray]:
    """Gold of one label for 30 students' rows and 300 public ones, ten of these not annotated."""
    gold = np.tile(np.array([1, 0, 0], dtype=np.float32), 110)
    gold[-10:] = MASK
    return gold, np.arange(330) < 30


def test_students_texts_and_public_ones_weigh_the_same_when_a_threshold_is_chosen() -> None:
    gold, students = kinds()
    found = _weights(gold != MASK, gold == 1, students, alone=False)
    assert found[students].sum() == pytest.approx(found[~students].sum())
    assert found[-10:].tolist() == [0] * 10


def test_public_texts_that_were_picked_for_a_label_do_not_decide_its_threshold() -> None:
    gold, students = kinds()
    assert not _weights(gold != MASK, gold == 1, students, alone=True)[~students].any()


def test_too_few_students_texts_leave_it_to_all_rows_alike() -> None:
    gold, students = kinds()
    gold[students] = 0
    assert set(_weights(gold != MASK, gold == 1, students, alone=False)) == {0.0, 1.0}


def test_toxicity_is_never_said_below_a_half() -> None:
    logits, gold = overconfident()
    assert fit(logits, gold)["labels"]["toxicity"]["threshold"] >= 0.5


def test_labels_with_too_few_cases_stay_as_they_are() -> None:
    logits, gold = overconfident(50)
    gold[:, 1 + EMOTIONS.index("boredom")] = 0
    gold[:, 1 + EMOTIONS.index("confusion")] = MASK
    labels = fit(logits, gold)["labels"]
    assert labels["boredom"] == labels["confusion"] == {"scale": 1.0, "shift": 0.0, "threshold": 0.5}


def test_what_too_few_rows_say_nothing_of_stays_as_it_was_before() -> None:
    logits, gold = overconfident(50)
    before = fit(*overconfident())
    gold[:, 1:] = MASK
    gold[4:, 0] = MASK
    assert fit(logits, gold, before=before) == before


def test_a_few_rows_move_a_calibration_only_a_little_from_what_it_was() -> None:
    logits, gold = overconfident(60)
    before = fit(*overconfident())
    near = fit(logits, gold, before=before)["labels"]["confusion"]["scale"]
    assert abs(near - before["labels"]["confusion"]["scale"]) < abs(near - 1)


def test_calibration_error_of_perfect_and_of_wrong_certainty() -> None:
    assert expected_calibration_error(np.ones(10), np.ones(10, dtype=bool)) == 0
    assert expected_calibration_error(np.ones(10), np.zeros(10, dtype=bool)) == 1
    assert expected_calibration_error(np.empty(0), np.empty(0, dtype=bool)) == 0


def test_a_temperature_changes_how_sure_the_sentiment_is_and_not_what_is_said() -> None:
    logits, gold = overconfident()
    gold[:2000, 0] = 1  # far more neutral texts than the logits tell of
    fitted = fit(logits, gold)
    assert fitted["sentiment"]["temperature"] > 1
    said = probabilities(fitted, logits)[:, :3].argmax(axis=1)
    assert (said == logits[:, :3].argmax(axis=1)).all()
