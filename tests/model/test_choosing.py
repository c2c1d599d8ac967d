import numpy as np
import pytest

from model.choosing import doubt, is_open, margins
from model.decision import UNCALIBRATED, probabilities
from model.labels import EMOTIONS, LABELS

SURE = [6.0, -6.0, -6.0, *[-8.0] * 7]


def rows(*changes: dict[str, float]) -> np.ndarray:
    """Logits of texts of which the model is sure but for the named labels."""
    found = np.array([SURE] * len(changes))
    for row, change in zip(found, changes, strict=True):
        for name, value in change.items():
            row[LABELS.index(name)] = value
    return found


def test_nothing_is_as_doubtful_as_an_even_chance() -> None:
    found = doubt(UNCALIBRATED, rows({}, {"confusion": 2.0}, {"confusion": 0.0}, {"confusion": 8.0}))
    assert found[2] > found[1] > found[3]
    assert found[2] == pytest.approx(1 / 8, abs=0.05)
    assert found[0] < 0.05
    assert (doubt(UNCALIBRATED, np.zeros((1, 10))) <= 1.21).all()


def test_doubt_is_about_the_threshold_and_not_about_a_half() -> None:
    labels = {name: {"scale": 1.0, "shift": 0.0, "threshold": 0.2} for name in EMOTIONS}
    calibration = {**UNCALIBRATED, "labels": labels}
    at_the_limit, even = rows({"boredom": float(np.log(0.25))}, {"boredom": 0.0})
    first, second = doubt(calibration, np.array([at_the_limit, even]))
    assert first > second
    found = margins(calibration, probabilities(calibration, at_the_limit))
    assert found[0, LABELS.index("boredom")] == pytest.approx(0)


def test_undecided_sentiment_counts_too() -> None:
    found = doubt(UNCALIBRATED, rows({}, {"neutral": 6.0}))
    assert found[1] > found[0] + 0.1


def test_a_decision_is_open_near_its_threshold_or_where_no_sentiment_is_clear() -> None:
    labels = {name: {"scale": 1.0, "shift": 0.0, "threshold": 0.2} for name in EMOTIONS}
    calibration = {**UNCALIBRATED, "labels": labels}
    near, far = [{"boredom": -1.2}, {"neutral": 6.0}], [{}, {"boredom": 0.0}, {"neutral": 2.0}]
    found = is_open(calibration, probabilities(calibration, rows(*near, *far)))
    assert found.tolist() == [True, True, False, False, False]


def test_numbers_beyond_all_measure_do_no_harm() -> None:
    logits = np.random.default_rng(3).normal(size=(40, 10)) * 1e4
    assert np.isfinite(margins(UNCALIBRATED, probabilities(UNCALIBRATED, logits))).all()
    assert np.isfinite(doubt(UNCALIBRATED, logits)).all()
