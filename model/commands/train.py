"""`train` and `corpora`: from labelled rows to a checkpoint."""

import math
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.commands.spoken import added, replayed
from model.commands.telling import Bar, FilePath, tell_sheet, telling_errors
from model.errors import BadInput, MissingCorpus

if TYPE_CHECKING:
    from model.epochs import Epoch
    from model.recipe import Rows

SHEET_EPOCHS = 8.0
SHEET_PATIENCE = 2
HIGHEST_RATE = 1e-3
"""Of learning; a pretrained encoder forgets all it knows not far above the usual ones."""


class Finite(click.FloatRange):
    """A range without what is no number, which click finds neither below nor above any bound."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; a usage error for one that is infinite or none."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


positive = Finite(min=0, min_open=True)


@click.command()
@click.option(
    "--out", type=FilePath, help="New directory for the checkpoint.  [default: the CSV's name and -model]"
)
@click.option("--starter/--no-starter", "use_starter", default=True, help="Train on the starter corpus.")
@click.option(
    "--parts", default=None, help="Parts of the starter corpus to train on, comma-separated.  [default: all]"
)
@click.option("--corpora", "names", default=None, help="Public corpora, comma-separated; all or none.")
@click.option(
    "--corpora-folder", type=FilePath, envvar="UNDERTONE_CORPORA", help="Folder in which these corpora lie."
)
@click.option(
    "--licence", type=click.Choice(["permissive", "any"]), default="permissive", help="Of the public corpora."
)
@click.option("--csv", "sheet", type=FilePath, help="Your own labelled rows: goes on from the shipped model.")
@click.option("--from", "start_from", type=FilePath, help="Checkpoint directory to go on from.")
@click.option("--fresh", is_flag=True, help="With --csv: begin at the encoder, not at the shipped model.")
@click.option("--base", default=None, help="Packaged encoder, directory or hub id.")
@click.option(
    "--languages",
    default=None,
    help="Comma-separated; by default all of the base or of the model that is gone on from, and those of the CSV.",
)
@click.option(
    "--epochs",
    type=positive,
    default=None,
    help="Passes over the rows.  [default: at most 8 with --csv, else 3]",
)
@click.option(
    "--patience",
    type=click.IntRange(min=0),
    default=None,
    help="End after so many epochs without a better one.  [default: 2 with --csv]",
)
@click.option(
    "--learning-rate",
    type=Finite(min=0, max=HIGHEST_RATE, min_open=True),
    default=None,
    help="Size of the steps.  [default: 8e-5]",
)
@click.option(
    "--batch-size", type=click.IntRange(min=1), default=None, help="Texts of one step.  [default: 16]"
)
@click.option(
    "--max-length",
    type=click.IntRange(min=8),
    default=None,
    help="Tokens of a text that train; the rest of it does not.  [default: 128]",
)
@click.option("--max-seconds", type=Finite(min=1), default=None, help="Stop training after so many seconds.")
@click.option(
    "--frozen-layers", type=click.IntRange(min=0), default=None, help="Lowest layers that do not learn."
)
@click.option(
    "--dropout",
    type=Finite(0, 1, max_open=True),
    default=None,
    help="Share of values that fall out in training.  [default: 0.1]",
)
@click.option("--rank", type=click.IntRange(min=1), default=None, help="Size of the adapter.  [default: 64]")
@click.option("--full", is_flag=True, help="Train all weights instead of an adapter.")
@click.option("--bf16", is_flag=True, help="Train in bfloat16 where the processor is quick at it.")
@click.option(
    "--seed", type=int, default=None, help="The same seed and rows give the same order.  [default: 7]"
)
@click.option(
    "--threads", type=click.IntRange(min=1), default=None, help="Processor cores to use.  [default: all]"
)
@telling_errors
def train(
    out: Path | None,
    use_starter: bool,
    parts: str | None,
    names: str | None,
    corpora_folder: Path | None,
    licence: str,
    sheet: Path | None,
    start_from: Path | None,
    fresh: bool,
    languages: str | None,
    **given: Any,
) -> None:
    """Fine-tune and calibrate; writes a checkpoint directory.

    With --csv the shipped model learns from your rows, with as many starter rows mixed in so that it forgets nothing;
    every epoch is measured on rows kept apart, and the best one is kept.
    """
    from model import recipe, spreadsheets
    from model.reporting.epochs import draw
    from model.scoring import SHIPPED
    from model.training import TrainingOptions, fine_tune

    out = out or _beside(sheet)
    if sheet is not None and not fresh and start_from is None:
        start_from = SHIPPED
    chosen = {name: value for name, value in given.items() if value is not None}
    if sheet is not None:
        chosen = {"epochs": SHEET_EPOCHS, "patience": SHEET_PATIENCE, **chosen}
    if sheet is not None and start_from is not None and (names or parts or given["base"]):
        raise BadInput(
            "--parts, --corpora and --base are not for a CSV that goes on from a model: add --fresh."
        )
    spoken = replayed(languages, given["base"], start_from, onward=sheet is not None)
    new: tuple[str, ...] = ()
    if sheet is not None:
        new = added(spreadsheets.labelled(sheet), spoken)
        tell_sheet(sheet)
    options = TrainingOptions(command=typed(), languages=(*spoken, *new), **chosen)
    if sheet is not None and start_from is not None:
        rows = recipe.with_replay(sheet, spoken if use_starter else (), options.seed)
    else:
        learnt = learnt_parts(parts) if use_starter else ()
        public = public_corpora(names, corpora_folder, licence)
        rows = recipe.gather(use_starter, public, corpora_folder, sheet, options.seed, spoken, learnt)
        _tell_licences(public)
    _tell_rows(rows, sheet)
    manifest = fine_tune(rows.train, rows.dev, start_from, out, options, Bar("training"), _tell)
    click.echo(f"{out}: weights {manifest.weights_hash}")
    if manifest.epochs:
        click.echo(f"{draw(manifest.epochs, out)}: loss and F1 by epoch")


def _tell_rows(rows: "Rows", sheet: Path | None) -> None:
    whose = f"csv:{sheet.name}" if sheet is not None else None
    train, dev = (sum(row.get("corpus") == whose for row in part) for part in (rows.train, rows.dev))
    yours = (f" ({train} of them yours)", f" ({dev} of them yours)") if sheet is not None else ("", "")
    click.echo(
        f"Training on {len(rows.train)} rows{yours[0]}, measuring on {len(rows.dev)} others{yours[1]}.",
        err=True,
    )


def _tell_licences(public: tuple[str, ...]) -> None:
    from model.corpora import known, stated

    for name in public:
        click.echo(f"{name}: {stated(known(name))}", err=True)


def learnt_parts(parts: str | None) -> tuple[str, ...]:
    """The named parts of the starter corpus; one that only calibrates or is held out never trains."""
    from model.starter import LEARNT

    chosen = LEARNT if parts is None else tuple(parts.split(","))
    for part in chosen:
        if part not in LEARNT:
            raise BadInput(
                f"{part!r} is no part of the starter corpus that trains; those are {', '.join(LEARNT)}."
            )
    return chosen


def _beside(sheet: Path | None) -> Path:
    if sheet is None:
        raise BadInput("Name the new directory with --out.")
    return sheet.with_suffix("").with_name(f"{sheet.stem}-model")


def typed() -> str:
    """The command as it was given, without the folders of this machine; a hub id is none."""
    return "python -m model " + shlex.join(map(_without_folders, sys.argv[1:]))


def _without_folders(word: str) -> str:
    option, joint, value = word.partition("=") if word.startswith("--") else ("", "", word)
    is_place = value.startswith(("/", "./", "../", "~")) or Path(value).exists()
    return option + joint + (Path(value).name if is_place else value)


def _tell(epoch: "Epoch") -> None:
    labels = "  ".join(f"{name} {score:.2f}" for name, score in epoch.per_label_f1.items())
    click.echo(
        f"epoch {epoch.number}: training loss {epoch.train_loss:.3f}, loss {epoch.loss:.3f}, "
        f"macro-F1 {epoch.macro_f1:.3f}  ({labels})",
        err=True,
    )


def public_corpora(names: str | None, folder: Path | None, licence: str) -> tuple[str, ...]:
    """The corpora to train on: those named, else all when a folder is set, else none, which is said."""
    from model.corpora import CORPORA, TRAINING

    if names == "none":
        return ()
    if names is None and folder is None:
        click.echo("UNDERTONE_CORPORA is not set: training without public corpora.", err=True)
        return ()
    everything = tuple(CORPORA) if (names, licence) == ("all", "any") else TRAINING
    chosen = everything if names in (None, "all") else tuple(str(names).split(","))
    refused = [name for name in chosen if name in CORPORA and not CORPORA[name].permissive]
    if refused and licence == "permissive":
        raise MissingCorpus(
            f"{refused[0]} may not train what is shared ({CORPORA[refused[0]].licence}); --licence any allows it."
        )
    return chosen


@click.command()
@click.option(
    "--licence",
    type=click.Choice(["permissive", "any"]),
    default="any",
    help="Only those that may train what is shipped, or all.",
)
def corpora(licence: str) -> None:
    """List the public corpora with their licences."""
    from model.corpora import licences

    click.echo(licences(licence))
