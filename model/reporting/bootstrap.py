"""95 % intervals by the percentile bootstrap over rows (Efron and Tibshirani 1993, chapter 13).

A resample is how often each row was drawn, so every figure is computed for many resamples at once with weights;
calling scikit-learn a thousand times for each label would take minutes.
"""

from collections.abc import Iterator

import numpy as np

from model.decision import Floats
from model.reporting.cases import Cases

TOO_FEW = "too few"
RESAMPLES = 1000
SEED = 0
BLOCK = 100
"""Resamples held at once: 40 MB for 50 000 rows."""

Intervals = dict[str, list[float]] | str


def intervals(cases: Cases, ranking: bool = True, resamples: int = RESAMPLES, seed: int = SEED) -> Intervals:
    """`{figure: [low, high]}`, or "too few" for a label of under five positives.

    The figures are those of `weighted`; without `ranking` those that need no sorting.
    """
    if cases.few:
        return TOO_FEW
    blocks = [weighted(cases, draws, ranking) for draws in _draws(len(cases.rows), resamples, seed)]
    found: dict[str, list[float]] = {}
    for name in blocks[0]:
        values = np.concatenate([block[name] for block in blocks])
        found[name] = np.nanquantile(values, [0.025, 0.975]).tolist()
    return found


def weighted(cases: Cases, weights: Floats, ranking: bool = True) -> dict[str, Floats]:
    """Figures (r) of each of r weightings (r, n) of the rows.

    Macro-F1 and accuracy of all, F1 of a label that is present or not; average precision and area under the ROC
    curve where more than one class occurs, of sentiment as the mean over its classes against the rest.
    """
    f1 = _f1_by_class(cases, weights)
    found = {"macro_f1": np.nanmean(f1, axis=1)}
    found["accuracy"] = weights @ (cases.said == cases.truth) / weights.sum(axis=1)
    if cases.binary:
        found["f1"] = np.nan_to_num(f1[:, 1])
    if ranking and (cases.counts > 0).sum() > 1:
        classes = [1] if cases.binary else np.flatnonzero(cases.counts).tolist()
        pairs = [_ranking(cases.chances[:, own], cases.truth == own, weights) for own in classes]
        found["average_precision"], found["auc"] = np.mean(pairs, axis=0)
    return found


def _draws(rows: int, resamples: int, seed: int) -> Iterator[Floats]:
    """Blocks (up to BLOCK, rows) of how often each row is drawn."""
    rng = np.random.default_rng(seed)
    for start in range(0, resamples, BLOCK):
        size = min(BLOCK, resamples - start)
        picks = rng.integers(0, rows, (size, rows)) + rows * np.arange(size)[:, None]
        yield np.bincount(picks.ravel(), minlength=size * rows).reshape(size, rows).astype(np.float64)


def _f1_by_class(cases: Cases, weights: Floats) -> Floats:
    """F1 (r, k) of each class; not a number where a class is neither true nor said."""
    numbers = np.arange(len(cases.classes))
    said, truth = (own[:, None] == numbers for own in (cases.said, cases.truth))
    return _ratio(
        2 * (weights @ (said & truth)), weights @ said.astype(float) + weights @ truth.astype(float)
    )


def _ranking(chances: Floats, truth: np.ndarray, weights: Floats) -> tuple[Floats, Floats]:
    """Average precision (r) as scikit-learn sums it, without interpolation, and area under the ROC curve (r)."""
    order = np.argsort(-chances, kind="stable")
    ends = np.flatnonzero(np.diff(chances[order], append=-1.0))  # equal probabilities are taken together
    hits = np.cumsum(weights[:, order] * truth[order], axis=1)[:, ends]
    alarms = np.cumsum(weights[:, order] * ~truth[order], axis=1)[:, ends]
    gained = np.diff(hits, axis=1, prepend=0)
    precision = np.nan_to_num(_ratio(hits, hits + alarms))
    area = (np.diff(alarms, axis=1, prepend=0) * (hits - gained / 2)).sum(axis=1)
    return _ratio((gained * precision).sum(axis=1), hits[:, -1]), _ratio(area, hits[:, -1] * alarms[:, -1])


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full_like(bottom, np.nan), where=bottom > 0)
