"""Figures per label over the rows that carry it, and the comparison that decides a promotion."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, roc_auc_score

from model.calibration import PREVALENCE, expected_calibration_error
from model.decision import UNCALIBRATED, Calibration, Floats, present, probabilities
from model.labels import EMOTIONS, LABELS, SENTIMENT
from model.reliability import error_by_chance
from model.rows import MASK

Gold = NDArray[np.float32]


def report(calibration: Calibration, logits: NDArray[np.float32], gold: Gold) -> dict[str, Any]:
    """`{label: figures}` of logits (n, 10) against gold (n, 8); labels that no row carries are left out."""
    chances = probabilities(calibration, logits)
    flags = present(calibration, chances)
    figures: dict[str, Any] = {}
    known = gold[:, 0] != MASK
    if known.any():
        figures["sentiment"] = _sentiment(chances[known, : len(SENTIMENT)], gold[known, 0].astype(int))
    for number, name in enumerate(EMOTIONS):
        known = gold[:, 1 + number] != MASK
        if known.any():
            own = chances[known, LABELS.index(name)]
            figures[name] = _emotion(own, flags[known, number], gold[known, 1 + number] == 1)
    return figures


def beside(calibration: Calibration, logits: NDArray[np.float32], gold: Gold) -> dict[str, Any]:
    """`{label: figures}` to read those of `report` by, which take longer or assume something.

    `ece_by_chance` is the calibration error that as many rows would show if every probability were right. A label's
    `precision_at_prevalence` is what its decisions would be worth if a share `prevalence` of the texts carried it, as
    we assume of ordinary ones (`calibration.PREVALENCE`): rows to learn and to judge from carry more.
    """
    chances = probabilities(calibration, logits)
    flags = present(calibration, chances)
    figures: dict[str, Any] = {}
    known = gold[:, 0] != MASK
    if known.any():
        figures["sentiment"] = {
            "ece_by_chance": error_by_chance(chances[known, : len(SENTIMENT)].max(axis=1))
        }
    for number, name in enumerate(EMOTIONS):
        known = gold[:, 1 + number] != MASK
        if known.any():
            figures[name] = {
                "ece_by_chance": error_by_chance(chances[known, LABELS.index(name)]),
                **_at_prevalence(flags[known, number], gold[known, 1 + number] == 1, PREVALENCE[name]),
            }
    return figures


def _at_prevalence(
    said: NDArray[np.bool_], truth: NDArray[np.bool_], share: float
) -> dict[str, float | None]:
    """Recall, and by Bayes' rule precision from the rates of hits and false alarms; null where a rate is unknown."""
    recall = float(said[truth].mean()) if truth.any() else None
    alarms = float(said[~truth].mean()) if not truth.all() else None
    precision = None
    if recall is not None and alarms is not None and recall + alarms:
        precision = recall * share / (recall * share + alarms * (1 - share))
    return {"prevalence": share, "precision_at_prevalence": precision, "recall": recall}


def _sentiment(chances: Floats, truth: NDArray[np.int_]) -> dict[str, Any]:
    said = chances.argmax(axis=1)
    return {
        "macro_f1": float(f1_score(truth, said, average="macro", zero_division=0.0)),
        "accuracy": float(accuracy_score(truth, said)),
        "ece": expected_calibration_error(chances.max(axis=1), said == truth),
        "support": len(truth),
    }


def _emotion(chances: Floats, said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> dict[str, Any]:
    """Figures of one label; average precision and AUC are null where only one value occurs."""
    both = truth.any() and not truth.all()
    return {
        "f1": float(f1_score(truth, said, zero_division=0.0)),
        "macro_f1": float(f1_score(truth, said, average="macro", zero_division=0.0)),
        "average_precision": float(average_precision_score(truth, chances)) if both else None,
        "auc": float(roc_auc_score(truth, chances)) if both else None,
        "ece": expected_calibration_error(chances, truth),
        "support": len(truth),
        "positives": int(truth.sum()),
    }


@dataclass(frozen=True)
class Comparison:
    """Macro-F1 of candidate and serving model on the same rows, and the difference's 95 % interval."""

    candidate: float
    serving: float
    difference: float
    low: float
    high: float
    per_label: dict[str, tuple[float, float]]


def compare(
    candidate_logits: NDArray[np.float32],
    serving_logits: NDArray[np.float32],
    gold: Gold,
    candidate_calibration: Calibration = UNCALIBRATED,
    serving_calibration: Calibration = UNCALIBRATED,
    resamples: int = 1000,
    seed: int = 0,
) -> Comparison:
    """Compare two models on the same rows: logits (n, 10) each, gold (n, 8).

    Macro-F1 is the mean over sentiment (its macro-F1) and each label's F1 of those that occur. The
    interval is a paired bootstrap over rows.
    """
    both = (said(candidate_calibration, candidate_logits), said(serving_calibration, serving_logits))
    ours, theirs = (per_label_f1(guess, gold) for guess in both)
    rng = np.random.default_rng(seed)
    gaps = np.empty(resamples)
    for number in range(resamples):
        rows = rng.integers(0, len(gold), len(gold))
        gaps[number] = _mean(per_label_f1(both[0][rows], gold[rows])) - _mean(
            per_label_f1(both[1][rows], gold[rows])
        )
    low, high = np.quantile(gaps, [0.025, 0.975])
    return Comparison(
        candidate=_mean(ours),
        serving=_mean(theirs),
        difference=_mean(ours) - _mean(theirs),
        low=float(low),
        high=float(high),
        per_label={name: (ours[name], theirs[name]) for name in ours},
    )


def said(calibration: Calibration, logits: NDArray[np.float32]) -> NDArray[np.int_]:
    """Decisions (n, 8) in the form of gold: the sentiment's index and seven 0/1 values."""
    chances = probabilities(calibration, logits)
    sentiment = chances[:, : len(SENTIMENT)].argmax(axis=1)
    return np.column_stack([sentiment, present(calibration, chances).astype(int)])


def per_label_f1(guess: NDArray[np.int_], gold: Gold) -> dict[str, float]:
    """Sentiment's macro-F1 and each label's F1, over the labels with a positive in these rows."""
    scores: dict[str, float] = {}
    known = gold[:, 0] != MASK
    if known.any():
        truth = gold[known, 0].astype(int)
        scores["sentiment"] = float(
            np.mean([_f1(guess[known, 0] == c, truth == c) for c in np.unique(truth)])
        )
    for number, name in enumerate(EMOTIONS, 1):
        known = gold[:, number] != MASK
        if (gold[known, number] == 1).any():
            scores[name] = _f1(guess[known, number] == 1, gold[known, number] == 1)
    return scores


def _f1(guess: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    return float(2 * (guess & truth).sum() / max(1, guess.sum() + truth.sum()))


def _mean(scores: dict[str, float]) -> float:
    return float(np.mean(list(scores.values()))) if scores else 0.0
