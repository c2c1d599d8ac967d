"""The figures of the shipped model on every file that the documentation speaks of, into docs/model/.

Writes `figures.json` (what `python -m model evaluate --data FILE --json` prints, for each file), and a full report of
each file into the folder that is named: `scripts/model_figures.py REPORTS`. Needs UNDERTONE_CORPORA.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from model import fairness, rows, starter
from model.commands.evaluate import EXACT
from model.evaluation import report
from model.reporting.report import assess, write_report
from model.scoring import Scorer

OUT = Path(__file__).parents[1] / "docs" / "model"
CORPORA = ("edurabsa", "goemotions", "umsab_multilingual", "senti4sd", "davidson", "tweeteval_sentiment")
INTERVALS = 1000


def main() -> None:
    """Measure and write."""
    reports, corpora = Path(sys.argv[1]), Path(os.environ["UNDERTONE_CORPORA"])
    scorer = Scorer.load()
    clean = [row for row in rows.read_jsonl(corpora / "cered" / "validation.jsonl") if row["lang"] == "en"]
    plain = scorer.score(rows.texts(clean))
    files = {part: starter.path(part) for part in ("heldout", "multilingual_heldout")}
    files |= {name: corpora / name / "validation.jsonl" for name in CORPORA}
    found = {name: measure(scorer, name, path, plain, reports) for name, path in files.items()}
    gaps = fairness.run(scorer)
    (reports / "fairness.md").write_text(fairness.markdown(gaps) + "\n" + "\n".join(fairness.blocked(gaps)))
    write("figures.json", {"weights_hash": scorer.weights_hash, "figures": found})


def measure(scorer: Scorer, name: str, path: Path, plain: Any, reports: Path) -> dict[str, Any]:
    """One file: the command that prints the figures, the figures, their intervals."""
    gold = rows.read_jsonl(path)
    logits = scorer.score(rows.texts(gold))
    figures = report(scorer.calibration, logits, rows.targets(gold))
    assessed = assess(scorer.calibration, logits, gold, plain, public=True)
    write_report(reports / name, {"data": path.name, "model": scorer.weights_hash, **assessed})
    exact = {label: {key: own[key] for key in EXACT[label]} for label, own in figures.items()}
    print(name, json.dumps(exact), flush=True)
    inside = path.is_relative_to(OUT.parents[1])
    shown = path.relative_to(OUT.parents[1]) if inside else Path("$UNDERTONE_CORPORA") / name / path.name
    return {
        "command": f"python -m model evaluate --data {shown} --json",
        "printed": {"rows": len(gold), "labels": exact},
        "calibration_error": {label: own["ece"] for label, own in figures.items()},
        "intervals": {label: own.get("intervals") for label, own in assessed["labels"].items()},
    }


def write(name: str, value: Any) -> None:
    """One JSON file of the documentation."""
    (OUT / name).write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
