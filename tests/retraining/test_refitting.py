"""Recalibration judged across folds: no text is read by limits that have seen it or its author's other texts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.retraining.refitting import FOLDS, cross_fitted, folds, refitted
from model.decision import UNCALIBRATED
from model.labels import LABELS
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
