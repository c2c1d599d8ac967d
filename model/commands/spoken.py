"""Which languages a training is in: those of what it goes on from, those that are asked for, those of a CSV file."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from model.languages import TOLD_APART, UNDETERMINED, covered, detect

if TYPE_CHECKING:
    from model.rows import Row

MANY = 0.1
"""The share of a file's rows from which another language in them is worth a word."""


def replayed(named: str | None, base: str | None, start_from: Path | None, onward: bool) -> tuple[str, ...]:
    """The languages of starter and public rows: those named, by default all of the base or of `start_from`.

    A training that goes `onward` with a file repeats every language that it began with, so that none is forgotten.
    """
    from model import backbones, checkpoint, network

    wanted = tuple(code.strip() for code in named.split(",")) if named else ()
    if start_from is None:
        return wanted or backbones.languages_of(base)
    checkpoint.verify(start_from)
    before = network.languages(start_from)
    return tuple(sorted({*before, *wanted})) if onward else wanted or before


def added(rows: "list[Row]", old: tuple[str, ...]) -> tuple[str, ...]:
    """The languages that the rows state beside the old ones and that are learnt too; says so, and what they lack."""
    from model import spreadsheets

    stated = spreadsheets.languages(rows)
    new = {code: count for code, count in sorted(stated.items()) if code not in old}
    if new:
        told = ", ".join(f"{code} ({count} of your rows)" for code, count in new.items())
        click.echo(f"Languages that are learnt beside {', '.join(old)}: {told}.", err=True)
    if hidden := sorted(new.keys() - TOLD_APART):
        click.echo(
            f"Texts in {', '.join(hidden)} cannot be told from others here, so many of them will not be scored.",
            err=True,
        )
    _tell_unstated(rows, (*old, *new))
    return tuple(new)


def _tell_unstated(rows: "list[Row]", learnt: tuple[str, ...]) -> None:
    """That many rows which state no language look like one that will not be scored."""
    seen = Counter(detect(row["text"]) for row in rows if row["lang"] == UNDETERMINED)
    for code, count in seen.items():
        if not covered(code, learnt) and count >= MANY * len(rows):
            click.echo(
                f"{count} of your rows look like {code}, which the model would learn from and then not score: "
                f"add a column lang with {code} in it, or --languages {code}.",
                err=True,
            )
