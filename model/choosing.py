"""How undecided the model is on a text: the order in which a queue asks people about doubtful ones.

Pure numpy on stored logits or probabilities and a calibration, as `model.decision`, so that a page can choose without a
network. What it was measured to save is in docs/model/learning.md: nothing against a random order.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.decision import Calibration, Floats, probabilities, sigmoid
from model.labels import EMOTIONS, LABELS, SENTIMENT

NOTHING = 1e-6
CLOSE = 0.15
"""A decision is open when its probability is this close to an even chance, once the threshold is at a half."""


def doubt(calibration: Calibration, logits: ArrayLike) -> Floats:
    """`doubt_of` for logits (n, 10)."""
    return doubt_of(calibration, probabilities(calibration, logits))


def doubt_of(calibration: Calibration, chances: ArrayLike) -> Floats:
    """How undecided each text (n) with these probabilities (n, 10) is, in bits: the mean entropy of the sentiment and
    of the labels.

    A label's entropy is that of its probability after the threshold has been moved to a half, where it is largest.
    """
    sentiment, labels = _parts(calibration, chances)
    of_labels = _bits(labels) + _bits(1 - labels)
    return np.asarray(np.column_stack([_bits(sentiment).sum(axis=1), of_labels]).mean(axis=1))


def is_open(calibration: Calibration, chances: ArrayLike) -> NDArray[np.bool_]:
    """Of which texts (n) a label is `CLOSE` to its threshold, or no sentiment clearly more likely than not."""
    sentiment, labels = _parts(calibration, chances)
    near = (np.abs(labels - 0.5) <= CLOSE).any(axis=1)
    return np.asarray(near | (sentiment.max(axis=1) <= 0.5 + CLOSE))


def moved(calibration: Calibration, chances: ArrayLike) -> Floats:
    """Probabilities (n, 10), those of the labels as they are once the thresholds are at a half."""
    return np.column_stack(_parts(calibration, chances))


def margins(calibration: Calibration, chances: ArrayLike) -> Floats:
    """Distance from deciding otherwise (n, 10), in logits: log-probabilities of the sentiments, and each label's
    logit above that of its threshold."""
    own = np.clip(np.asarray(chances, dtype=np.float64).reshape(-1, len(LABELS)), NOTHING, 1 - NOTHING)
    limits = np.array([calibration["labels"][name]["threshold"] for name in EMOTIONS])
    found = np.log(own)
    labels = own[:, len(SENTIMENT) :]
    found[:, len(SENTIMENT) :] = np.log(labels / (1 - labels)) - np.log(limits / (1 - limits))
    return found


def _parts(calibration: Calibration, chances: ArrayLike) -> tuple[Floats, Floats]:
    """Probabilities of the sentiments (n, 3), and of the labels (n, 7) once their thresholds are at a half."""
    found = margins(calibration, chances)
    return np.exp(found[:, : len(SENTIMENT)]), sigmoid(found[:, len(SENTIMENT) :])


def _bits(chances: NDArray[np.float64]) -> Floats:
    """Each probability's share of an entropy, nothing at 0."""
    return np.asarray(-chances * np.log2(np.clip(chances, NOTHING, 1.0)))
