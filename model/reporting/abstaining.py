"""What saying nothing where the model is unsure would keep and gain, for the abstention curve."""

from typing import Any

from sklearn.metrics import f1_score

from model.reporting.cases import Cases

FLOORS = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99)


def curve(cases: Cases) -> list[dict[str, Any]]:
    """For each of FLOORS, what is left if nothing is said below this confidence, the probability of what was said.

    `kept` is the share of rows, `score` the F1 (of sentiment the macro-F1) over these; null where under five
    positives are kept. After El-Yaniv and Wiener (2010), with F1 in place of accuracy.
    """
    points: list[dict[str, Any]] = []
    for floor in FLOORS:
        kept = cases.where(cases.confidence >= floor)
        share = len(kept.rows) / len(cases.rows)
        points.append({"floor": floor, "kept": share, "score": None if kept.few else _score(kept)})
    return points


def _score(cases: Cases) -> float:
    average = "binary" if cases.binary else "macro"
    return float(f1_score(cases.truth, cases.said, average=average, zero_division=0.0))
