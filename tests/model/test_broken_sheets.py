"""A broken row of a CSV file costs itself: the others are read, none is lost and none is added."""

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import spreadsheets
from model.errors import ModelError
from model.records import BROKEN_QUOTES, NOT_UTF8, NUL
from model.rows import MAX_TEXT_BYTES

FAULTS = {
    b"1,nul \0 in it": NUL,
    b"1,caf\xe9 noir": NOT_UTF8,
    b"1,half \xed\xa0\x80 a character": NOT_UTF8,
    b"1,over\xff": NOT_UTF8,
    b"1,one,too many": "3 cells under 2 columns",
    b'1,"never closed': BROKEN_QUOTES,
    b'1,"closed" too early': BROKEN_QUOTES,
    b"1," + b"a" * (MAX_TEXT_BYTES + 1): "a cell of 200,001 bytes, at most 200,000 are read",
}
GOOD = {
    b"2,plain": "plain",
    b'2,"two\nlines, and ""quotes"""': 'two\nlines, and "quotes"',
    "2,çà et là".encode(): "çà et là",
}
PIECES = [
    *b'",;\t\n\r\0\xff',
    *"text",
    "\ud800",
    "é",
    "a word or two",
    "text,id\n",
    '""',
    "\r\n",
    "lang",
    "label",
]


def read(content: bytes) -> spreadsheets.Sheet:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "own.csv"
        path.write_bytes(content)
        return spreadsheets.read(path)


def as_bytes(pieces: list[int | str]) -> bytes:
    return b"".join(
        bytes([one]) if isinstance(one, int) else one.encode("utf-8", "surrogatepass") for one in pieces
    )


@pytest.mark.parametrize("broken", FAULTS)
def test_a_broken_row_is_named_by_its_line_and_its_neighbours_are_read(broken: bytes) -> None:
    found = read(b'id,text\n2,"two\nlines"\n' + broken + b"\n2,after\n3,last\n")
    assert [(row.line, row.fault) for row in found.rows] == [(2, ""), (4, FAULTS[broken]), (5, ""), (6, "")]
    assert [row["text"] for _, row in found.usable()] == ["two\nlines", "after", "last"]


def test_nothing_that_can_be_written_of_a_broken_row_is_lost() -> None:
    found = read(b'id,text\n1,a,b\n1,x\0\xe9y\n1,"open\n2,fine\n')
    assert [row.cells for row in found.faults()] == [["1", "a,b"], ["1", "x\ufffd\ufffdy"], ["", '1,"open']]


def test_a_text_of_several_lines_with_a_stray_quotation_mark_leaves_no_text_of_half_its_lines() -> None:
    found = read(b'id,text\n1,"a\nb\nc "quoted" d"\n2,fine\n')
    assert [row["text"] for _, row in found.usable()] == ["fine"]


@given(st.lists(st.sampled_from([*FAULTS, *GOOD]), max_size=12))
@settings(deadline=None, max_examples=60)
def test_as_many_rows_come_back_in_the_same_order(rows: list[bytes]) -> None:
    found = read(b"id,text\n" + b"\n".join([*rows, b"2,last"]) + b"\n")
    assert [row.fault for row in found.rows] == [FAULTS.get(row, "") for row in [*rows, b"2,last"]]
    assert [row["text"] for _, row in found.usable()] == [*(GOOD[row] for row in rows if row in GOOD), "last"]


@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map(as_bytes)))
@settings(deadline=None, max_examples=300)
def test_any_bytes_are_refused_or_read_into_rows_that_can_be_written(content: bytes) -> None:
    refusals: list[str] = []
    for start in (b"", b"text,id\n", b"label;text\n"):
        try:
            found = read(start + content)
        except ModelError as refusal:
            refusals.append(refusal.words)
            continue
        assert all(len(row.cells) == len(found.header) for row in found.rows)
        assert found.usable()
        with TemporaryDirectory() as folder:
            out = Path(folder) / "out.csv"
            spreadsheets.write(out, [*found.header, "x"], ([*row.cells, "1"] for row in found.rows))
            with out.open(encoding="utf-8", newline="") as stream:
                written = list(csv.reader(stream, strict=True))
        assert written == [[*found.header, "x"], *([*row.cells, "1"] for row in found.rows)]
    assert not [words for words in refusals if len(words.splitlines()) > 1]
