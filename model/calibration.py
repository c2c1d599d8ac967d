"""Fitting a calibration on development rows: a temperature for sentiment, Platt scaling and a threshold for each of
the seven labels. The result is the JSON object that `model.decision` reads.

Most students' texts carry few labels, development rows many. So thresholds are chosen at the shares that
`PREVALENCE` states, by weighing positives and negatives, and for a precision of at least `PRECISION` there.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from model import reliability
from model.decision import UNCALIBRATED, Calibration, Floats, probabilities
from model.labels import EMOTIONS, LABELS, SENTIMENT
from model.rows import MASK

FEWEST_POSITIVES = 5
TOXICITY_FLOOR = 0.5
OF_STUDENTS_ALONE = ("toxicity",)
"""Public texts were picked by a lexicon of hate for this label: their shares are nobody's ordinary talk."""
PRIOR = 1.0
PRECISION = 0.7
PREVALENCE = {
    "confusion": 0.12,
    "frustration": 0.10,
    "boredom": 0.05,
    "engagement": 0.15,
    "enthusiasm": 0.05,
    "satisfaction": 0.20,
    "toxicity": 0.02,
}
"""Assumed share of ordinary student texts that carry each label; a site's own corrections replace it."""


def fit(
    logits: NDArray[np.float32],
    gold: NDArray[np.float32],
    students: NDArray[np.bool_] | None = None,
    before: Calibration = UNCALIBRATED,
    counts: NDArray[np.floating[Any]] | None = None,
) -> dict[str, Any]:
    """Calibration from logits (n, 10) and gold (n, 8, MASK where missing), drawn towards `before` by a weak prior.

    `students` (n) marks the rows of students' texts; they and the others weigh the same when the sentiment's
    temperature and a label's threshold are chosen. `counts` (n, 8) says how much each gold value counts, by default 1:
    a label that its corpus means otherwise than we do is a weak sign here as it is in training.
    A label with fewer than five positives or negatives in the rows stays as it was before.
    """
    raw = logits.astype(np.float64)
    counted = (gold != MASK) * (
        np.ones(gold.shape) if counts is None else np.asarray(counts, dtype=np.float64)
    )
    weights = _weights(counted[:, 0], gold[:, 0] != MASK, students, alone=False)
    fitted: dict[str, Any] = {
        "sentiment": _sentiment(raw, gold[:, 0], weights, before["sentiment"]),
        "labels": {},
    }
    for number, name in enumerate(EMOTIONS):
        column = raw[:, LABELS.index(name)]
        own = _scale(column, gold[:, 1 + number], counted[:, 1 + number], before["labels"][name])
        fitted["labels"][name] = {**own, "threshold": before["labels"][name]["threshold"]}
    chances = probabilities(fitted, raw)
    for number, name in enumerate(EMOTIONS):
        own_gold = gold[:, 1 + number]
        weights = _weights(counted[:, 1 + number], own_gold == 1, students, name in OF_STUDENTS_ALONE)
        known = weights > 0
        wanted = own_gold[known] == 1
        if wanted.sum() >= FEWEST_POSITIVES:
            own = chances[known, LABELS.index(name)]
            found = _threshold(own, wanted, weights[known], PREVALENCE[name])
            fitted["labels"][name]["threshold"] = max(found, TOXICITY_FLOOR) if name == "toxicity" else found
    return fitted


def _weights(
    counted: Floats,
    telling: NDArray[np.bool_],
    students: NDArray[np.bool_] | None,
    alone: bool,
) -> Floats:
    """How much each row (n) counts, as much as before on average; nothing where it is not annotated.

    Students' texts as we have them are written for training, public ones are real but not of students: half and
    half, if there are enough telling rows (a label's positives) of both.
    """
    if students is None or (telling & students).sum() < FEWEST_POSITIVES:
        return counted
    own: Floats = counted * students
    theirs: Floats = counted * ~students
    if alone or (telling & ~students).sum() < FEWEST_POSITIVES:
        return own
    return np.asarray((own / own.sum() + theirs / theirs.sum()) * counted.sum() / 2)


