"""Figures on the frozen texts: those of a version's card, with intervals, and those of the model that came first."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lti_tool.retraining import measuring
from lti_tool.retraining.measuring import Exam
from model import evaluation
from model.decision import Calibration
from model.reporting import bootstrap
from model.reporting.cases import Cases, by_label
from model.rows import Row, targets

Logits = NDArray[np.float32]


def of_card(calibration: Calibration, logits: Logits, frozen: Sequence[Row]) -> dict[str, Any]:
    """`evaluation.report` of logits (n, 10), with precision and recall of each label and 95 % intervals (P57)."""
    gold = targets(frozen)
    cases = by_label(calibration, logits, gold)
    report = evaluation.report(calibration, logits, gold)
    return {name: {**figures, **_more(cases[name])} for name, figures in report.items()}


def _more(cases: Cases) -> dict[str, Any]:
    intervals = bootstrap.intervals(cases, ranking=False)
    told = {} if isinstance(intervals, str) else {"intervals": intervals}
    if not cases.binary:
        return told
    said, true = cases.said == 1, cases.truth == 1
    both = int((said & true).sum())
    return {"precision": _share(both, int(said.sum())), "recall": _share(both, int(true.sum())), **told}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def of_shipped(
    asked: Mapping[str, Any] | None,
    frozen: Sequence[Row],
    read: Mapping[str, Logits],
    tell: Callable[[int, int], None],
) -> dict[str, Any] | None:
    """What the model that came with the project does on the frozen texts, as `measuring.figures` says it.

    `asked` has its `path` and `calibration`, and is None where it is the serving version; `read` maps paths of models
    to their logits (n, 10), where they have read the texts already.
    """
    if not asked:
        return None
    path, calibration = asked["path"], asked["calibration"]
    logits = read[path] if path in read else measuring.read(Path(path), Exam(frozen, [], []), tell).frozen
    said, gold = evaluation.said(calibration, logits), targets(frozen)
    scores = evaluation.per_label_f1(said, gold)
    labels = evaluation.report(calibration, logits, gold)
    return {
        "macro_f1": sum(scores.values()) / len(scores),
        "recall": measuring.recalls(said, gold),
        "calibration": {name: found["ece"] for name, found in labels.items()},
        "frozen": len(frozen),
    }
