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
    """Two models on the same texts, in shares of the cells that a person filled in, each text counting the same.

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


def compare(candidate: Floats, serving: Floats, groups: Sequence[str]) -> Agreement:
    """The agreement of both over shares (n) of the same texts, each of which belongs to a group of authors."""
    known = ~np.isnan(candidate)
    if not known.any():
        return Agreement()
    ours, theirs = candidate[known], serving[known]
    names, number = np.unique(np.asarray(groups)[known], return_inverse=True)
    sums = np.bincount(number, weights=ours - theirs).astype(np.float64)
    counts = np.bincount(number)
    return Agreement(
        texts=len(ours),
        groups=len(names),
        candidate=float(ours.mean()),
        serving=float(theirs.mean()),
        low=_bound(sums, counts),
        halves=_halves(sums, counts, names),
    )


def _bound(sums: Floats, counts: NDArray[np.int_]) -> float:
    drawn = np.random.default_rng(SEED).integers(0, len(sums), (RESAMPLES, len(sums)))
    return float(np.quantile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), BOUND))


def _halves(sums: Floats, counts: NDArray[np.int_], names: NDArray[np.str_]) -> tuple[float, float]:
    """The mean difference in either half; 0 for a half without texts."""
    first = np.array([_in_first_half(str(name)) for name in names])
    one, other = (float(sums[part].sum() / max(1, counts[part].sum())) for part in (first, ~first))
    return one, other


def _in_first_half(group: str) -> bool:
    """A group's fixed half, whatever else is in the pool and however it was chosen to be held out."""
    return hashlib.sha256(f"half {group}".encode()).digest()[0] < 128
