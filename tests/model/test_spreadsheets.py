import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from model import spreadsheets
from model.errors import BadInput, UnknownLabel
from model.rows import MAX_TEXT_BYTES


def sheet(folder: Path, content: str | bytes) -> Path:
    path = folder / "texts.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_quotes_commas_and_line_breaks_survive_a_round_trip(tmp_path: Path) -> None:
    texts = ['he said "no", twice', "two\nlines", "plain", "ünï"]
    out = tmp_path / "out.csv"
    spreadsheets.write(out, ["id", "text"], [[str(n), text] for n, text in enumerate(texts)])
    assert spreadsheets.read(out).column("text") == texts


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"PK\3\4\0\0", "binary"),
        (b"text\n\xff\xfe\n", "UTF-8"),
        ("id,body\n1,hm\n", "needs one column named text; its columns are: id, body"),
        ("text,text\na,b\n", "one column named text"),
        ("Text, text\na,b\n", "one column named text; its columns are: Text,  *text"),
        ("text\n", "no rows"),
        ("text,id\na,1,2\n", "no row that can be read. Line 2: 3 cells under 2 columns"),
        ('text\n"open\n', "Line 2: a quotation mark that is not closed"),
        ('te"xt,"a\nb"c\nhm,1\n', "its first line has a quotation mark"),
        ("text\n\n" + "ü" * 100_001 + "\n", "Line 3: a cell of 200,002 bytes, at most 200,000 are read"),
        ("text,id\nhm," + "a" * 1_000_000 + "\n", "Line 2: a cell of 1,000,000 bytes"),
        ("text\n".encode("utf-16"), "not in UTF-8"),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        spreadsheets.read(sheet(tmp_path, content))
    assert "\n" not in caught.value.words


def test_a_text_of_just_the_limit_is_read_and_the_parsers_own_limit_is_left_alone(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    longest = "a" * MAX_TEXT_BYTES
    assert spreadsheets.read(sheet(tmp_path, f"text\n{longest}\n")).column("text") == [longest]
    assert csv.field_size_limit() == before


def test_short_rows_are_filled_and_blank_lines_skipped(tmp_path: Path) -> None:
    read = spreadsheets.read(sheet(tmp_path, "text,id\n\nhm\n"))
    assert [(row.line, row.cells) for row in read.rows] == [(3, ["hm", ""])]


def test_headers_are_read_in_any_case_and_with_spaces_around_them(tmp_path: Path) -> None:
    path = sheet(tmp_path, "Text, LABEL ,Lang,Boredom,My Notes\nhm,confusion,nl,0,x\n")
    assert spreadsheets.labelled(path) == [
        {"text": "hm", "lang": "nl", "labels": {"confusion": 1, "boredom": 0}, "corpus": "csv:texts.csv"}
    ]
    found = spreadsheets.read(path)
    assert found.header == ["Text", " LABEL ", "Lang", "Boredom", "My Notes"]
    assert (found.column("text"), spreadsheets.unused(found)) == (["hm"], ["My Notes"])


def test_a_line_that_is_no_record_stands_under_the_text_column_however_that_is_written(
    tmp_path: Path,
) -> None:
    found = spreadsheets.read(sheet(tmp_path, '\nid,"Text "\n1,fine\n1,"open\n'))
    assert [row.cells for row in found.faults()] == [["", '1,"open']]


def test_columns_that_are_not_read_may_share_a_name_or_have_none(tmp_path: Path) -> None:
    assert spreadsheets.read(sheet(tmp_path, "text,Notes,notes,,\nhm,a,b,,\n")).column("text") == ["hm"]
    labels = sheet(tmp_path, "text,Label,label\nhm,none,none\n")
    assert spreadsheets.read(labels).column("text") == ["hm"]
    with pytest.raises(BadInput, match="one column named label"):
        spreadsheets.labelled(labels)


def test_a_stated_language_is_what_stands_in_the_column(tmp_path: Path) -> None:
    assert spreadsheets.read(sheet(tmp_path, "text,Lang\nhm,nl\nho,\n")).stated() == ["nl", ""]
    assert spreadsheets.read(sheet(tmp_path, "text\nhm\nho\n")).stated() == ["", ""]


@pytest.mark.parametrize(
    ("umask", "before", "after"),
    [
        (0o077, None, 0o600),
        (0o022, None, 0o644),
        (0o022, 0o600, 0o600),
        (0o077, 0o644, 0o600),
    ],
)
def test_the_umask_and_the_file_before_say_who_may_read_what_is_written(
    tmp_path: Path, umask: int, before: int | None, after: int
) -> None:
    out = tmp_path / "out.csv"
    if before is not None:
        out.touch()
        out.chmod(before)
    usual = os.umask(umask)
    try:
        spreadsheets.write(out, ["text"], [["hm"]])
    finally:
        os.umask(usual)
    assert out.stat().st_mode & 0o777 == after


def test_another_group_that_could_read_is_not_followed_by_the_writers_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    out.touch()
    out.chmod(0o640)
    monkeypatch.setattr(os, "getegid", lambda: out.stat().st_gid + 1)
    spreadsheets.write(out, ["text"], [["hm"]])
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_written_through(tmp_path: Path, there: bool) -> None:
    (tmp_path / "elsewhere").mkdir()
    own, link = tmp_path / "elsewhere" / "own.csv", tmp_path / "out.csv"
    if there:
        own.write_text("old")
    link.symlink_to(own)
    spreadsheets.write(link, ["text"], [["hm"]])
    assert link.is_symlink()
    assert own.read_text() == "text\nhm\n"
    assert [file.name for file in own.parent.iterdir()] == ["own.csv"]


def test_what_is_no_file_is_not_written_over(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, tmp_path, Path("/")):
        with pytest.raises(BadInput, match="cannot be written: it is no file"):
            spreadsheets.write(place, ["text"], [])
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        spreadsheets.write(tmp_path / "nowhere" / "out.csv", ["text"], [])


def test_nothing_is_left_when_writing_fails(tmp_path: Path) -> None:
    def failing() -> Iterator[list[str]]:
        yield ["first"]
        raise RuntimeError("model went away")

    with pytest.raises(RuntimeError):
        spreadsheets.write(tmp_path / "out.csv", ["text"], failing())
    assert list(tmp_path.iterdir()) == []


def test_labelled_rows_leave_empty_cells_unannotated(tmp_path: Path) -> None:
    rows = spreadsheets.labelled(sheet(tmp_path, "text,sentiment,boredom\nhm,neutral,\nzzz,,1\n"))
    assert [row["labels"] for row in rows] == [{"sentiment": "neutral"}, {"boredom": 1}]


def test_unknown_label_values_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownLabel, match="line 3: boredom cannot be '2'"):
        spreadsheets.labelled(sheet(tmp_path, "text,boredom\n\nhm,2\n"))
    with pytest.raises(BadInput, match="no label column"):
        spreadsheets.labelled(sheet(tmp_path, "text,anger\nhm,1\n"))
    for header in ("text,label", "text,boredom"):
        with pytest.raises(BadInput, match="no row with a label"):
            spreadsheets.labelled(sheet(tmp_path, header + "\nhm,\nho,\n"))


