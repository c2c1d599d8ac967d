"""From logits to what may be said of a text: calibrated probabilities, labels present, certainty in words.

Pure numpy, so that a page or a job can decide again from stored logits without loading a network.
A calibration is the JSON object `{"sentiment": {"temperature", "bias"}, "labels": {name: {"scale", "shift",
"threshold"}}}`; a model version is a weights hash plus a calibration (design, decision 4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.labels import EMOTIONS, ENGAGEMENT, ENTHUSIASM, LABELS, SENTIMENT

Calibration = Mapping[str, Any]
Floats = NDArray[np.float64]

UNCALIBRATED: Calibration = {
    "sentiment": {"temperature": 1.0, "bias": [0.0, 0.0, 0.0]},
    "labels": {name: {"scale": 1.0, "shift": 0.0, "threshold": 0.5} for name in EMOTIONS},
}

LIKELY = 0.75
MIXED = 0.5


@dataclass(frozen=True)
class Reading:
    """What the model makes of one text.

    `probabilities` holds all ten labels, `labels` the emotions whose probability reaches their threshold,
    `certainty` a word ("likely", "mixed", "unsure") for each label in `labels` and for the sentiment.
    """

    probabilities: Mapping[str, float]
    sentiment: str
    labels: tuple[str, ...]
    certainty: Mapping[str, str]


def probabilities(calibration: Calibration, logits: ArrayLike) -> Floats:
    """Calibrated probabilities (n, 10) of logits (n, 10); engagement is at least enthusiasm."""
    raw = np.asarray(logits, dtype=np.float64).reshape(-1, len(LABELS))
    group = calibration["sentiment"]
    shares = raw[:, : len(SENTIMENT)] / group["temperature"] + np.asarray(group["bias"])
    shares = np.exp(shares - shares.max(axis=1, keepdims=True))
    result = np.empty_like(raw)
    result[:, : len(SENTIMENT)] = shares / shares.sum(axis=1, keepdims=True)
    for name, column in _emotion_columns():
        own = calibration["labels"][name]
        result[:, column] = sigmoid(own["scale"] * raw[:, column] + own["shift"])
    result[:, ENGAGEMENT] = np.maximum(result[:, ENGAGEMENT], result[:, ENTHUSIASM])
    return result


def present(calibration: Calibration, chances: Floats) -> NDArray[np.bool_]:
    """Which of the seven labels (n, 7) reach their threshold; enthusiasm implies engagement."""
    limits = np.array([calibration["labels"][name]["threshold"] for name in EMOTIONS])
    reached = chances[:, len(SENTIMENT) :] >= limits
    engagement, enthusiasm = EMOTIONS.index("engagement"), EMOTIONS.index("enthusiasm")
    reached[:, engagement] |= reached[:, enthusiasm]
    return np.asarray(reached)


def read(calibration: Calibration, logits: ArrayLike) -> Reading:
    """The reading of one text from its ten logits."""
    return read_all(calibration, np.asarray(logits).reshape(1, -1))[0]


def read_all(calibration: Calibration, logits: ArrayLike) -> list[Reading]:
    """The readings of many texts from logits (n, 10), in order."""
    chances = probabilities(calibration, logits)
    return [_reading(row, flags) for row, flags in zip(chances, present(calibration, chances), strict=True)]


def certainty(probability: float) -> str:
    """A calibrated probability in words, three steps (U24)."""
    if probability >= LIKELY:
        return "likely"
    return "mixed" if probability >= MIXED else "unsure"


def sigmoid(values: ArrayLike) -> Floats:
    """The logistic function, safe for large values."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(np.asarray(values, dtype=np.float64), -500, 500))))


def _reading(chances: Floats, flags: Sequence[bool] | NDArray[np.bool_]) -> Reading:
    by_name = {name: float(chance) for name, chance in zip(LABELS, chances, strict=True)}
    sentiment = SENTIMENT[int(np.argmax(chances[: len(SENTIMENT)]))]
    labels = tuple(name for name, flag in zip(EMOTIONS, flags, strict=True) if flag)
    words = {name: certainty(by_name[name]) for name in labels}
    words["sentiment"] = certainty(by_name[sentiment])
    return Reading(by_name, sentiment, labels, words)


def _emotion_columns() -> list[tuple[str, int]]:
    return [(name, LABELS.index(name)) for name in EMOTIONS]
