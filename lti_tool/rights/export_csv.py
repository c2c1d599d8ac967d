"""The same export as tables: a zip with one CSV file for the texts and one for each table, and the guide in words.

Written as it is read, so nothing of it lies on a disk. A spreadsheet takes a cell that begins with =, +, - or @ for a
formula: such a cell gets an apostrophe before it (OWASP, CSV injection).
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.rights import export
from lti_tool.rights.export import Row
from lti_tool.rights.field_guide import Guide
from model.labels import LABELS

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "\ufeff"
"""Without it a spreadsheet takes UTF-8 for something else."""
GUIDE = "guide.csv"
TEXTS = (
    "text",
    "written_at",
    "activity",
    "state",
    "sentiment",
    "labels",
    "shown_by",
    "your_sentiment",
    "your_labels",
    "your_comment",
)


def as_zip(session: Session, now: datetime, person_id: str, course_id: str, guide: Guide) -> Iterator[bytes]:
    """The archive in pieces."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, columns, rows in _files(session, now, person_id, course_id, guide):
            with archive.open(zipfile.ZipInfo(name, now.timetuple()[:6]), "w") as file:
                for piece in lines(columns, rows):
                    file.write(piece.encode("utf-8", "replace"))
                    yield from pipe.drained()
            yield from pipe.drained()
    yield from pipe.drained()


def lines(columns: Iterable[str], rows: Iterable[Row]) -> Iterator[str]:
    """A CSV file line by line, first the names of its columns."""
    names = list(columns)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, names, extrasaction="raise")
    yield MARK + ",".join(names) + "\r\n"
    for row in rows:
        writer.writerow({name: cell(value) for name, value in row.items()})
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def cell(value: Any) -> Any:
    """A value as a spreadsheet may have it; what has parts is JSON, and no text begins a formula."""
    if isinstance(value, Mapping | list | tuple):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return "'" + value
    return value


def _files(
    session: Session, now: datetime, person_id: str, course_id: str, guide: Guide
) -> Iterator[tuple[str, tuple[str, ...], Iterable[Row]]]:
    yield GUIDE, ("file", "field", "meaning"), _guide(guide)
    texts = map(_flat, export.texts(session, person_id, course_id))
    yield "texts.csv", (*TEXTS, *(f"probability_{name}" for name in LABELS)), texts
    about = {
        name: value
        for name, value in export.sections(session, now, person_id, course_id)
        if name in ("format", "exported_at", "course", "model", "seen_by_staff", "trained_on")
    }
    yield "about.csv", ("field", "value"), ({"field": name, "value": about[name]} for name in about)
    for name, mapped, owned in export.exported():
        yield f"tables/{name}.csv", owned.export, export.table(session, mapped, owned, person_id)


def _guide(guide: Guide) -> Iterator[Row]:
    for section, fields in guide.items():
        for field, meaning in fields.items():
            yield {"file": section, "field": field, "meaning": meaning}


def _flat(row: Row) -> Row:
    """Probabilities as columns, labels in words."""
    flat = {name: row[name] for name in TEXTS}
    labels = [f"{name} ({certainty})" for name, certainty in row["labels"].items()]
    flat["labels"], flat["your_labels"] = "; ".join(labels), "; ".join(row["your_labels"])
    return flat | {f"probability_{name}": row["probabilities"].get(name, "") for name in LABELS}


class _Pipe(io.RawIOBase):
    """What was written since it was last asked; it cannot be searched, so the archive is written in one go."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def drained(self) -> list[bytes]:
        pieces, self._pieces = self._pieces, []
        return pieces
