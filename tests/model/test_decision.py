import time

import numpy as np
import pytest

from model.decision import UNCALIBRATED, certainty, present, probabilities, read, read_all
from model.labels import EMOTIONS, LABELS


def logits(**values: float) -> np.ndarray:
    row = np.full(len(LABELS), -4.0)
    for name, value in values.items():
        row[LABELS.index(name)] = value
    return row


def calibrated(name: str, **changes: float) -> dict[str, object]:
    labels = dict(UNCALIBRATED["labels"])
    labels[name] = {**labels[name], **changes}
    return {**UNCALIBRATED, "labels": labels}


def test_sentiment_is_a_softmax_group_and_the_rest_independent() -> None:
    chances = probabilities(UNCALIBRATED, logits(negative=0, confusion=0, boredom=50))[0]
    assert chances[:3].sum() == pytest.approx(1)
    assert chances[LABELS.index("confusion")] == pytest.approx(0.5)
    assert chances[LABELS.index("boredom")] == pytest.approx(1)


def test_engagement_is_at_least_enthusiasm() -> None:
    reading = read(UNCALIBRATED, logits(positive=3, engagement=-2, enthusiasm=2))
    assert reading.probabilities["engagement"] == reading.probabilities["enthusiasm"]
    assert reading.labels == ("engagement", "enthusiasm")


def test_a_label_is_present_from_its_own_threshold() -> None:
    row = logits(neutral=3, confusion=-1)
    assert read(UNCALIBRATED, row).labels == ()
    assert read(calibrated("confusion", threshold=0.2), row).labels == ("confusion",)


def test_calibration_moves_probabilities_not_logits() -> None:
    row = logits(neutral=3, confusion=1)
    shifted = read(calibrated("confusion", scale=2.0, shift=-2.0), row)
    assert shifted.probabilities["confusion"] == pytest.approx(0.5)


def test_temperature_softens_and_bias_shifts_the_sentiment() -> None:
    row = logits(negative=2, positive=1.5)
    cool = {**UNCALIBRATED, "sentiment": {"temperature": 10.0, "bias": [0.0, 0.0, 0.0]}}
    assert read(cool, row).probabilities["negative"] < read(UNCALIBRATED, row).probabilities["negative"]
    moved = {**UNCALIBRATED, "sentiment": {"temperature": 1.0, "bias": [0.0, 0.0, 1.0]}}
    assert read(moved, row).sentiment == "positive"


@pytest.mark.parametrize(
    ("chance", "word"), [(0.9, "likely"), (0.75, "likely"), (0.6, "mixed"), (0.49, "unsure")]
)
def test_certainty_has_three_steps(chance: float, word: str) -> None:
    assert certainty(chance) == word


def test_certainty_is_given_for_what_is_said() -> None:
    reading = read(UNCALIBRATED, logits(negative=6, frustration=0.2))
    assert reading.certainty == {"sentiment": "likely", "frustration": "mixed"}


def test_huge_logits_do_not_overflow() -> None:
    with np.errstate(over="raise", invalid="raise"):
        chances = probabilities(UNCALIBRATED, np.array([[1e4, -1e4, 0] + [-1e4] * 7]))
    assert np.isfinite(chances).all()


def test_many_readings_equal_single_ones_and_are_quick() -> None:
    raw = np.random.default_rng(1).normal(size=(5000, len(LABELS)))
    started = time.perf_counter()
    readings = read_all(UNCALIBRATED, raw)
    assert time.perf_counter() - started < 2
    assert readings[17] == read(UNCALIBRATED, raw[17])
    flags = present(UNCALIBRATED, probabilities(UNCALIBRATED, raw))
    assert readings[3].labels == tuple(name for name, flag in zip(EMOTIONS, flags[3], strict=True) if flag)


def test_no_rows_give_no_readings() -> None:
    assert read_all(UNCALIBRATED, np.empty((0, 10))) == []
