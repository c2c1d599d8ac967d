"""Both files: their layout, their words, nothing of others, safe in a spreadsheet, on record, and not too often."""

import csv
import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect, select

from lti_tool.audit.tables import AuditEvent
from lti_tool.ingest.tables import Post
from lti_tool.rights import export, export_csv, field_guide
from lti_tool.storage import Base, owned_tables
from model.labels import LABELS

from .conftest import CONFUSED, PLAIN

LAYOUT = {
    "format": int,
    "exported_at": str,
    "course": str,
    "guide": dict,
    "model": dict,
    "seen_by_staff": list,
    "trained_on": list,
    "texts": list,
    "tables": dict,
}
NOT_SHOWN = {
    "id", "person_id", "course_id", "institution_id", "activity_id", "post_id", "annotator_id", "answer_id",
    "reflection_id", "version_id", "request_id", "registration_id", "external_index", "thread_index",
    "identity_index", "operator_index", "key_id", "text_hash", "source_hash", "title_source_hash", "secret_hash",
    "previous_hash", "hash", "number", "revision", "version", "agreed_version", "locale", "return_url",
    "platform_origin", "deep_link", "link_key", "link_title", "seen_at", "ended_at", "listed", "left_at",
    "scorable", "trainable", "pulled_at", "emptied_at", "waiting", "passed_over_at", "seconds_on_screen", "rows",
    "a_since", "group_id", "was_open", "reading", "subject", "why", "reason", "held_at", "released_at",
}  # fmt: skip
"""Keys, digests, marks of the machinery, and how long an annotator looked, which is theirs."""


def archive(writer) -> dict[str, str]:
    answer = writer.browser.get("data/export.zip")
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name).decode("utf-8-sig") for name in opened.namelist()}


def rows(words: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(words)))


def test_p38_every_table_with_a_persons_key_is_covered_column_by_column():
    people = Base.metadata.tables["people"]
    declared = dict(owned_tables())
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        own = any(key.column.table is people and key.parent.name == "person_id" for key in table.foreign_keys)
        if not own and "person_id" not in table.columns:
            continue
        owned = declared[mapper.class_]
        assert field_guide.table_words(table.name), table.name
        shown = set(owned.export)
        hidden = {column.key for column in inspect(mapper.class_).columns if column.table is table} - shown
        assert hidden <= NOT_SHOWN, (table.name, hidden - NOT_SHOWN)


def test_p39_every_exported_field_is_explained_in_words():
    fields = field_guide.fields_of_tables()
    for name, _, owned in export.exported():
        assert set(owned.export) == set(fields[name]), name
        assert all(fields[name].values()), name


def test_p39_the_json_file_has_its_layout(writer):
    document = json.loads(writer.browser.get("data/export").text)
    assert {name: type(value) for name, value in document.items()} == LAYOUT
    fields = set(field_guide.guide()["texts"])
    assert all(set(text) == fields for text in document["texts"])
    assert set(document["guide"]["document"]) >= set(LAYOUT) - {"guide"}
    assert set(document["texts"][0]["probabilities"]) == set(LABELS)


def test_p39_the_archive_holds_the_same_texts_and_every_table(writer):
    files = archive(writer)
    document = json.loads(writer.browser.get("data/export").text)
    texts = rows(files["texts.csv"])
    assert [text["text"] for text in texts] == [text["text"] for text in document["texts"]]
    by_text = {text["text"]: text for text in texts}
    assert by_text[CONFUSED]["labels"] == "confusion (likely)"
    assert float(by_text[CONFUSED]["probability_confusion"]) > 0.8
    for name, content in document["tables"].items():
        assert len(rows(files[f"tables/{name}.csv"])) == len(content)
    assert {row["field"] for row in rows(files["guide.csv"])} >= {"sentiment", "logits", "wording_sha256"}


def test_p39_neither_file_holds_a_string_of_another_student(writer, other):
    other.browser.post(
        f"texts/{other.posts[CONFUSED]}/wrong",
        {"sentiment": "positive", "text_hash": "0" * 64, "comment": "Another's comment."},
    )
    for words in (writer.browser.get("data/export").text, *archive(writer).values()):
        assert "Somebody else" not in words
        assert "Another's comment." not in words
        assert other.person not in words


def test_p39_a_text_that_looks_like_a_formula_is_no_formula(writer, database):
    evil = '=HYPERLINK("https://evil.example","click")'
    with database.session() as session:
        session.get_one(Post, writer.posts[PLAIN]).text = evil
    words = {row["text"] for row in rows(archive(writer)["texts.csv"])}
    assert f"'{evil}" in words
    assert evil not in words
    assert evil in writer.browser.get("data/export").json["texts"][1]["text"]


@given(st.text(max_size=40))
def test_p39_no_cell_of_text_begins_as_a_formula_and_every_cell_is_read_back(words):
    line = "".join(export_csv.lines(["text"], [{"text": words}])).removeprefix(export_csv.MARK)
    (row,) = csv.DictReader(io.StringIO(line, newline=""))
    assert not row["text"].lstrip(" ").startswith(export_csv.FORMULA)
    assert row["text"].removeprefix("'") == words.removeprefix("'")


def test_p39_numbers_and_parts_stay_what_they_are():
    assert export_csv.cell(-1.5) == -1.5
    assert export_csv.cell([1, -2]) == "[1, -2]"
    assert export_csv.cell(None) is None


def test_p39_each_export_is_on_record_and_a_sixth_in_an_hour_is_refused(writer, database):
    for path in ("data/export", "data/export.zip", "data/export", "data/export.zip", "data/export"):
        assert writer.browser.get(path).status_code == 200
    for path in ("data/export", "data/export.zip"):
        assert writer.browser.get(path).status_code == 429
    with database.reading() as session:
        found = session.scalars(select(AuditEvent).where(AuditEvent.event == "data_exported")).all()
    assert [(row.actor_id, row.subject_id) for row in found] == [(writer.person, writer.person)] * 5
    assert sorted(row.code for row in found) == ["json", "json", "json", "zip", "zip"]


def test_p39_many_texts_are_read_a_few_at_a_time(writer, database, monkeypatch):
    monkeypatch.setattr(export, "TOGETHER", 2)
    with database.reading() as session:
        found = list(export.texts(session, writer.person, writer.course))
    assert len({text["text"] for text in found}) == 5


@pytest.mark.parametrize("path", ["data/export", "data/export.zip"])
def test_p39_an_address_with_somebody_elses_id_gives_ones_own_file(writer, other, path):
    answer = writer.browser.get(f"{path}?person_id={other.person}&person={other.person}")
    assert answer.status_code == 200
    assert other.person.encode() not in answer.data
    assert writer.browser.get(f"/l/{other.browser.launch_id}/{path}").status_code in (401, 403, 404)
