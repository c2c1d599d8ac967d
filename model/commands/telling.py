"""What every command shares: errors and a stop in one line, a progress bar, the option that names a checkpoint."""

import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from model.errors import ModelError

if TYPE_CHECKING:
    from model.spreadsheets import Sheet

FilePath = click.Path(path_type=Path)
FIRST_FAULTS = 10
MOST_NAMES = 200
STOPPED = "Stopped before it was done."
WHICH = "Checkpoint directory; the shipped one by default."

which_model = click.option("--model", "checkpoint", type=FilePath, help=WHICH)


class Terminated(KeyboardInterrupt):
    """SIGTERM, which by itself would end a process without clearing its temporary folders away."""


def terminate(*_: object) -> None:
    """Take SIGTERM as Ctrl-C is taken."""
    raise Terminated


class Stoppable(click.Group):
    """Commands that a signal ends in one line on standard error, with the exit status that shells give it."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            after_a_bar = "\n" if sys.stderr.isatty() else ""
            click.echo(f"{after_a_bar}{STOPPED}", err=True)
            number = signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT
            ctx.exit(128 + number)


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


def tell_faults(sheet: "Sheet", outcome: str) -> None:
    """How many rows of a CSV file cannot be used, on standard error, and the first of them by line."""
    from model.records import NOT_UTF8

    faults = sheet.faults()
    if not faults:
        return
    click.echo(f"{len(faults)} of {len(sheet.rows)} rows cannot be read and are {outcome}:", err=True)
    for row in faults[:FIRST_FAULTS]:
        click.echo(f"  line {row.line}: {row.fault}", err=True)
    if len(faults) > FIRST_FAULTS:
        click.echo(f"  and {len(faults) - FIRST_FAULTS} more", err=True)
    if any(row.fault == NOT_UTF8 for row in faults):
        click.echo("  Saved as CSV UTF-8, a spreadsheet keeps its accents.", err=True)


def tell_sheet(path: Path) -> None:
    """What of a labelled CSV file is left out, on standard error: rows, blank texts, columns."""
    from model import spreadsheets

    sheet = spreadsheets.read(path)
    tell_faults(sheet, "left out")
    if blank := sheet.blank():
        click.echo(f"{blank} of {len(sheet.rows)} rows have no text and are left out.", err=True)
    if unused := spreadsheets.unused(sheet):
        click.echo(f"Columns that are not used: {', '.join(unused)[:MOST_NAMES]}.", err=True)


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
