"""The records of a CSV file one by one, so that a broken one costs itself and not the file."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model.rows import MAX_TEXT_BYTES

BROKEN_QUOTES = "a quotation mark that is not closed, or stands inside a cell"
NUL = "a NUL character"
NOT_UTF8 = "not UTF-8"
HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Record:
    """A record's first line in the file, counted from 1, its cells, and why it cannot be used or ""."""

    line: int
    cells: list[str]
    fault: str = ""


def records(content: str, delimiter: str, column: str) -> list[Record]:
    """The header and every record, each with as many cells as the header; blank lines are none.

    A record that lacks cells at its end gets empty ones. One with a fault keeps what can be written: what is too
    many stands in the last cell, a line that is no record in the one under `column`, bad characters are replaced.
    """
    # The parser would stop at a long cell.
    before = csv.field_size_limit(len(content) + 1)
    try:
        header, *others = _split(content, delimiter)
    finally:
        csv.field_size_limit(before)
    names = [_written(name) for name in header.cells]
    place = names.index(column) if column in names else 0
    own = [_shaped(one, len(names), place, delimiter) for one in others]
    return [Record(header.line, names, header.fault), *own]


def _split(content: str, delimiter: str) -> Iterator[Record]:
    """Records as the parser finds them; after a line that begins a broken one it goes on with the next line.

    Until the parser is past the lines that it took for a part of that one, a record with too few cells is broken too.
    """
    lines = io.StringIO(content, newline="").readlines()
    begin = doubtful = columns = 0
    while begin < len(lines):
        start, rest = begin, (lines[number] for number in range(begin, len(lines)))
        reader = csv.reader(rest, strict=True, delimiter=delimiter)
        try:
            for cells in reader:
                columns = columns or len(cells)
                if begin < doubtful and 0 < len(cells) < columns:
                    yield Record(begin + 1, [delimiter.join(cells)], BROKEN_QUOTES)
                elif cells:
                    yield Record(begin + 1, cells)
                begin = start + reader.line_num
        except csv.Error:
            doubtful = max(doubtful, start + reader.line_num)
            yield Record(begin + 1, [lines[begin].rstrip("\r\n")], BROKEN_QUOTES)
            begin += 1


def _shaped(record: Record, columns: int, place: int, delimiter: str) -> Record:
    if record.fault:
        cells = [_written(record.cells[0]) if number == place else "" for number in range(columns)]
        return Record(record.line, cells, record.fault)
    cells, fault = record.cells, _fault(record.cells, columns)
    if fault:
        surplus = cells[columns - 1 :]
        cells = [
            _written(cell)
            for cell in [*cells[: columns - 1], *([delimiter.join(surplus)] if surplus else [])]
        ]
    return Record(record.line, [*cells, *[""] * (columns - len(cells))], fault)


def _fault(cells: Sequence[str], columns: int) -> str:
    if len(cells) > columns:
        return f"{len(cells)} cells under {columns} columns"
    joined = "".join(cells)
    if "\0" in joined:
        return NUL
    if HALF_CHARACTER.search(joined):
        return NOT_UTF8
    longest = max(len(cell.encode()) for cell in cells)
    return (
        f"a cell of {longest:,} bytes, at most {MAX_TEXT_BYTES:,} are read"
        if longest > MAX_TEXT_BYTES
        else ""
    )


def _written(cell: str) -> str:
    """A cell as it can be written: bytes that are no UTF-8, and NUL, as the replacement character."""
    whole = cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return whole.replace("\0", "\ufffd")
