"""Whether one model agrees with people more often than another, text by text, and how far chance can explain it.

Texts of one author are alike, so whole groups of authors are drawn again and not single texts: a paired bootstrap over
groups.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.decision import Floats
from model.rows import MASK

RESAMPLES = 1000
SEED = 11
BOUND = 0.05


@dataclass(frozen=True)
class Agreement:
    """Two models on the same texts, in shares of the cells that a person filled in, each text counting by its weight.

    `low` is the 5 % quantile of the difference, candidate minus serving, and `halves` its means over two fixed halves
    of the groups.
    """

    texts: int = 0
    groups: int = 0
    candidate: float = 0.0
    serving: float = 0.0
    low: float = 0.0
    halves: tuple[float, float] = (0.0, 0.0)


def shares(said: NDArray[np.int_], gold: NDArray[np.float32]) -> Floats:
    """Of each text (n) the share of annotated cells on which it is said what the person said; NaN without any.

    `said` and `gold` are (n, 8); what nobody annotated is `MASK` in `gold`.
    """
    known = gold != MASK
    agreed = ((said == gold) & known).sum(axis=1)
    return np.where(known.any(axis=1), agreed / np.maximum(known.sum(axis=1), 1), np.nan)


def compare(
    candidate: Floats, serving: Floats, groups: Sequence[str], weights: Sequence[float] | None = None
) -> Agreement:
    """The agreement of both over shares (n) of the same texts, each of which belongs to a group of authors.

    `weights` (n, over 0) say how much each text counts in every mean, all the same by default; `texts` counts them all.
    """
    known = ~np.isnan(candidate)
    if not known.any():
        return Agreement()
    ours, theirs = candidate[known], serving[known]
    own = np.ones(len(ours)) if weights is None else np.asarray(weights, dtype=np.float64)[known]
    names, number = np.unique(np.asarray(groups)[known], return_inverse=True)
    sums = np.bincount(number, weights=own * (ours - theirs)).astype(np.float64)
    masses = np.bincount(number, weights=own).astype(np.float64)
    return Agreement(
        texts=len(ours),
        groups=len(names),
        candidate=float(np.average(ours, weights=own)),
        serving=float(np.average(theirs, weights=own)),
        low=_bound(sums, masses),
        halves=_halves(sums, masses, names),
    )


def _bound(sums: Floats, masses: Floats) -> float:
    """A draw's mean is that of its texts, so each group comes with the weight of all its texts."""
    drawn = np.random.default_rng(SEED).integers(0, len(sums), (RESAMPLES, len(sums)))
    return float(np.quantile(sums[drawn].sum(axis=1) / masses[drawn].sum(axis=1), BOUND))


def _halves(sums: Floats, masses: Floats, names: NDArray[np.str_]) -> tuple[float, float]:
    """The mean difference in either half; 0 for a half without texts."""
    first = np.array([_in_first_half(str(name)) for name in names])
    one, other = (float(sums[part].sum() / (masses[part].sum() or 1.0)) for part in (first, ~first))
    return one, other


def _in_first_half(group: str) -> bool:
    """A group's fixed half, whatever else is in the pool and however it was chosen to be held out."""
    return hashlib.sha256(f"half {group}".encode()).digest()[0] < 128