@pytest.mark.parametrize("mark", [";", "\t"])
def test_what_spreadsheet_programs_of_some_countries_write_is_read(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(f"text{mark}label\nIt went well, mostly{mark}positive\n", encoding="utf-8")
    assert spreadsheets.labelled(path)[0]["text"] == "It went well, mostly"


def test_enthusiasm_in_a_column_of_classes_is_engagement_too(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("text,label\nWow,enthusiasm\nHm,engagement\nNo,none\n", encoding="utf-8")
    found = [row["labels"] for row in spreadsheets.labelled(path)]
    assert found == [
        {"enthusiasm": 1, "engagement": 1},
        {"enthusiasm": 0, "engagement": 1},
        {"enthusiasm": 0, "engagement": 0},
    ]


def test_a_column_of_classes_beside_columns_of_labels_is_read_too(tmp_path: Path) -> None:
    lines = ["Lost,negative,,confusion", "Dull,,1,none", "Fine,positive,,", "Off,,,frustration"]
    content = "\n".join(["text,sentiment,boredom,label", *lines])
    assert [row["labels"] for row in spreadsheets.labelled(sheet(tmp_path, content))] == [
        {"sentiment": "negative", "confusion": 1, "frustration": 0},
        {"confusion": 0, "frustration": 0, "boredom": 1},
        {"sentiment": "positive"},
        {"confusion": 0, "frustration": 1},
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            "text,boredom,label\nDull,0,boredom\n",
            "line 2: the column label says boredom, the column boredom says 0",
        ),
        ("text,sentiment,label\nGood,negative,positive\n", "the column sentiment says negative"),
    ],
)
def test_columns_that_contradict_each_other_are_refused(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        spreadsheets.labelled(sheet(tmp_path, content))


def test_a_row_without_a_text_teaches_nothing(tmp_path: Path) -> None:
    path = sheet(tmp_path, "text,label\n,boredom\n  ,none\nhm,confusion\n")
    assert [row["text"] for row in spreadsheets.labelled(path)] == ["hm"]
    assert spreadsheets.read(path).blank() == 2
    with pytest.raises(BadInput, match="no row with a text"):
        spreadsheets.labelled(sheet(tmp_path, "text,label\n ,boredom\n"))


def test_columns_that_say_nothing_to_a_training_are_known(tmp_path: Path) -> None:
    found = spreadsheets.read(sheet(tmp_path, "id,text,lang,label,boredom,course\n1,hm,en,none,,x\n"))
    assert spreadsheets.unused(found) == ["id", "course"]


def test_the_languages_of_rows_are_their_codes_without_a_region() -> None:
    rows = [{"lang": code} for code in ("nl", "NL-be", "und", "pt_BR")]
    assert spreadsheets.languages(rows) == {"nl": 2, "pt": 1}
    with pytest.raises(BadInput, match="'Dutch' is no language code"):
        spreadsheets.languages([{"lang": "Dutch"}])


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("nl", "nl"),
        (" NL-be", "nl"),
        ("pt_BR", "pt"),
        ("eng", "en"),
        ("zho-Hans", "zh"),
        ("nld", "nld"),
        ("und", "und"),
        ("", ""),
        ("Dutch", ""),
        ("5", ""),
    ],
)
def test_a_code_is_read_without_its_region(cell: str, code: str) -> None:
    assert spreadsheets.code(cell) == code
