"""CSV files with a `text` column: read with care, written beside and then renamed."""

import csv
import errno
import os
import re
import secrets
import stat
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.errors import BadInput, UnknownLabel
from model.labels import EMOTIONS, SENTIMENT
from model.languages import THREE_LETTERS, UNDETERMINED
from model.records import Record, records
from model.rows import Row, check_labels

Labels = dict[str, str | int]
CLASS = "label"
"""The column that names one class per text."""
COLUMNS = ("text", "lang", CLASS, "sentiment", *EMOTIONS)
"""The columns that are read, whatever their case and the spaces around them."""
CODE = re.compile("[a-z]{2,3}")


@dataclass(frozen=True)
class Sheet:
    """A CSV file's header and rows; every row has as many cells as the header, and one with a fault is not used."""

    header: list[str]
    rows: list[Record]

    def names(self) -> list[str]:
        """The columns' names, all in small letters and without spaces around them."""
        return [plain(name) for name in self.header]

    def column(self, name: str) -> list[str]:
        """The cells of a column, top to bottom."""
        place = self.names().index(name)
        return [row.cells[place] for row in self.rows]

    def stated(self) -> list[str]:
        """The language that each row is said to be in, as it is written; nothing without a `lang` column."""
        return self.column("lang") if "lang" in self.names() else [""] * len(self.rows)

    def faults(self) -> list[Record]:
        """The rows that cannot be used."""
        return [row for row in self.rows if row.fault]

    def usable(self) -> list[tuple[int, dict[str, str]]]:
        """The other rows: the line in the file, and cells by column."""
        names = self.names()
        return [(row.line, dict(zip(names, row.cells, strict=True))) for row in self.rows if not row.fault]

    def blank(self) -> int:
        """How many of these have no text."""
        return sum(not row["text"].strip() for _, row in self.usable())


def read(path: Path) -> Sheet:
    """A CSV file with a `text` column; a row that cannot be used has a fault.

    Raises BadInput for a file that is missing, empty, binary, has no `text` column, two of one name, or no row
    without a fault.
    """
    content = _content(path)
    delimiter = _delimiter(content)
    header, *rows = records(content, delimiter, _text_as_written(content, delimiter))
    if header.fault:
        raise BadInput(f"{path} cannot be read as CSV: its first line has {header.fault}.")
    _check_names(path, header.cells, ("text", "lang"))
    if not rows:
        raise BadInput(f"{path} has a header but no rows.")
    if all(row.fault for row in rows):
        raise BadInput(f"{path} has no row that can be read. Line {rows[0].line}: {rows[0].fault}.")
    return Sheet(header.cells, rows)


def plain(name: str) -> str:
    """A column's name in small letters and without spaces around it."""
    return name.strip().casefold()


def _text_as_written(content: str, delimiter: str) -> str:
    header = records(content.lstrip().partition("\n")[0], delimiter, "text")[0]
    return next((name for name in header.cells if plain(name) == "text"), "text")


def _check_names(path: Path, header: Sequence[str], read: Sequence[str]) -> None:
    """BadInput without a `text` column, or where two of the columns that are read have one name."""
    found = Counter(map(plain, header))
    wrong = [name for name in read if found[name] > 1 or (name == "text" and not found[name])]
    if wrong:
        names = " ".join(", ".join(header).split())
        raise BadInput(f"{path} needs one column named {wrong[0]}; its columns are: {names[:200]}.")


def _content(path: Path) -> str:
    """The file's text; bytes that are no UTF-8 stay in it as half characters."""
    try:
        text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    if not text.strip():
        raise BadInput(f"{path} is empty.")
    if "\0" in text.lstrip().partition("\n")[0]:
        raise BadInput(f"{path} is a binary file, or not in UTF-8: save it as CSV UTF-8.")
    return text


