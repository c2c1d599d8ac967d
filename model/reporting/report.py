"""The full evaluation of a checkpoint on labelled rows, as one JSON object, and its report in three forms.

Every table is over all rows: abstention is off, its curve stands apart.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.decision import UNCALIBRATED, Calibration
from model.errors import BadInput
from model.evaluation import beside, report
from model.reporting.abstaining import curve
from model.reporting.cases import by_label
from model.reporting.false_alarms import STRONG, false_positive_rates
from model.reporting.figures import group, label, worst
from model.reporting.findings import TITLE, facts, sections
from model.reporting.groups import groups
from model.reporting.page import html
from model.reporting.tables import plain
from model.rows import Row, targets, texts
from model.scoring import Progress, Scorer

WITHHELD = "Texts are shown of public data only, and these rows were not said to be public."

Logits = NDArray[np.float32]


def evaluate(
    scorer: Scorer,
    rows: Sequence[Row],
    clean: Sequence[Row] = (),
    public: bool = False,
    name: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Score labelled rows, and the `clean` ones assumed to carry no label, and assess the logits."""
    logits = scorer.score(texts(rows), progress=progress)
    plain_logits = scorer.score(texts(clean)) if clean else None
    about = {"data": name, "model": scorer.weights_hash}
    return {**about, **assess(scorer.calibration, logits, rows, plain_logits, public)}


def assess(
    calibration: Calibration,
    logits: Logits,
    rows: Sequence[Row],
    clean: Logits | None = None,
    public: bool = False,
) -> dict[str, Any]:
    """Everything about logits (n, 10) of n rows, ready for JSON; `clean` (m, 10) are of texts without any label.

    `labels` extends `evaluation.report`, `groups` holds that by language, length and source. The texts of `worst`
    mistakes are there only where the caller states that the rows are `public`.
    """
    gold = targets(rows)
    cases = by_label(calibration, logits, gold)
    before = by_label(UNCALIBRATED, logits, gold)
    figures, more = report(calibration, logits, gold), beside(calibration, logits, gold)
    return {
        "rows": len(rows),
        "labels": {
            name: {**figures[name], **more[name], **label(own, before[name])} for name, own in cases.items()
        },
        "groups": {
            kind: {one: group(calibration, logits[where], gold[where]) for one, where in members.items()}
            for kind, members in groups(rows).items()
        },
        "abstention": {name: curve(own) for name, own in cases.items()},
        "clean": None if clean is None or not len(clean) else _clean(calibration, clean),
        "worst": {name: worst(own, rows) for name, own in cases.items()} if public else WITHHELD,
    }


def write_report(folder: Path, findings: dict[str, Any]) -> None:
    """Write `report.json`, `report.txt` and `report.html` of `evaluate` into a folder, made where missing.

    BadInput where it cannot be written.
    """
    parts = sections(findings)
    pages = {
        "report.json": json.dumps(findings, indent=1, ensure_ascii=False) + "\n",
        "report.txt": plain(TITLE, facts(findings), parts),
        "report.html": html(findings, parts),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in pages.items():
            (folder / name).write_text(content, encoding="utf-8", errors="replace")
    except OSError as error:
        raise BadInput(f"The report cannot be written to {folder}: {error.strerror}.") from error


def _clean(calibration: Calibration, logits: Logits) -> dict[str, Any]:
    rates = false_positive_rates(calibration, logits)
    return {"rows": len(logits), "strong_from": STRONG, "rates": rates}
