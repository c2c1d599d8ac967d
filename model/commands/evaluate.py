"""`evaluate`: figures of a checkpoint on labelled rows, and a report of them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.commands.telling import Bar, FilePath, tell_sheet, telling_errors, which_model
from model.labels import EMOTIONS

if TYPE_CHECKING:
    from model.decision import Calibration
    from model.evaluation import Gold
    from model.rows import Row
    from model.scoring import Logits, Scorer

CLEAN = "JSON lines of texts that carry no label, for false alarms; in other languages they are left out."
CALIBRATED = ("ece", "ece_by_chance")
AT_PREVALENCE = ("prevalence", "precision_at_prevalence", "recall")
EXACT = {
    "sentiment": ("macro_f1", "accuracy", *CALIBRATED, "support"),
    **dict.fromkeys(
        EMOTIONS, ("f1", "macro_f1", "average_precision", "auc", *CALIBRATED, *AT_PREVALENCE, "support")
    ),
}


@click.command()
@click.option("--data", type=FilePath, required=True, help="CSV as for training, or JSON lines.")
@which_model
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--report", "folder", type=FilePath, help="Folder for report.json, report.txt and report.html.")
@click.option("--public", is_flag=True, help="The rows are public: the report may show their texts.")
@click.option("--clean", type=FilePath, help=CLEAN)
@telling_errors
def evaluate(
    data: Path, checkpoint: Path | None, as_json: bool, folder: Path | None, public: bool, clean: Path | None
) -> None:
    """Figures per label, each over the rows that carry it; abstention is off."""
    from model import rows, spreadsheets
    from model.integrity.placing import require_folder
    from model.reporting.report import assess, write_report
    from model.scoring import Scorer

    if folder is not None:
        require_folder(folder)
    if data.suffix.lower() == ".csv":
        gold = spreadsheets.labelled(data)
        tell_sheet(data)
    else:
        gold = rows.read_jsonl(data)
    unlabelled = rows.read_jsonl(clean) if clean else []
    scorer = Scorer.load(checkpoint, exact=True)
    if clean:
        unlabelled = _covered(unlabelled, scorer, clean)
    logits = scorer.score(rows.texts(gold), progress=Bar("scoring"))
    _show(_parts(scorer.calibration, logits, gold), as_json)
    if folder is not None:
        plain = scorer.score(rows.texts(unlabelled), progress=Bar("clean texts")) if unlabelled else None
        found = assess(scorer.calibration, logits, gold, plain, public)
        write_report(folder, {"data": data.name, "model": scorer.weights_hash, **found})
        click.echo(f"{folder / 'report.html'}", err=True)


def _covered(unlabelled: "list[Row]", scorer: "Scorer", path: Path) -> "list[Row]":
    """Those in languages that the model covers; how many are not is said."""
    from model import annotate

    known = annotate.learnt(scorer)
    kept = [row for row in unlabelled if annotate.covered(row["text"], str(row["lang"]), known)]
    left = len(unlabelled) - len(kept)
    click.echo(
        f"{path}: {len(unlabelled)} rows read, {left} left out in languages that the model does not cover.",
        err=True,
    )
    return kept


def _parts(calibration: "Calibration", logits: "Logits", gold: "list[Row]") -> dict[str, dict[str, Any]]:
    """Figures of all rows, under "", and where some are written to mislead of these and of the others."""
    from model.reporting.groups import groups
    from model.rows import targets

    truth = targets(gold)
    wanted = {"": list(range(len(gold))), **groups(gold).get("wording", {})}
    return {
        name: {"rows": len(where), "labels": exact(calibration, logits[where], truth[where])}
        for name, where in wanted.items()
    }


def _show(parts: dict[str, dict[str, Any]], as_json: bool) -> None:
    from model.card import table

    if not as_json:
        told = [
            f"{part['rows']} rows {name}".rstrip() + f"\n{table(part['labels'])}"
            for name, part in parts.items()
        ]
        click.echo("\n\n".join(told))
        return
    everything = parts[""]
    wording = {name: part for name, part in parts.items() if name}
    click.echo(json.dumps({**everything, **({"wording": wording} if wording else {})}))


def exact(calibration: "Calibration", logits: "Logits", gold: "Gold") -> dict[str, dict[str, Any]]:
    """What is printed of each label that some row carries: logits (n, 10), gold (n, 8)."""
    from model.evaluation import beside, report

    more = beside(calibration, logits, gold)
    found = {name: {**own, **more[name]} for name, own in report(calibration, logits, gold).items()}
    return {name: {key: own[key] for key in EXACT[name]} for name, own in found.items()}
