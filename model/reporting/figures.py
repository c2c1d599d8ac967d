"""What a full report adds to the plain figures: of each label, of groups of rows, and the worst mistakes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

from model import reliability
from model.decision import Calibration, Floats
from model.evaluation import Gold, report
from model.reporting import bootstrap
from model.reporting.cases import Cases, by_label
from model.rows import Row

WORST = 20


def worst(cases: Cases, rows: Sequence[Row], most: int = WORST) -> list[dict[str, Any]]:
    """The wrong decisions of which the model is surest: position of the row, text, what was said and what is true."""
    wrong = cases.where(cases.said != cases.truth)
    surest = np.argsort(-wrong.confidence, kind="stable")[:most]
    return [
        {
            "row": int(wrong.rows[number]),
            "text": rows[wrong.rows[number]]["text"],
            "said": wrong.classes[wrong.said[number]],
            "truth": wrong.classes[wrong.truth[number]],
            "confidence": float(wrong.confidence[number]),
        }
        for number in surest
    ]


def label(cases: Cases, before: Cases) -> dict[str, Any]:
    """What a report adds to a label's figures."""
    drawn = {"before": _bins(before), "after": _bins(cases)}
    return {
        **({} if cases.binary else _ranking(cases)),
        "ece_before": drawn["before"].error,
        "ece_after": drawn["after"].error,
        "reliability": {name: own.listed() for name, own in drawn.items()},
        "classes": dict(zip(cases.classes, cases.counts.tolist(), strict=True)),
        "matrix": confusion_matrix(cases.truth, cases.said, labels=range(len(cases.classes))).tolist(),
        "intervals": bootstrap.intervals(cases),
    }


def _bins(cases: Cases) -> reliability.Bins:
    return reliability.bins(*_said(cases))


def _said(cases: Cases) -> tuple[Floats, NDArray[np.bool_]]:
    """Of a label the probability that it is there and whether it is, of sentiment that of what was said."""
    if cases.binary:
        return cases.chances[:, 1], cases.truth == 1
    return cases.confidence, cases.said == cases.truth


def _ranking(cases: Cases) -> dict[str, float | None]:
    """Sentiment's average precision and AUC: means over the classes that occur, each against the rest."""
    occurring = np.flatnonzero(cases.counts)
    if len(occurring) < 2:
        return {"average_precision": None, "auc": None}
    truth, chances = cases.truth[:, None] == occurring, cases.chances[:, occurring]
    return {
        "average_precision": float(average_precision_score(truth, chances, average="macro")),
        "auc": float(roc_auc_score(truth, chances, average="macro")),
    }


def group(calibration: Calibration, logits: NDArray[np.float32], gold: Gold) -> dict[str, Any]:
    """Figures of a group of rows, with intervals of F1, macro-F1 and accuracy."""
    cases = by_label(calibration, logits, gold)
    labels = {
        name: {**figures, "intervals": bootstrap.intervals(cases[name], ranking=False)}
        for name, figures in report(calibration, logits, gold).items()
    }
    return {"rows": len(logits), "labels": labels}
