"""How often a label is true where the model gives it a certain probability: the bins of a reliability diagram."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.decision import Floats

DRAWS = 200


@dataclass(frozen=True)
class Bins:
    """Equally wide bins of probability from 0 to 1, all arrays of one number per bin.

    `count` is of rows, `probability` the mean that was said, `frequency` the share that was true; the last two
    are not a number where a bin is empty.
    """

    count: NDArray[np.int_]
    probability: Floats
    frequency: Floats

    @property
    def error(self) -> float:
        """Expected calibration error (Guo et al. 2017, equation 3): the mean gap weighted by rows; 0 of none."""
        gaps = np.abs(self.probability - self.frequency) * self.count
        return float(np.nansum(gaps) / max(1, self.count.sum()))

    def listed(self) -> list[dict[str, Any]]:
        """A JSON object per bin, with null for what an empty bin has not."""
        edges = np.linspace(0, 1, len(self.count) + 1).round(4).tolist()
        return [
            {
                "low": edges[number],
                "high": edges[number + 1],
                "count": int(count),
                "probability": float(self.probability[number]) if count else None,
                "frequency": float(self.frequency[number]) if count else None,
            }
            for number, count in enumerate(self.count)
        ]


def bins(chances: Floats, truth: NDArray[np.bool_], number: int = 10) -> Bins:
    """The bins of probabilities (n) against what is true (n)."""
    place = np.minimum((np.asarray(chances) * number).astype(int), number - 1)
    count = np.bincount(place, minlength=number)
    sums = [np.bincount(place, weights=own, minlength=number) for own in (chances, truth)]
    means = [np.where(count > 0, own / np.maximum(count, 1), np.nan) for own in sums]
    return Bins(count, *means)


def error_by_chance(chances: Floats, number: int = 10, draws: int = DRAWS, seed: int = 0) -> float:
    """The calibration error that so many rows (n) show on average where every probability is right.

    Few rows in a bin differ from what was said of them by chance alone, so an error is read beside this one
    (consistency resampling: Bröcker and Smith 2007).
    """
    random = np.random.default_rng(seed)
    errors = [bins(chances, random.random(len(chances)) < chances, number).error for _ in range(draws)]
    return float(np.mean(errors))
