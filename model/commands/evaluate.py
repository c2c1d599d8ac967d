"""`evaluate`: figures of a checkpoint on labelled rows, and a report of them."""

import json
from pathlib import Path

import click

from model.commands.telling import Bar, FilePath, telling_errors, which_model
from model.labels import EMOTIONS

EXACT = {
    "sentiment": ("macro_f1", "accuracy", "support"),
    **dict.fromkeys(EMOTIONS, ("f1", "macro_f1", "average_precision", "auc", "support")),
}


@click.command()
@click.option("--data", type=FilePath, required=True, help="CSV as for training, or JSON lines.")
@which_model
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--report", "folder", type=FilePath, help="Folder for report.json, report.txt and report.html.")
@click.option("--public", is_flag=True, help="The rows are public: the report may show their texts.")
@click.option("--clean", type=FilePath, help="JSON lines of texts that carry no label, for false alarms.")
@telling_errors
def evaluate(
    data: Path, checkpoint: Path | None, as_json: bool, folder: Path | None, public: bool, clean: Path | None
) -> None:
    """Figures per label, each over the rows that carry it; abstention is off."""
    from model import rows, spreadsheets
    from model.card import table
    from model.evaluation import report
    from model.reporting.report import assess, write_report
    from model.scoring import Scorer

    gold = spreadsheets.labelled(data) if data.suffix.lower() == ".csv" else rows.read_jsonl(data)
    unlabelled = rows.read_jsonl(clean) if clean else []
    scorer = Scorer.load(checkpoint)
    logits = scorer.score(rows.texts(gold), progress=Bar("scoring"))
    figures = report(scorer.calibration, logits, rows.targets(gold))
    if as_json:
        exact = {name: {key: own[key] for key in EXACT[name]} for name, own in figures.items()}
        click.echo(json.dumps({"rows": len(gold), "labels": exact}))
    else:
        click.echo(f"{len(gold)} rows\n{table(figures)}")
    if folder is not None:
        plain = scorer.score(rows.texts(unlabelled), progress=Bar("clean texts")) if unlabelled else None
        found = assess(scorer.calibration, logits, gold, plain, public)
        write_report(folder, {"data": data.name, "model": scorer.weights_hash, **found})
        click.echo(f"{folder / 'report.html'}", err=True)
