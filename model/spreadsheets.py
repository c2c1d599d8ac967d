"""CSV files with a `text` column: read with care, written beside and then renamed."""

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.errors import BadInput, UnknownLabel
from model.labels import EMOTIONS, SENTIMENT
from model.rows import Row, check_labels, check_length, read_text


@dataclass(frozen=True)
class Sheet:
    """A CSV file's header and cells; every row has as many cells as the header."""

    header: list[str]
    rows: list[list[str]]

    def column(self, name: str) -> list[str]:
        """The cells of a column, top to bottom."""
        place = self.header.index(name)
        return [row[place] for row in self.rows]


def read(path: Path) -> Sheet:
    """A CSV file with a `text` column.

    Raises BadInput for a file that is missing, empty, binary or not CSV, has no `text` column or no rows,
    has a row longer than its header, or a cell past the limit of a text.
    """
    content = read_text(path)
    # The parser would not say which cell is too long; `_checked` does.
    before = csv.field_size_limit(len(content))
    try:
        delimiter = _delimiter(content)
        lines = list(csv.reader(io.StringIO(content, newline=""), strict=True, delimiter=delimiter))
    except csv.Error as error:
        raise BadInput(f"{path} cannot be read as CSV: {error}.") from error
    finally:
        csv.field_size_limit(before)
    return _checked(path, [line for line in lines if line])


def _delimiter(content: str) -> str:
    """A comma, or the semicolon or tab that spreadsheet programs write in some countries."""
    header = content.lstrip().partition("\n")[0]
    return max(",;\t", key=header.count)


def _checked(path: Path, lines: list[list[str]]) -> Sheet:
    header, rows = lines[0], lines[1:]
    if header.count("text") != 1:
        raise BadInput(f"{path} needs one column named text; its columns are: {', '.join(header)[:200]}.")
    if not rows:
        raise BadInput(f"{path} has a header but no rows.")
    for number, row in enumerate(rows, 2):
        if len(row) > len(header):
            raise BadInput(f"{path}, row {number}: {len(row)} cells under {len(header)} columns.")
        row.extend([""] * (len(header) - len(row)))
        for name, cell in zip(header, row, strict=True):
            check_length(cell, f"{path}, row {number}" + (f", column {name[:50]}" if name != "text" else ""))
    return Sheet(header, rows)


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file in one rename; BadInput when the place cannot be written."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(header)
            writer.writerows(rows)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
        raise


def labelled(path: Path) -> list[Row]:
    """Training rows of a CSV file: `text`, perhaps `lang`, and either a column per label or one named `label`.

    A column per label holds 0 or 1 (`sentiment`: its three words), and an empty cell is not annotated. A `label`
    column names one class per text: a sentiment, one of the seven, or `none`; of the seven, those that occur
    anywhere in the column count as absent where another is named. Raises as `read`, UnknownLabel for a value
    outside the label set, and BadInput when there is no label column.
    """
    sheet = read(path)
    known = [name for name in sheet.header if name == "sentiment" or name in EMOTIONS]
    if not known and "label" in sheet.header:
        return _one_class_each(path, sheet)
    if not known:
        raise BadInput(f"{path} has no label column: label, or any of sentiment, {', '.join(EMOTIONS)}.")
    rows = []
    for number, cells in enumerate(sheet.rows, 2):
        row = dict(zip(sheet.header, cells, strict=True))
        labels = {name: _value(name, row[name]) for name in known if row[name].strip()}
        check_labels(labels, f"{path}, row {number}")
        rows.append(_row(path, row, labels))
    return rows


def _one_class_each(path: Path, sheet: Sheet) -> list[Row]:
    classes = {cell.strip().lower() for cell in sheet.column("label")} & set(EMOTIONS)
    rows = []
    for number, cells in enumerate(sheet.rows, 2):
        row = dict(zip(sheet.header, cells, strict=True))
        name = row["label"].strip().lower()
        if name in SENTIMENT:
            labels: dict[str, str | int] = {"sentiment": name}
        elif name in ("", "none", *EMOTIONS):
            labels = {one: int(one == name) for one in classes} if name else {}
            if name == "enthusiasm" and "engagement" in labels:
                labels["engagement"] = 1  # the guide: enthusiasm implies it
        else:
            raise UnknownLabel(
                f"{path}, row {number}: unknown label {name!r}; known: {', '.join((*SENTIMENT, *EMOTIONS))}, none."
            )
        rows.append(_row(path, row, labels))
    return rows


def _row(path: Path, row: dict[str, str], labels: dict[str, str | int]) -> Row:
    return {
        "text": row["text"],
        "lang": row.get("lang") or "und",
        "labels": labels,
        "corpus": f"csv:{path.name}",
    }


def _value(name: str, cell: str) -> str | int:
    cell = cell.strip()
    return int(cell) if name != "sentiment" and cell in ("0", "1") else cell
