"""Fitting a calibration on development rows: temperature and bias for sentiment, Platt scaling and a
threshold for each of the seven labels. The result is the JSON object that `model.decision` reads."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from model.decision import UNCALIBRATED, Floats, probabilities
from model.labels import EMOTIONS, LABELS, SENTIMENT
from model.rows import MASK

FEWEST_POSITIVES = 5
TOXICITY_FLOOR = 0.5
PRIOR = 1.0


def fit(logits: NDArray[np.float32], gold: NDArray[np.float32]) -> dict[str, Any]:
    """Calibration from logits (n, 10) and gold (n, 8, MASK where missing).

    A label with fewer than five positives or negatives in the rows keeps the identity and 0.5.
    """
    raw = logits.astype(np.float64)
    fitted: dict[str, Any] = {"sentiment": _sentiment(raw, gold), "labels": {}}
    for number, name in enumerate(EMOTIONS):
        fitted["labels"][name] = _scale(raw[:, LABELS.index(name)], gold[:, 1 + number])
    chances = probabilities({**fitted, "labels": _with(fitted["labels"], 0.5)}, raw)
    for number, name in enumerate(EMOTIONS):
        known = gold[:, 1 + number] != MASK
        wanted = gold[known, 1 + number] == 1
        fitted["labels"][name]["threshold"] = _threshold(name, chances[known, LABELS.index(name)], wanted)
    return fitted


def _with(labels: dict[str, Any], threshold: float) -> dict[str, Any]:
    return {name: {**own, "threshold": threshold} for name, own in labels.items()}


def _sentiment(raw: Floats, gold: NDArray[np.float32]) -> dict[str, Any]:
    """Temperature and class biases that minimise the cross-entropy of the sentiment group."""
    known = gold[:, 0] != MASK
    truth = gold[known, 0].astype(int)
    if len(truth) < FEWEST_POSITIVES:
        return dict(UNCALIBRATED["sentiment"])
    group = raw[known, : len(SENTIMENT)]

    def cost(free: Floats) -> float:
        scaled = group * np.exp(free[0]) + np.array([free[1], 0.0, free[2]])
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        logs = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        return float(-logs[np.arange(len(truth)), truth].sum() + PRIOR * (free**2).sum())

    found = minimize(cost, np.zeros(3), method="BFGS").x
    return {"temperature": float(np.exp(-found[0])), "bias": [float(found[1]), 0.0, float(found[2])]}


def _scale(raw: Floats, gold: NDArray[np.float32]) -> dict[str, float]:
    """Platt scaling of one label, drawn towards the identity by a weak prior."""
    known = gold != MASK
    truth = gold[known] == 1
    if not FEWEST_POSITIVES <= truth.sum() <= len(truth) - FEWEST_POSITIVES:
        return {"scale": 1.0, "shift": 0.0}
    signs = np.where(truth, 1.0, -1.0)

    def cost(free: Floats) -> float:
        margins = signs * (np.exp(free[0]) * raw[known] + free[1])
        return float(np.logaddexp(0.0, -margins).sum() + PRIOR * (free**2).sum())

    found = minimize(cost, np.zeros(2), method="BFGS").x
    return {"scale": float(np.exp(found[0])), "shift": float(found[1])}


def _threshold(name: str, chances: Floats, truth: NDArray[np.bool_]) -> float:
    """The probability from which F1 is best, smoothed over neighbours; toxicity at least a half (P56)."""
    if truth.sum() < FEWEST_POSITIVES:
        return 0.5
    grid = np.arange(0.15, 0.86, 0.01)
    scores = np.array([_f1(chances >= limit, truth) for limit in grid])
    smooth = np.convolve(np.pad(scores, 4, mode="edge"), np.ones(9) / 9, mode="valid")
    best = float(np.round(grid[int(np.argmax(smooth))], 2))
    return max(best, TOXICITY_FLOOR) if name == "toxicity" else best


def _f1(said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    both = float((said & truth).sum())
    return 2 * both / max(1.0, float(said.sum() + truth.sum()))


def expected_calibration_error(chances: Floats, truth: NDArray[np.bool_], bins: int = 10) -> float:
    """Mean gap between probability and frequency over equally wide bins, weighted by their rows."""
    if len(chances) == 0:
        return 0.0
    place = np.minimum((chances * bins).astype(int), bins - 1)
    gaps = [
        abs(chances[place == number].mean() - truth[place == number].mean()) * (place == number).sum()
        for number in range(bins)
        if (place == number).any()
    ]
    return float(sum(gaps) / len(chances))
