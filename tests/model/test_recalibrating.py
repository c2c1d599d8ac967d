from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.decision import UNCALIBRATED, Calibration, probabilities, sigmoid
from model.evaluation import per_label_f1, said
from model.labels import EMOTIONS, LABELS
from model.recalibrating import HIGHEST, LOWEST, refit
from model.rows import MASK

BEFORE: Calibration = {
    "sentiment": {"temperature": 1.3, "bias": [0.1, -0.2, 0.1]},
    "labels": {name: {"scale": 0.8, "shift": -0.4, "threshold": 0.37} for name in EMOTIONS},
}
BEFORE["labels"]["toxicity"]["threshold"] = 0.6

counts = st.integers(0, 40)


def rows_of(data: st.DataObject, count: int) -> tuple[np.ndarray, np.ndarray]:
    logits = data.draw(arrays(np.float32, (count, 10), elements=st.floats(-60, 60, width=32)))
    gold = data.draw(arrays(np.float32, (count, 8), elements=st.sampled_from([MASK, 0.0, 1.0])))
    return logits, gold


def numbers(calibration: Calibration) -> np.ndarray:
    own = [calibration["labels"][name] for name in EMOTIONS]
    group = calibration["sentiment"]
    return np.array([group["temperature"], *group["bias"], *(value for one in own for value in one.values())])


def world(count: int, shift: float, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Logits of a calibrated model, and gold of a course where all is `shift` more often said."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-1.0, 2.0, size=(count, len(LABELS))).astype(np.float32)
    gold = np.full((count, 8), MASK, dtype=np.float32)
    gold[:, 1:] = rng.random((count, 7)) < sigmoid(logits[:, 3:] + shift)
    shares = np.exp(logits[:, :3] + np.array([shift, 0.0, 0.0]))
    gold[:, 0] = [rng.choice(3, p=row / row.sum()) for row in shares]
    return logits, gold


def test_without_rows_or_without_answers_it_is_the_one_before() -> None:
    assert refit(np.empty((0, 10), np.float32), np.empty((0, 8), np.float32), BEFORE) == BEFORE
    logits, gold = world(30, 1.0)
    assert refit(logits, np.full_like(gold, MASK), BEFORE) == BEFORE
    assert refit(logits, gold, BEFORE, np.zeros(gold.shape)) == BEFORE


@settings(max_examples=60, deadline=None)
@given(st.data(), counts)
def test_it_is_always_a_calibration(data: st.DataObject, count: int) -> None:
    found = refit(*rows_of(data, count), BEFORE)
    assert np.isfinite(numbers(found)).all()
    assert found["sentiment"]["temperature"] > 0
    for name in EMOTIONS:
        assert found["labels"][name]["scale"] > 0
        assert 0 < LOWEST <= found["labels"][name]["threshold"] <= HIGHEST < 1
    assert found["labels"]["toxicity"]["threshold"] >= 0.5
    assert np.isfinite(probabilities(found, np.zeros((1, 10)))).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(8, 60), st.integers(0, 1000))
def test_the_order_of_the_rows_does_not_matter(count: int, seed: int) -> None:
    logits, gold = world(count, 0.7, seed)
    order = np.random.default_rng(seed).permutation(count)
    one, other = refit(logits, gold, BEFORE), refit(logits[order], gold[order], BEFORE)
    assert numbers(one) == pytest.approx(numbers(other), abs=0.02)


def test_what_was_not_asked_about_stays() -> None:
    logits, gold = world(60, 1.5)
    gold[:, 1 + EMOTIONS.index("boredom")] = MASK
    gold[:, 1 + EMOTIONS.index("toxicity")] = 0
    gold[:, 0] = MASK
    found = refit(logits, gold, BEFORE)
    assert found["sentiment"] == BEFORE["sentiment"]
    assert found["labels"]["boredom"] == BEFORE["labels"]["boredom"]
    assert found["labels"]["toxicity"] == BEFORE["labels"]["toxicity"]
    assert found["labels"]["confusion"] != BEFORE["labels"]["confusion"]


def test_rows_of_which_the_model_is_sure_and_right_move_little() -> None:
    gold = np.zeros((40, 8), dtype=np.float32)
    gold[:20, 1:] = 1
    gold[:20, 0] = 2
    logits = np.where(gold[:, [0, 0, 0, *range(1, 8)]] > 0, 25.0, -25.0).astype(np.float32)
    logits[:, :3] = -25.0
    logits[np.arange(40), gold[:, 0].astype(int)] = 25.0
    found = refit(logits, gold, BEFORE)
    assert numbers(found) == pytest.approx(numbers(BEFORE), abs=0.02)


@pytest.mark.parametrize("count", [16, 50, 200])
def test_a_few_rows_pull_towards_the_course_and_more_pull_further(count: int) -> None:
    few, many = (refit(*world(size, 2.0), UNCALIBRATED) for size in (count, 8 * count))
    shifts = [np.mean([own["labels"][name]["shift"] for name in EMOTIONS]) for own in (few, many)]
    assert 0.2 < shifts[0] < shifts[1] < 2.3
    assert 0.02 < few["sentiment"]["bias"][0] < many["sentiment"]["bias"][0]


def test_fifty_answers_help_where_a_course_speaks_otherwise() -> None:
    logits, gold = world(4000, 2.0, seed=9)
    gains = []
    for seed in range(5):
        found = refit(*world(50, 2.0, seed), UNCALIBRATED)
        after, before = (per_label_f1(said(own, logits), gold) for own in (found, UNCALIBRATED))
        gains.append(np.mean(list(after.values())) - np.mean(list(before.values())))
    assert min(gains) > 0.01


def test_fifty_answers_harm_little_where_nothing_is_otherwise() -> None:
    logits, gold = world(4000, 0.0, seed=9)
    limits: Any = refit(*world(400, 0.0, 4), UNCALIBRATED)
    before = np.mean(list(per_label_f1(said(limits, logits), gold).values()))
    for seed in range(5):
        found = refit(*world(50, 0.0, seed), limits)
        assert np.mean(list(per_label_f1(said(found, logits), gold).values())) > before - 0.01


def test_a_scaling_alone_says_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.recalibrating.LIMIT_SPREAD", 1e-9)
    logits, gold = world(200, 2.0)
    gold[:, 0] = MASK
    found = refit(logits, gold, UNCALIBRATED)
    assert found["labels"]["confusion"]["shift"] > 0.5
    assert (said(found, logits)[:, 1:] == said(UNCALIBRATED, logits)[:, 1:]).mean() > 0.99


def test_rows_count_by_their_weights() -> None:
    logits, gold = world(40, 1.0)
    twice = np.vstack([logits, logits]), np.vstack([gold, gold])
    doubled = refit(logits, gold, BEFORE, np.full(gold.shape, 2.0))
    assert numbers(refit(*twice, BEFORE)) == pytest.approx(numbers(doubled), abs=0.02)
