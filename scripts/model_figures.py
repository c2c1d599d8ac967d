"""The figures of the shipped model on every file that the documentation speaks of, into docs/model/.

Writes the held-out figures into the shipped manifest, `figures.json` (what `python -m model evaluate --data FILE
--json` prints, for each file), the model card with all of them, and a full report of each file into the folder that is
named: `scripts/model_figures.py REPORTS`. Needs UNDERTONE_CORPORA.
"""

import json
import os
import sys
from datetime import date
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from model import card, checkpoint, fairness, rows, starter
from model.checkpoint import Manifest
from model.commands import evaluate
from model.decision import present, probabilities
from model.evaluation import report
from model.labels import EMOTIONS
from model.reporting.report import assess, write_report
from model.scoring import SHIPPED, Scorer

OUT = Path(__file__).parents[1] / "docs" / "model"
CORPORA = ("edurabsa", "goemotions", "umsab_multilingual", "senti4sd", "davidson", "tweeteval_sentiment")
FEWEST_ROWS = 20
"""Of a language, for a figure of its own."""
FACTS = ("data", "figures", "options", "seed", "steps", "epochs", "command", "parent", "versions")
"""What a manifest says that is not worked out when it is sealed."""


def main() -> int:
    """Measure and write; 1 when a fairness gap is too large to ship."""
    reports, corpora = Path(sys.argv[1]), Path(os.environ["UNDERTONE_CORPORA"])
    scorer = Scorer.load(exact=True)
    clean = [row for row in rows.read_jsonl(corpora / "cered" / "validation.jsonl") if row["lang"] == "en"]
    plain = scorer.score(rows.texts(clean))
    files = {part: starter.path(part) for part in starter.HELD_OUT}
    files |= {name: corpora / name / "validation.jsonl" for name in CORPORA}
    found = {name: measure(scorer, name, path, plain, reports) for name, path in files.items()}
    gaps = fairness.run(scorer)
    table = fairness.markdown(gaps)
    (reports / "fairness.md").write_text(table + "\n" + "\n".join(fairness.blocked(gaps)))
    printed = {name: own["printed"]["labels"] for name, own in found.items()}
    manifest = with_heldout(scorer.manifest, printed["heldout"])
    shown = {name: with_errors(own) for name, own in found.items()}
    (OUT / "card.md").write_text(card.markdown(manifest, shown, table), encoding="utf-8")
    alarms = present(scorer.calibration, probabilities(scorer.calibration, plain)).mean(axis=0)
    write(
        "figures.json",
        {
            "weights_hash": scorer.weights_hash,
            "measured": date.today().isoformat(),
            "figures": found,
            "false_alarms": {"rows": len(clean), **dict(zip(EMOTIONS, alarms.tolist(), strict=True))},
            "toxicity_of_civil_texts": toxicity_of_civil_texts(scorer),
            "fairness": table,
        },
    )
    return int(bool(fairness.blocked(gaps)))


def toxicity_of_civil_texts(scorer: Scorer) -> dict[str, int]:
    """How many held-out starter texts are not toxic, and of how many of them it is said."""
    civil = [row for part in starter.HELD_OUT for row in starter.load(part) if not row["labels"]["toxicity"]]
    said = present(scorer.calibration, probabilities(scorer.calibration, scorer.score(rows.texts(civil))))
    return {"rows": len(civil), "wrong": int(said[:, EMOTIONS.index("toxicity")].sum())}


def with_errors(own: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The printed figures of a file with the calibration error of each label."""
    return {
        label: {**figures, "ece": own["calibration_error"][label]}
        for label, figures in own["printed"]["labels"].items()
    }


def with_heldout(manifest: Manifest, figures: dict[str, Any]) -> Manifest:
    """Write the held-out figures into the shipped manifest, for the page that shows the first model."""
    facts = {name: getattr(manifest, name) for name in FACTS}
    return checkpoint.seal(SHIPPED, manifest.kind, manifest.base, heldout=figures, **facts)


def measure(scorer: Scorer, name: str, path: Path, plain: Any, reports: Path) -> dict[str, Any]:
    """One file: the command that prints the figures, the figures, their intervals."""
    gold = rows.read_jsonl(path)
    logits = scorer.score(rows.texts(gold))
    figures = report(scorer.calibration, logits, rows.targets(gold))
    assessed = assess(scorer.calibration, logits, gold, plain, public=True)
    write_report(reports / name, {"data": path.name, "model": scorer.weights_hash, **assessed})
    exact = evaluate.exact(scorer.calibration, logits, rows.targets(gold))
    print(name, json.dumps(exact), flush=True)
    inside = path.is_relative_to(OUT.parents[1])
    shown = path.relative_to(OUT.parents[1]) if inside else Path("$UNDERTONE_CORPORA") / name / path.name
    return {
        "command": f"python -m model evaluate --data {shown} --json",
        "printed": {"rows": len(gold), "labels": exact},
        "positives": positives(gold),
        "calibration_error": {label: own["ece"] for label, own in figures.items()},
        "calibration_by_chance": {label: own["ece_by_chance"] for label, own in assessed["labels"].items()},
        "by_language": by_language(scorer, logits, gold),
        "intervals": {label: own.get("intervals") for label, own in assessed["labels"].items()},
    }


def by_language(scorer: Scorer, logits: Any, gold: list[rows.Row]) -> dict[str, float]:
    """Mean F1 of the labels (macro-F1 for sentiment) by language, where there are several of enough rows."""
    spoken = np.array([row["lang"] for row in gold])
    names = [name for name in sorted(set(spoken.tolist())) if (spoken == name).sum() >= FEWEST_ROWS]
    scored = {
        one: report(scorer.calibration, logits[spoken == one], rows.targets(gold)[spoken == one])
        for one in names
    }
    return {one: mean(of_labels(own).values()) for one, own in scored.items()} if len(names) > 1 else {}


def positives(gold: list[rows.Row]) -> dict[str, int]:
    """How many rows carry each label; of sentiment, how many are annotated."""
    found = rows.targets(gold)
    counts = {label: int((found[:, 1 + number] == 1).sum()) for number, label in enumerate(EMOTIONS)}
    return {"sentiment": int((found[:, 0] != rows.MASK).sum()), **counts}


def of_labels(figures: dict[str, Any]) -> dict[str, float]:
    """The one number that stands for each label: F1, of sentiment macro-F1."""
    return {label: own["macro_f1" if label == "sentiment" else "f1"] for label, own in figures.items()}


def write(name: str, value: Any) -> None:
    """One JSON file of the documentation."""
    (OUT / name).write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
