"""A recalibration: the same network with limits that suit the corrections better, judged on what each fold left out."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model import evaluation
from model.decision import Calibration
from model.rows import Row, targets, weights

FOLDS = 5

Refit = Callable[
    [NDArray[np.float32], NDArray[np.float32], Calibration, NDArray[np.float32] | None], Calibration
]


@dataclass(frozen=True)
class Ballast:
    """Starter rows that are fitted beside the corrections, together as heavy as these, so that others lose less."""

    logits: NDArray[np.float32]
    rows: Sequence[Row]

    def beside(self, weighed: NDArray[np.float32]) -> NDArray[np.float32]:
        """The weights (m, 8) of the starter rows beside corrections of these weights (n, 8)."""
        return weights(self.rows) * np.float32(min(1.0, len(weighed) / max(1, len(self.rows))))


def folds(rows: Sequence[Row]) -> NDArray[np.int_]:
    """The fold (n) of each row: one group of authors is in one fold, and the folds are about equally large."""
    names = [str(row.get("group", number)) for number, row in enumerate(rows)]
    sizes = {name: names.count(name) for name in set(names)}
    filled, place = [0] * FOLDS, {}
    for name in sorted(sizes, key=lambda one: (-sizes[one], hashlib.sha256(one.encode()).digest())):
        place[name] = filled.index(min(filled))
        filled[place[name]] += sizes[name]
    return np.array([place[name] for name in names])


def refitted(
    refit: Refit,
    logits: NDArray[np.float32],
    rows: Sequence[Row],
    before: Calibration,
    ballast: Ballast | None = None,
) -> Calibration:
    """The calibration of all rows, with the prior at `before`."""
    gold, own = targets(rows), weights(rows)
    if ballast is None or not len(ballast.rows):
        return refit(logits, gold, before, own)
    return refit(
        np.vstack([logits, ballast.logits]),
        np.vstack([gold, targets(ballast.rows)]),
        before,
        np.vstack([own, ballast.beside(own)]),
    )


def cross_fitted(
    refit: Refit,
    logits: NDArray[np.float32],
    rows: Sequence[Row],
    before: Calibration,
    ballast: Ballast | None = None,
) -> NDArray[np.int_]:
    """Decisions (n, 8) of each row by a calibration that has not seen its fold."""
    fold = folds(rows)
    said = np.zeros((len(rows), targets(rows).shape[1]), dtype=int)
    for number in range(FOLDS):
        out = fold == number
        if out.any():
            kept = [row for row, left in zip(rows, out, strict=True) if not left]
            own = refitted(refit, logits[~out], kept, before, ballast) if kept else before
            said[out] = evaluation.said(own, logits[out])
    return said


def unfitted(
    refit: Refit,
    logits: NDArray[np.float32],
    rows: Sequence[Row],
    serving: Calibration,
    before: Calibration,
    ballast: Ballast | None = None,
) -> NDArray[np.int_]:
    """Decisions (n, 8) of each row by the serving limits, as if these had never seen the row either.

    They were fitted to the rows that are `fitted`. A fold with any of these is decided by limits fitted anew, from
    `before`, to those of the other folds: so a candidate is not beaten by limits that know what it is asked.
    """
    said = evaluation.said(serving, logits)
    fitted = np.array([bool(row.get("fitted")) for row in rows], dtype=bool)
    fold = folds(rows)
    for number in sorted(set(fold[fitted].tolist())):
        out, kept = fold == number, fitted & (fold != number)
        own = [row for row, stays in zip(rows, kept, strict=True) if stays]
        limits = refitted(refit, logits[kept], own, before, ballast) if own else before
        said[out] = evaluation.said(limits, logits[out])
    return said
