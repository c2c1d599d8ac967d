"""Which rows train a model and which calibrate it: starter corpus, public corpora, a CSV file.

One text in eight of the students' own rows is kept for calibration and thresholds. Of the public corpora,
one in twenty is kept; of these only toxicity calibrates a model that also has students' rows, since tweets
are the only texts with enough of it. The held-out part and the validation files are never among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from model import corpora, spreadsheets, starter
from model.errors import BadInput
from model.rows import Row

STUDENT_DEV = 8
PUBLIC_DEV = 20
STUDENT_REPEATS = 3
CALIBRATING = ("davidson", "cered")


@dataclass
class Rows:
    """Training and development rows."""

    train: list[Row] = field(default_factory=list)
    dev: list[Row] = field(default_factory=list)


def gather(
    use_starter: bool, names: Sequence[str], folder: Path | None, sheet: Path | None, seed: int
) -> Rows:
    """Rows from every named source; raises as the sources do, BadInput when there is none."""
    rows = Rows()
    if use_starter:
        _add_students(rows, [{**row, "corpus": "starter"} for row in starter.load("train")])
    if sheet is not None:
        _add_students(rows, spreadsheets.labelled(sheet))
    calibrating = CALIBRATING if rows.dev else tuple(names)
    for name in names:
        train, dev = corpora.split(corpora.sample(name, corpora.load(name, folder), seed), PUBLIC_DEV)
        rows.train += train
        rows.dev += dev if name in calibrating else []
    if not rows.train:
        raise BadInput("There is nothing to train on: no starter corpus, no corpora, no CSV file.")
    return rows


def _add_students(rows: Rows, own: list[Row]) -> None:
    train, dev = corpora.split(own, STUDENT_DEV)
    rows.train += train * STUDENT_REPEATS
    rows.dev += dev