def _delimiter(content: str) -> str:
    """A comma, or the semicolon or tab that spreadsheet programs write in some countries."""
    header = content.lstrip().partition("\n")[0]
    return max(",;\t", key=header.count)


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file in one rename, where a link leads if it is one; BadInput when that place cannot be written.

    The umask says who may read it, and nobody may who could not read the file that it replaces.
    """
    place = Path(os.path.realpath(path))
    name = place.parent / f".writing-{secrets.token_hex(8)}"
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _mode(place))
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(header)
            writer.writerows(rows)
        os.replace(name, place)
    except BaseException as error:
        name.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
        raise


def _mode(place: Path) -> int:
    """What a file may allow before the umask takes from it; OSError for a device, which a rename would replace."""
    if not os.path.lexists(place):
        return 0o666
    found = place.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no file")
    strangers = 0 if found.st_gid == os.getegid() else stat.S_IRWXG  # the new file will be of our group
    return stat.S_IMODE(found.st_mode) & ~strangers


def labelled(path: Path) -> list[Row]:
    """Training rows of a CSV file: `text`, perhaps `lang`, and a column per label, one named `label`, or both.

    A column per label holds 0 or 1 (`sentiment`: its three words), and an empty cell is not annotated. A `label`
    column names one class per text: a sentiment, one of the seven, or `none`; of the seven, those that occur
    anywhere in the column count as absent where another is named and no column of their own says more. Rows with a
    fault and those without a text are left out. Raises as `read`, UnknownLabel for a value outside the label set, and
    BadInput when there is no label column, no label in it, or two columns contradict each other.
    """
    sheet = read(path)
    _check_names(path, sheet.header, COLUMNS)
    known = [name for name in sheet.names() if name == "sentiment" or name in EMOTIONS]
    if not known and CLASS not in sheet.names():
        raise BadInput(f"{path} has no label column: label, or any of sentiment, {', '.join(EMOTIONS)}.")
    usable = [(line, row) for line, row in sheet.usable() if row["text"].strip()]
    if not usable:
        raise BadInput(f"{path} has no row with a text.")
    classes = {_class(row) for _, row in usable} & set(EMOTIONS)
    rows = []
    for line, row in usable:
        where = f"{path}, line {line}"
        labels = {name: _value(name, row[name]) for name in known if row[name].strip()}
        check_labels(labels, where)
        rows.append(
            _row(path, row, _merged(labels, _of_class(_class(row), classes, where), _class(row), where))
        )
    if not any(row["labels"] for row in rows):
        raise BadInput(f"{path} has no row with a label: every cell under its label columns is empty.")
    return rows


def unused(sheet: Sheet) -> list[str]:
    """The named columns of a labelled file that say nothing to a training."""
    return [" ".join(name.split()) for name in sheet.header if name.strip() and plain(name) not in COLUMNS]


def languages(rows: Iterable[Row]) -> Counter[str]:
    """How many rows state each language, by its code without a region; BadInput for what is no code."""
    found: Counter[str] = Counter()
    for row in rows:
        own = code(row["lang"])
        if not own:
            raise BadInput(
                f"In the column lang {row['lang'][:30]!r} is no language code; such are en, fr, nl."
            )
        found[own] += own != UNDETERMINED
    return +found


def code(lang: str) -> str:
    """The code in a `lang` cell without its region, or nothing for what is no code."""
    own = lang.strip().lower().replace("_", "-").split("-")[0]
    return THREE_LETTERS.get(own, own) if CODE.fullmatch(own) else ""


def _class(row: Mapping[str, str]) -> str:
    return row.get(CLASS, "").strip().lower()


def _of_class(name: str, classes: set[str], where: str) -> Labels:
    """What a class in the `label` column says; `classes` are those of the seven that occur in it."""
    if name in SENTIMENT:
        return {"sentiment": name}
    if name not in ("", "none", *EMOTIONS):
        known = ", ".join((*SENTIMENT, *EMOTIONS))
        raise UnknownLabel(f"{where}: unknown label {name[:50]!r}; known: {known}, none.")
    labels: Labels = {one: int(one == name) for one in classes} if name else {}
    if name == "enthusiasm" and "engagement" in labels:
        labels["engagement"] = 1  # the guide: enthusiasm implies it
    return labels


def _merged(own: Labels, of_class: Labels, name: str, where: str) -> Labels:
    """Both together: a label's own column tells more than a class that was named instead of it."""
    label = "sentiment" if name in SENTIMENT else name
    if label in own and label in of_class and own[label] != of_class[label]:
        raise BadInput(f"{where}: the column {CLASS} says {name}, the column {label} says {own[label]}.")
    return {**of_class, **own}


def _row(path: Path, row: dict[str, str], labels: Labels) -> Row:
    return {
        "text": row["text"],
        "lang": (row.get("lang") or "").strip() or UNDETERMINED,
        "labels": labels,
        "corpus": f"csv:{path.name}",
    }


def _value(name: str, cell: str) -> str | int:
    cell = cell.strip().lower()
    return int(cell) if name != "sentiment" and cell in ("0", "1") else cell[:50]
