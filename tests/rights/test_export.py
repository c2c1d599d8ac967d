"""Everything that is kept about a person, and nothing of others."""

import json

from lti_tool import audit
from lti_tool.rights import export
from lti_tool.rights.viewing import READ_BY_STAFF
from lti_tool.storage import Base, owned_tables

from .conftest import CONFUSED, SPANISH, WRITTEN


def document(writer):
    answer = writer.browser.get("data/export")
    assert answer.mimetype == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    return json.loads(answer.text)


def test_every_table_with_a_persons_key_says_how_it_is_exported_and_erased():
    declared = {mapped for mapped, _ in owned_tables()}
    for mapper in Base.registry.mappers:
        if "person_id" in mapper.columns and mapper.class_.__tablename__ != "people":
            assert mapper.class_ in declared, mapper.class_.__tablename__


def test_every_declared_column_exists_and_none_is_a_key_or_a_secret():
    for mapped, owned in owned_tables():
        columns = set(mapped.__table__.columns.keys())
        assert set(owned.export) <= columns
        assert not {name for name in owned.export if name == "id" or "secret" in name or "index" in name}


def test_the_file_holds_every_text_with_its_labels_and_the_reason_for_none(writer):
    texts = {text["text"]: text for text in document(writer)["texts"]}
    assert len(texts) == 5
    assert texts[CONFUSED]["labels"] == {"confusion": "likely"}
    assert texts[CONFUSED]["shown_by"] == "model"
    assert len(texts[CONFUSED]["probabilities"]) == 10
    assert (texts[SPANISH]["state"], texts[SPANISH]["labels"]) == ("language", {})


def test_the_file_holds_each_table_that_exports(writer):
    tables = document(writer)["tables"]
    assert set(tables) == {mapped.__tablename__ for mapped, owned in owned_tables() if owned.export}
    assert len(tables["posts"]) == 5
    assert [row["event"] for row in tables["consent_events"]].count("granted") == 2
    assert tables["consent_states"][0]["a"] is True
    assert tables["posts"][0]["written_at"].endswith("+00:00")


def test_the_file_holds_nothing_of_others(writer, other):
    mine = writer.browser.get("data/export").text
    assert "Somebody else" not in mine
    assert other.person not in mine
    assert "Somebody else" in other.browser.get("data/export").text


def test_the_page_says_how_often_staff_opened_the_texts(writer, database):
    with database.session() as session:
        for _ in range(3):
            audit.record(
                session, WRITTEN, READ_BY_STAFF, subject_id=writer.person, facts={"role": "instructor"}
            )
        audit.record(session, WRITTEN, "launch", subject_id=writer.person)
    assert document(writer)["seen_by_staff"] == [{"role": "instructor", "times": 3}]


def test_after_a_withdrawal_only_the_record_and_the_visits_are_left(writer, database):
    writer.browser.post("choices/a", {"value": "no"})
    with database.reading() as session:
        counts = export.counts(session, writer.person)
    left = {name for name, count in counts.items() if count}
    assert left == {"consent_events", "consent_states", "launch_sessions", "memberships", "person_keys"}
    assert document(writer)["texts"] == []


def test_a_student_who_declined_can_still_see_what_is_kept(sign_in):
    student = sign_in("student", "9")
    student.post("choices", {"decision": "decline"})
    assert student.get("data").status_code == 200
    assert json.loads(student.get("data/export").text)["texts"] == []