def _sentiment(
    raw: Floats, gold: NDArray[np.float32], weights: Floats, before: Mapping[str, Any]
) -> dict[str, Any]:
    """The temperature that minimises the cross-entropy of the sentiment group (Guo et al. 2017, section 4.2).

    It changes how sure the model is and never what it says; biases of the classes, fitted likewise, made what it says
    of real texts no better.
    """
    known = (gold != MASK) & (weights > 0)
    truth, counted = gold[known].astype(int), weights[known]
    if len(truth) < FEWEST_POSITIVES:
        return dict(before)
    group, bias = raw[known, : len(SENTIMENT)] / before["temperature"], np.asarray(before["bias"])

    def cost(free: Floats) -> float:
        scaled = group * np.exp(free[0]) + bias
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        logs = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        return float(-(counted * logs[np.arange(len(truth)), truth]).sum() + PRIOR * (free**2).sum())

    found = minimize(cost, np.zeros(1), method="BFGS").x
    return {"temperature": float(before["temperature"] * np.exp(-found[0])), "bias": bias.tolist()}


def _scale(
    raw: Floats, gold: NDArray[np.float32], counted: Floats, before: Mapping[str, float]
) -> dict[str, float]:
    """Platt scaling of one label."""
    known = counted > 0
    truth = gold[known] == 1
    if not FEWEST_POSITIVES <= truth.sum() <= len(truth) - FEWEST_POSITIVES:
        return {"scale": before["scale"], "shift": before["shift"]}
    signs, scaled = np.where(truth, 1.0, -1.0), before["scale"] * raw[known]

    def cost(free: Floats) -> float:
        margins = signs * (np.exp(free[0]) * scaled + before["shift"] + free[1])
        return float((counted[known] * np.logaddexp(0.0, -margins)).sum() + PRIOR * (free**2).sum())

    found = minimize(cost, np.zeros(2), method="BFGS").x
    return {"scale": float(before["scale"] * np.exp(found[0])), "shift": float(before["shift"] + found[1])}


def _threshold(chances: Floats, truth: NDArray[np.bool_], weights: Floats, prevalence: float) -> float:
    """The probability from which F1 is best among those precise enough, at the stated share of positives.

    Where none is precise enough, the most precise.
    """
    grid = np.arange(0.15, 0.86, 0.01)
    rates = np.array([_precision_and_f1(chances, limit, truth, weights, prevalence) for limit in grid])
    precision, f1 = rates.T
    allowed = precision >= min(PRECISION, precision.max())
    return float(np.round(grid[int(np.argmax(np.where(allowed, f1, -1.0)))], 2))


def _precision_and_f1(
    chances: Floats, limit: float, truth: NDArray[np.bool_], weights: Floats, prevalence: float
) -> tuple[float, float]:
    """Precision and F1 above `limit`, as they would be if a share `prevalence` of the texts were positive.

    Expected from the calibrated probabilities rather than counted, since a handful of false alarms among some
    hundred rows says little of their rate.
    """
    share = float(np.average(truth, weights=weights))
    positives = weights * chances * prevalence / share
    negatives = weights * (1 - chances) * (1 - prevalence) / max(1 - share, 1e-9)
    above = chances >= limit
    hits, alarms = float(positives[above].sum()), float(negatives[above].sum())
    precision = hits / (hits + alarms) if hits + alarms else 0.0
    return precision, 2 * hits / max(hits + alarms + float(positives.sum()), 1e-9)


def expected_calibration_error(chances: Floats, truth: NDArray[np.bool_], bins: int = 10) -> float:
    """Mean gap between probabilities (n) and what is true (n) over equally wide bins, weighted by their rows.

    Guo et al. 2017, equation 3. A low one says little alone: whoever always says the base rate has none.
    """
    return reliability.bins(chances, truth, bins).error
