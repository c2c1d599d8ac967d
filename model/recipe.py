"""Which rows train a model and which calibrate it: starter corpus, public corpora, a CSV file.

One text in eight of the students' own rows is kept for calibration and thresholds, and one in twenty of the public
corpora for calibration. The held-out parts and the validation files are never among them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from model import corpora, spreadsheets, starter
from model.errors import BadInput
from model.labels import EMOTIONS
from model.rows import Row

STUDENT_DEV = 8
PUBLIC_DEV = 20
STUDENT_REPEATS = 3
RATHER = 2.5
"""How many times sooner a row that carries a label is in a sample."""
FEWEST_DEV = 200
"""Starter rows that at least help a small CSV file's own to calibrate."""


@dataclass
class Rows:
    """Training and development rows."""

    train: list[Row] = field(default_factory=list)
    dev: list[Row] = field(default_factory=list)


def gather(
    use_starter: bool,
    names: Sequence[str],
    folder: Path | None,
    sheet: Path | None,
    seed: int,
    languages: Iterable[str] = ("en",),
    parts: Iterable[str] = starter.LEARNT,
) -> Rows:
    """Rows in the given languages from every named source, of the starter corpus from these of its learnt `parts`.

    Raises as the sources do, BadInput when there is none.
    """
    rows, wanted = Rows(), set(languages)
    if use_starter:
        _add_students(rows, students(wanted, parts))
        rows.dev += by_strangers(wanted)
    if sheet is not None:
        _add_students(rows, spreadsheets.labelled(sheet))
    for name in names:
        own = corpora.load(name, folder, languages=wanted & set(corpora.known(name).languages))
        train, dev = corpora.split(corpora.sample(name, own, seed), PUBLIC_DEV)
        rows.train += train
        rows.dev += dev
    if not rows.train:
        raise BadInput("There is nothing to train on: no starter corpus, no corpora, no CSV file.")
    return rows


def with_replay(sheet: Path, languages: Iterable[str], seed: int) -> Rows:
    """A CSV file's rows and as many starter rows in these languages, so that what the file lacks is not forgotten."""
    own = spreadsheets.labelled(sheet)
    rows = Rows(*corpora.split(own, STUDENT_DEV))
    learnt, apart = corpora.split(students(languages), STUDENT_DEV)
    rows.train += corpora.shuffled(learnt, seed)[: len(rows.train)]
    rows.dev += corpora.shuffled(apart, seed)[: max(len(rows.dev), FEWEST_DEV)]
    return rows


def students(languages: Iterable[str], parts: Iterable[str] = starter.LEARNT) -> list[Row]:
    """The starter corpus's training rows in these languages."""
    return _starter(parts, languages)


def by_strangers(languages: Iterable[str]) -> list[Row]:
    """The starter corpus's rows in these languages that only calibrate, by writers of whom nothing is trained on."""
    return _starter(("calibration",), languages)


def heldout(languages: Iterable[str]) -> list[Row]:
    """The starter corpus's held-out rows in these languages, on which no model is trained or calibrated."""
    return _starter(("heldout", "multilingual_heldout"), languages)


def _starter(parts: Iterable[str], languages: Iterable[str]) -> list[Row]:
    wanted = set(languages)
    rows = [row for part in parts for row in starter.load(part)]
    return [{**row, "corpus": starter.NAME} for row in rows if row["lang"] in wanted]


def sampled(rows: Sequence[Row], size: int | None) -> list[Row]:
    """At most `size` rows, always the same ones, each language in its share; all of them without a size.

    A row that carries one of the seven labels is taken rather than a plain one, so that a small sample still has
    positives of each.
    """
    if size is None or size >= len(rows):
        return list(rows)
    strata: dict[tuple[str, bool], list[Row]] = {}
    for row in corpora.shuffled(rows, 0):
        strata.setdefault((row["lang"], _carries_a_label(row)), []).append(row)
    placed = [
        ((number + 0.5) / len(own) / (RATHER if carries else 1), row)
        for (_, carries), own in strata.items()
        for number, row in enumerate(own)
    ]
    return [row for _, row in sorted(placed, key=lambda entry: entry[0])[:size]]


def _carries_a_label(row: Row) -> bool:
    return any(row["labels"].get(name) == 1 for name in EMOTIONS)


def _add_students(rows: Rows, own: list[Row]) -> None:
    train, dev = corpora.split(own, STUDENT_DEV)
    rows.train += train * STUDENT_REPEATS
    rows.dev += dev
