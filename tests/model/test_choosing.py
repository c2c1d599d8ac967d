import numpy as np
import pytest

from model.choosing import choose, doubt, margins, spread
from model.decision import UNCALIBRATED
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
    assert margins(calibration, at_the_limit)[0, LABELS.index("boredom")] == pytest.approx(0)


def test_undecided_sentiment_counts_too() -> None:
    found = doubt(UNCALIBRATED, rows({}, {"neutral": 6.0}))
    assert found[1] > found[0] + 0.1


def test_the_most_doubtful_is_asked_first_and_none_twice() -> None:
    logits = np.random.default_rng(1).normal(scale=3, size=(60, 10))
    chosen = choose(UNCALIBRATED, logits, 12, seed=0)
    assert chosen[0] == int(np.argmax(doubt(UNCALIBRATED, logits)))
    assert len(set(chosen)) == 12
    doubts = doubt(UNCALIBRATED, np.vstack([logits, rows(*[{}] * 300)]))
    assert doubts[choose(UNCALIBRATED, np.vstack([logits, rows(*[{}] * 300)]), 12, seed=0)].min() > 0.1


def test_the_same_text_many_times_is_asked_once_before_another_kind() -> None:
    alike = [{"confusion": 0.0}] * 8
    chosen = choose(UNCALIBRATED, rows(*alike, {"boredom": 0.3}, {"toxicity": -0.4}), 3, seed=4)
    assert {8, 9} < set(chosen)


def test_features_decide_what_is_alike_when_there_are_any() -> None:
    logits = rows(*[{"confusion": 0.0}] * 6)
    features = np.array([[0.0], [0.1], [0.2], [9.0], [9.1], [-7.0]])
    assert len({round(features[place, 0] / 8) for place in choose(UNCALIBRATED, logits, 3, 0, features)}) == 3


@pytest.mark.parametrize("count", [0, 1, 5, 9])
def test_never_more_than_there_are(count: int) -> None:
    logits = np.random.default_rng(2).normal(size=(5, 10))
    assert len(choose(UNCALIBRATED, logits, count, seed=0)) == min(count, 5)
    assert choose(UNCALIBRATED, np.empty((0, 10)), count, seed=0) == []


def test_the_same_seed_gives_the_same_choice_and_numbers_beyond_all_measure_do_no_harm() -> None:
    logits = np.random.default_rng(3).normal(size=(40, 10)) * 1e4
    first = choose(UNCALIBRATED, logits, 7, seed=5)
    assert first == choose(UNCALIBRATED, logits, 7, seed=5)
    assert np.isfinite(margins(UNCALIBRATED, logits)).all()


def test_centres_are_spread() -> None:
    places = np.array([[0.0, 0.0], [0.1, 0.0], [10.0, 0.0], [0.0, 10.0], [9.9, 0.0]])
    assert set(spread(places, 3)) == {0, 2, 3}
