"""Which texts to ask a person about, so that few answers teach much: those the model is least decided on, unlike
one another.

Pure numpy on stored logits and a calibration, as `model.decision`, so that a page can choose without a network.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.decision import Calibration, Floats, probabilities, sigmoid
from model.labels import EMOTIONS, LABELS, SENTIMENT

SHORTLIST = 5
"""As many times more texts than are asked for come into the choice of unlike ones."""
NOTHING = 1e-6


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
    places = _moved(calibration, logits) if features is None else np.asarray(features, dtype=np.float64)
    return [int(listed[place]) for place in spread(places[listed], count, doubts[listed])]


def doubt(calibration: Calibration, logits: ArrayLike) -> Floats:
    """How undecided each text (n) is, in bits: the mean entropy of the sentiment and of the labels.

    A label's entropy is that of its probability after the threshold has been moved to a half, where it is largest.
    """
    chances = _moved(calibration, logits)
    sentiment, labels = chances[:, : len(SENTIMENT)], chances[:, len(SENTIMENT) :]
    of_labels = _bits(labels) + _bits(1 - labels)
    return np.asarray(np.column_stack([_bits(sentiment).sum(axis=1), of_labels]).mean(axis=1))


def _moved(calibration: Calibration, logits: ArrayLike) -> Floats:
    """Probabilities (n, 10), those of the labels as they are once the thresholds are at a half."""
    found = margins(calibration, logits)
    return np.column_stack([np.exp(found[:, : len(SENTIMENT)]), sigmoid(found[:, len(SENTIMENT) :])])


def margins(calibration: Calibration, logits: ArrayLike) -> Floats:
    """Distance from deciding otherwise (n, 10), in logits: log-probabilities of the sentiments, and each label's
    logit above that of its threshold."""
    chances = np.clip(probabilities(calibration, logits), NOTHING, 1 - NOTHING)
    limits = np.array([calibration["labels"][name]["threshold"] for name in EMOTIONS])
    found = np.log(chances)
    own = chances[:, len(SENTIMENT) : len(LABELS)]
    found[:, len(SENTIMENT) :] = np.log(own / (1 - own)) - np.log(limits / (1 - limits))
    return found


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


def _bits(chances: NDArray[np.float64]) -> Floats:
    """Each probability's share of an entropy, nothing at 0."""
    return np.asarray(-chances * np.log2(np.clip(chances, NOTHING, 1.0)))
