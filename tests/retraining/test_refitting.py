"""Recalibration judged across folds: no text is read by limits that have seen it or its author's other texts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.retraining import measuring
from lti_tool.retraining.refitting import FOLDS, cross_fitted, folds, refitted, unfitted
from model import evaluation
from model.decision import UNCALIBRATED
from model.labels import EMOTIONS, LABELS, SENTIMENT
from model.recalibrating import refit
from model.rows import targets


def row(number: int, group: str | None = None, **more):
    named = {} if group is None else {"group": group}
    return {"text": f"text {number}", "labels": {"confusion": number % 2}, **named, **more}


@given(st.lists(st.integers(0, 12), min_size=1, max_size=80))
def test_a_group_is_in_one_fold_and_no_fold_is_crowded(groups: list[int]) -> None:
    rows = [row(number, f"g{group}") for number, group in enumerate(groups)]
    place = folds(rows)
    for group in set(groups):
        assert len({int(place[n]) for n, one in enumerate(groups) if one == group}) == 1
    largest = max(groups.count(group) for group in set(groups))
    sizes = np.bincount(place, minlength=FOLDS)
    assert sizes.max() - sizes.min() <= largest


def test_without_groups_each_text_is_its_own() -> None:
    assert np.bincount(folds([row(n) for n in range(20)])).tolist() == [4] * FOLDS


def test_no_text_is_decided_by_limits_that_have_seen_its_group() -> None:
    rows = [row(number, f"g{number // 3}") for number in range(30)]
    logits = np.arange(30, dtype=np.float32)[:, None].repeat(len(LABELS), axis=1)
    seen = []

    def refit(raw, gold, before, weights=None):
        seen.append({int(value) for value in raw[:, 0]})
        assert gold.tolist() == targets([rows[int(value)] for value in raw[:, 0]]).tolist()
        return before

    said = cross_fitted(refit, logits, rows, UNCALIBRATED)
    assert said.shape == (30, 8)
    left = [set(range(30)) - one for one in seen]
    assert sorted(number for one in left for number in one) == list(range(30))
    assert all({number // 3 for number in one} & {number // 3 for number in other} == set()
               for one, other in zip(left, seen, strict=True))  # fmt: skip


def test_a_correction_counts_by_its_weight() -> None:
    given_weights = []

    def refit(raw, gold, before, weights=None):
        given_weights.append(weights)
        return before

    refitted(refit, np.zeros((2, 10), dtype=np.float32), [row(0, weight=0.5), row(1)], UNCALIBRATED)
    assert given_weights[0][:, 0].tolist() == [0.5, 1.0]


def test_one_group_alone_is_read_by_the_limits_before() -> None:
    rows = [row(number, "alone") for number in range(4)]

    def refit(*_):
        raise AssertionError("there is nothing to fit to")

    assert cross_fitted(refit, np.zeros((4, 10), dtype=np.float32), rows, UNCALIBRATED).shape == (4, 8)


def answered(count: int, seed: int, *, fitted: bool):
    """Logits, and what people say of the texts: labels more often than the logits do."""
    random = np.random.default_rng(seed)
    logits = (random.normal(size=(count, len(LABELS))) * 1.2).astype(np.float32)
    noise = random.logistic(size=(count, len(EMOTIONS)))
    sentiments = (logits[:, :3] + random.normal(size=(count, 3)) * 0.8).argmax(axis=1)
    present = (logits[:, 3:] + 0.9 + noise > 0).astype(int)
    rows = [
        {
            "text": f"{seed} {number}",
            "labels": {
                "sentiment": SENTIMENT[sentiments[number]],
                **dict(zip(EMOTIONS, present[number].tolist(), strict=True)),
            },
            "group": f"g{number % 12}",
            "fitted": fitted,
        }
        for number in range(count)
    ]
    return logits, rows


def test_the_same_corrections_make_no_difference_between_equal_limits() -> None:
    logits, rows = answered(48, 1, fitted=True)
    serving = refit(logits, targets(rows), UNCALIBRATED, None)
    candidate = cross_fitted(refit, logits, rows, UNCALIBRATED)
    assert (unfitted(refit, logits, rows, serving, UNCALIBRATED) == candidate).all()
    assert (evaluation.said(serving, logits) != candidate).any(), "these limits have seen the texts"


def test_limits_that_have_seen_the_texts_do_not_beat_those_that_have_not() -> None:
    """Six new corrections beside 48 that serve already: new limits are no worse, and are not said to be."""
    fair, unfair = [], []
    for seed in range(25):
        old, new = answered(48, 2 * seed, fitted=True), answered(6, 2 * seed + 1, fitted=False)
        serving = refit(old[0], targets(old[1]), UNCALIBRATED, None)
        logits, rows = np.vstack([old[0], new[0]]), old[1] + new[1]
        ours = cross_fitted(refit, logits, rows, UNCALIBRATED)
        for found, theirs in (
            (fair, unfitted(refit, logits, rows, serving, UNCALIBRATED)),
            (unfair, evaluation.said(serving, logits)),
        ):
            told = measuring.agreements(ours, theirs, rows)["agreement"]
            found.append(told["candidate"] - told["serving"])
    assert np.mean(unfair) < -0.005
    assert abs(np.mean(fair)) < 0.003


def test_what_the_serving_limits_have_not_seen_they_decide_themselves() -> None:
    logits, rows = answered(30, 5, fitted=False)
    serving = refit(logits, targets(rows), UNCALIBRATED, None)
    said = unfitted(refit, logits, rows, serving, UNCALIBRATED)
    assert (said == evaluation.said(serving, logits)).all()
