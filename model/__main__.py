"""`python -m model train|evaluate|score|export|card`.

What is wrong with a file or a checkpoint is told in one line on standard error, with exit status 2 and
nothing written.
"""

import json
import os
import shlex
import sys
import warnings
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from model.errors import MissingCorpus, ModelError
from model.labels import EMOTIONS

FilePath = click.Path(path_type=Path)
WHICH = "Checkpoint directory; the shipped one by default."
EXACT = {
    "sentiment": ("macro_f1", "accuracy", "support"),
    **dict.fromkeys(EMOTIONS, ("f1", "macro_f1", "average_precision", "auc", "support")),
}


class Refusal(click.ClickException):
    """A ModelError as a command-line failure."""

    exit_code = 2


def telling_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Turn a ModelError into one line and exit status 2."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except ModelError as error:
            raise Refusal(error.words) from error

    return wrapped


class Bar:
    """A tqdm bar as a progress call; silent where standard error is not a terminal."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        if self.bar is None:
            self.bar = tqdm(total=total, desc=self.title, disable=None)
        self.bar.update(done - self.bar.n)
        if done >= total:
            self.bar.close()


@click.group()
def main() -> None:
    """Train, evaluate and use the classifier."""
    warnings.filterwarnings("ignore")


@main.command()
@click.option("--out", type=FilePath, required=True, help="New directory for the checkpoint.")
@click.option("--starter/--no-starter", "use_starter", default=True, help="Train on the starter corpus.")
@click.option("--corpora", "names", default=None, help="Public corpora, comma-separated; all or none.")
@click.option("--corpora-folder", type=FilePath, envvar="UNDERTONE_CORPORA", help="Where they lie.")
@click.option("--csv", "sheet", type=FilePath, help="Your own labelled rows.")
@click.option("--from", "start_from", type=FilePath, help="Checkpoint directory to go on from.")
@click.option("--epochs", type=click.FloatRange(min=0, min_open=True), default=None)
@click.option("--learning-rate", type=click.FloatRange(min=0, min_open=True), default=None)
@click.option("--max-seconds", type=click.FloatRange(min=1), default=None, help="Time box for the steps.")
@click.option("--seed", type=int, default=None)
@click.option("--full", is_flag=True, help="Train all weights instead of an adapter.")
@click.option("--bf16", is_flag=True, help="Train in bfloat16 where the processor is quick at it.")
@click.option("--base", default=None, help="Packaged encoder, directory or hub id.")
@click.option("--threads", type=click.IntRange(min=1), default=None)
@telling_errors
def train(
    out: Path,
    use_starter: bool,
    names: str | None,
    corpora_folder: Path | None,
    sheet: Path | None,
    start_from: Path | None,
    **given: Any,
) -> None:
    """Fine-tune and calibrate; writes a checkpoint directory."""
    from model import recipe
    from model.training import TrainingOptions, fine_tune

    command = "python -m model " + shlex.join(Path(own).name if "/" in own else own for own in sys.argv[1:])
    chosen = {name: value for name, value in given.items() if value is not None}
    options = TrainingOptions(command=command, **chosen)
    corpora_chosen = _corpora(names, corpora_folder)
    rows = recipe.gather(use_starter, corpora_chosen, corpora_folder, sheet, options.seed)
    click.echo(f"Training on {len(rows.train)} rows, calibrating on {len(rows.dev)}.", err=True)
    manifest = fine_tune(rows.train, rows.dev, start_from, out, options, Bar("training"))
    click.echo(f"{out}: weights {manifest.weights_hash}")


def _corpora(names: str | None, folder: Path | None) -> tuple[str, ...]:
    """The corpora to train on: those named, else all when a folder is set, else none, which is said."""
    from model.corpora import TRAINING

    if names == "none":
        return ()
    if names is None and folder is None:
        click.echo("UNDERTONE_CORPORA is not set: training without public corpora.", err=True)
        return ()
    if folder is None:
        raise MissingCorpus("Public corpora are named but UNDERTONE_CORPORA is not set.")
    return TRAINING if names in (None, "all") else tuple(str(names).split(","))


@main.command()
@click.option("--data", type=FilePath, required=True, help="JSON lines with text, lang and labels.")
@click.option("--model", "checkpoint", type=FilePath, help=WHICH)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@telling_errors
def evaluate(data: Path, checkpoint: Path | None, as_json: bool) -> None:
    """Figures per label, each over the rows that carry it."""
    from model import rows
    from model.card import table
    from model.evaluation import report
    from model.scoring import Scorer

    gold = rows.read_jsonl(data)
    scorer = Scorer.load(checkpoint)
    figures = report(
        scorer.calibration, scorer.score(rows.texts(gold), progress=Bar("scoring")), rows.targets(gold)
    )
    if as_json:
        exact = {name: {key: own[key] for key in EXACT[name]} for name, own in figures.items()}
        click.echo(json.dumps({"rows": len(gold), "labels": exact}))
    else:
        click.echo(f"{len(gold)} rows\n{table(figures)}")


@main.command()
@click.option("--in", "source", type=FilePath, required=True, help="CSV with a text column.")
@click.option("--out", type=FilePath, required=True, help="CSV to write: the same with a column per label.")
@click.option("--model", "checkpoint", type=FilePath, help=WHICH)
@click.option("--probabilities", is_flag=True, help="Also a column p_LABEL for each of the ten outputs.")
@telling_errors
def score(source: Path, out: Path, checkpoint: Path | None, probabilities: bool) -> None:
    """Add the sentiment and a 0/1 column per label; rows in another language stay empty, with the reason."""
    from model import annotate, spreadsheets
    from model.scoring import Scorer

    sheet = spreadsheets.read(source)
    columns = annotate.columns(probabilities)
    annotate.check_free(sheet.header, columns)
    added = annotate.cells(Scorer.load(checkpoint), sheet.column("text"), probabilities, Bar("scoring"))
    rows = [old + new for old, new in zip(sheet.rows, added, strict=True)]
    spreadsheets.write(out, [*sheet.header, *columns], rows)
    click.echo(f"{out}: {len(sheet.rows)} rows")


@main.command()
@click.option("--out", type=FilePath, required=True, help="New directory.")
@click.option("--model", "checkpoint", type=FilePath, help=WHICH)
@telling_errors
def export(out: Path, checkpoint: Path | None) -> None:
    """Write a plain directory for a stock text-classification pipeline."""
    from model.export import export as write

    click.echo(f"{write(checkpoint, out)}: loads in pipeline('text-classification', top_k=None)")


@main.command()
@click.option("--model", "checkpoint", type=FilePath, help=WHICH)
@telling_errors
def card(checkpoint: Path | None) -> None:
    """Print the model card."""
    from model.card import markdown
    from model.checkpoint import verify
    from model.scoring import SHIPPED

    click.echo(markdown(verify(checkpoint or SHIPPED)), nl=False)


if __name__ == "__main__":
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    main(prog_name="python -m model")
