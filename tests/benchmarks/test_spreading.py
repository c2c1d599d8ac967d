"""The choice of unlike texts, which learning is measured with beside doubt alone."""

import numpy as np
import pytest

from model.choosing import doubt
from model.decision import UNCALIBRATED
from tests.benchmarks.spreading import choose, spread
from tests.model.test_choosing import rows


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


def test_the_same_seed_gives_the_same_choice() -> None:
    logits = np.random.default_rng(3).normal(size=(40, 10)) * 1e4
    first = choose(UNCALIBRATED, logits, 7, seed=5)
    assert first == choose(UNCALIBRATED, logits, 7, seed=5)


def test_centres_are_spread() -> None:
    places = np.array([[0.0, 0.0], [0.1, 0.0], [10.0, 0.0], [0.0, 10.0], [9.9, 0.0]])
    assert set(spread(places, 3)) == {0, 2, 3}
