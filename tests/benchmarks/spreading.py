"""A strategy that is measured and that no page uses: of the doubtful texts those unlike one another."""

import numpy as np
from numpy.typing import ArrayLike

from model.choosing import doubt, moved
from model.decision import Calibration, Floats, probabilities

SHORTLIST = 5
"""As many times more texts than are asked for come into the choice of unlike ones."""


def choose(
    calibration: Calibration,
    logits: ArrayLike,
    count: int,
    seed: int,
    features: ArrayLike | None = None,
) -> list[int]:
    """Positions of at most `count` of the texts with these logits (n, 10), the most useful first.

    Of the `SHORTLIST` times as many least decided ones, one after the other that with the largest product of its
    doubt and its distance from those chosen before, in the space of `features` (n, any) or of the probabilities.
    `seed` breaks ties.
    """
    doubts = doubt(calibration, logits)
    tie = np.random.default_rng(seed).permutation(len(doubts))
    listed = np.lexsort((tie, -doubts))[: SHORTLIST * count]
    places = moved(calibration, probabilities(calibration, logits)) if features is None else features
    return [int(listed[place]) for place in spread(np.asarray(places)[listed], count, doubts[listed])]


def spread(places: Floats, count: int, worth: Floats | None = None) -> list[int]:
    """Greedy k-centre: positions of at most `count` rows of `places` (n, d), the first row first, then always the row
    farthest from all before (Sener and Savarese 2018), its distance multiplied by its `worth` (n)."""
    if not len(places) or count < 1:
        return []
    chosen = [0]
    gaps = _gaps(places, 0)
    while len(chosen) < min(count, len(places)):
        useful = gaps if worth is None else gaps * worth
        useful[chosen] = -1.0
        chosen.append(int(np.argmax(useful)))
        gaps = np.minimum(gaps, _gaps(places, chosen[-1]))
    return chosen


def _gaps(places: Floats, centre: int) -> Floats:
    return np.asarray(np.linalg.norm(places - places[centre], axis=1))
