import numpy as np
import pytest

from model.decision import UNCALIBRATED
from model.labels import EMOTIONS, LABELS
from model.reporting.false_alarms import false_positive_rates


def logits(**by_label: list[float]) -> np.ndarray:
    """Rows in which only the named labels are likely; a logit of 1 is a probability of 0.73, of 2 one of 0.88."""
    found = np.full((4, 10), -5.0, dtype=np.float32)
    for name, column in by_label.items():
        found[:, LABELS.index(name)] = column
    return found


def test_rates_are_shares_of_the_texts_and_strong_asks_for_more() -> None:
    rates = false_positive_rates(UNCALIBRATED, logits(boredom=[-5, 1, 1, 2]))
    assert rates.keys() == set(EMOTIONS)
    assert rates["boredom"]["said"]["rate"] == 0.75
    assert rates["boredom"]["strong"]["count"] == 1
    assert rates["toxicity"]["said"]["rate"] == 0
    low, high = rates["toxicity"]["said"]["interval"]
    assert low == pytest.approx(0)
    assert 0.4 < high < 0.6


def test_enthusiasm_is_engagement_here_too() -> None:
    assert (
        false_positive_rates(UNCALIBRATED, logits(enthusiasm=[2, 2, 2, 2]))["engagement"]["strong"]["rate"]
        == 1
    )


def test_no_texts_have_no_rates() -> None:
    with pytest.raises(ValueError, match="no text"):
        false_positive_rates(UNCALIBRATED, np.zeros((0, 10), dtype=np.float32))
