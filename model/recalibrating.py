"""A calibration moved by a few corrected texts: how much more often, how surely and from where each label is said.

With 8 to 200 answers nothing can be fitted afresh. So everything begins at the calibration before and is held there
by a Gaussian prior; each answer pulls a little (maximum a posteriori). What is held of a label is where it is said,
not its number: its threshold first goes along with its scaling. The result is a calibration as any other: a model
version that needs no text scored again (design, decision 4).

Starter rows of the same weight beside the answers keep what is said elsewhere.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from model.calibration import TOXICITY_FLOOR
from model.decision import Calibration, Floats, probabilities, sigmoid
from model.labels import EMOTIONS, LABELS, SENTIMENT
from model.rows import MASK

SCALE_SPREAD = 0.25
SHIFT_SPREAD = 0.5
TEMPERATURE_SPREAD = 0.25
BIAS_SPREAD = 0.1
LIMIT_SPREAD = 0.25
"""Deviations of the prior: of the logarithms of scale and temperature, of shift and bias, of the threshold's logit.

The bias's is small: one of a half gave three points of sentiment on the texts that were answered for and took nine of
tweets in other languages (docs/model/learning.md)."""
FEWEST_POSITIVES = 5
"""With fewer texts that carry it, or do not, a label stays as it was."""
LOWEST, HIGHEST = 0.05, 0.95
GRID = np.linspace(-3.0, 3.0, 121)
"""Logits of the thresholds that are compared."""


def refit(
    logits: NDArray[np.float32],
    gold: NDArray[np.float32],
    before: Calibration,
    weights: NDArray[np.floating[Any]] | None = None,
) -> dict[str, Any]:
    """The calibration `before` after logits (n, 10), gold (n, 8, MASK where missing) and weights (n, 8), by default 1.

    Without an answer, it is the one before. The order of the rows does not matter.
    """
    raw, known = logits.astype(np.float64).reshape(-1, len(LABELS)), gold != MASK
    counts = known * (np.ones(gold.shape) if weights is None else np.asarray(weights, dtype=np.float64))
    fitted: dict[str, Any] = {
        "sentiment": _sentiment(raw, gold[:, 0], counts[:, 0], before["sentiment"]),
        "labels": {},
    }
    for number, name in enumerate(EMOTIONS, 1):
        own = raw[:, LABELS.index(name)], gold[:, number] == 1, counts[:, number]
        fitted["labels"][name] = _scaled(*own, before["labels"][name])
    _move_limits(fitted, raw, gold, counts)
    return fitted


def _sentiment(
    raw: Floats, gold: NDArray[np.float32], counts: Floats, before: Mapping[str, Any]
) -> dict[str, Any]:
    """Temperature and biases of the classes."""
    counted = counts > 0
    if not counted.any():
        return dict(before)
    group, truth, counts = raw[counted, : len(SENTIMENT)], gold[counted].astype(int), counts[counted]
    start = np.asarray(before["bias"], dtype=np.float64)

    def cost(free: Floats) -> float:
        scaled = group * np.exp(-free[0]) / before["temperature"] + start + free[1:]
        logs = scaled - np.logaddexp.reduce(scaled, axis=1, keepdims=True)
        prior = (free[0] / TEMPERATURE_SPREAD) ** 2 + ((free[1:] / BIAS_SPREAD) ** 2).sum()
        return float(-(counts * logs[np.arange(len(truth)), truth]).sum() + prior / 2)

    found = _lowest(cost, 1 + len(SENTIMENT))
    return {
        "temperature": float(before["temperature"] * np.exp(found[0])),
        "bias": (start + found[1:]).tolist(),
    }


def _scaled(
    raw: Floats, truth: NDArray[np.bool_], counts: Floats, before: Mapping[str, float]
) -> dict[str, float]:
    """Scale and shift of one label; the threshold goes with them, so that nothing else is said than before."""
    if not _tells(truth, counts):
        return dict(before)
    signs, scaled = np.where(truth, 1.0, -1.0), before["scale"] * raw

    def cost(free: Floats) -> float:
        gaps = signs * (np.exp(free[0]) * scaled + before["shift"] + free[1])
        prior = (free[0] / SCALE_SPREAD) ** 2 + (free[1] / SHIFT_SPREAD) ** 2
        return float((counts * np.logaddexp(0.0, -gaps)).sum() + prior / 2)

    found = _lowest(cost, 2)
    shift = float(before["shift"] + found[1])
    limit = np.exp(found[0]) * (_logit(before["threshold"]) - before["shift"]) + shift
    return {
        "scale": float(before["scale"] * np.exp(found[0])),
        "shift": shift,
        "threshold": _within(float(sigmoid(limit))),
    }


def _move_limits(fitted: dict[str, Any], raw: Floats, gold: NDArray[np.float32], counts: Floats) -> None:
    """Set each label's threshold by the scaled probabilities of the rows that answer for it."""
    if not len(raw):
        return
    chances = probabilities(fitted, raw)
    for number, name in enumerate(EMOTIONS, 1):
        truth, own = gold[:, number] == 1, fitted["labels"][name]
        if _tells(truth, counts[:, number]):
            limit = _limit(chances[:, LABELS.index(name)], counts[:, number], own["threshold"])
            own["threshold"] = max(limit, TOXICITY_FLOOR) if name == "toxicity" else limit


def _limit(chances: Floats, counts: Floats, before: float) -> float:
    """The threshold with the best F1, as the probabilities expect it, weighed against how far it moves.

    Expected rather than counted: a handful of answers has steps, and the best of them is chance.
    """
    limits = sigmoid(_logit(before) + GRID * LIMIT_SPREAD)
    above = chances[None, :] >= limits[:, None]
    positives = float((counts * chances).sum())
    hits = (above * (counts * chances)).sum(axis=1)
    f1 = 2 * hits / ((above * counts).sum(axis=1) + positives)
    worth = positives * np.log(np.maximum(f1, 1e-9)) - GRID**2 / 2
    best = int(np.argmax(worth))
    return _within(float(limits[best])) if worth[best] > worth[len(GRID) // 2] else before


def _logit(chance: float) -> float:
    return float(np.log(chance / (1 - chance)))


def _within(limit: float) -> float:
    return float(np.clip(limit, LOWEST, HIGHEST))


def _tells(truth: NDArray[np.bool_], counts: Floats) -> bool:
    """Whether there are enough answers of both kinds."""
    counted = counts > 0
    return min(int((truth & counted).sum()), int((~truth & counted).sum())) >= FEWEST_POSITIVES


def _lowest(cost: Any, size: int) -> Floats:
    """Where a smooth, almost convex cost is lowest, from nothing moved; nothing moved where that has no end."""
    found = minimize(cost, np.zeros(size), method="L-BFGS-B", bounds=[(-3.0, 3.0)] * size).x
    return np.asarray(found) if np.isfinite(found).all() else np.zeros(size)
