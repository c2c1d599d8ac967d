"""The log itself: append-only, in UTC, and nothing that comes from outside can forge a line of it (S49)."""

import ast
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import lti_tool
from lti_tool import audit
from lti_tool.audit.tables import AppendOnlyError, AuditEvent
from lti_tool.storage import Database
from tests.audit.installation import Installation, now
from tests.audit.telling import told
from tests.launch.platform import LTI

CODE = Path(lti_tool.__file__).parent
CHANGING = {"update", "delete", "insert", "session.add", "session.add_all", "session.delete", "session.merge"}


def calls(source: str) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)}


def test_no_other_part_writes_changes_or_removes_a_row() -> None:
    """Others read it at most; a statement in SQL would name the table."""
    reading = []
    for path in CODE.rglob("*.py"):
        source, place = path.read_text(), path.relative_to(CODE)
        if place.parts[0] in ("audit", "storage"):
            continue
        assert "audit_events" not in source, place
        if "AuditEvent" in source:
            reading.append(str(place))
            assert calls(source).isdisjoint(CHANGING), place
    assert "rights/viewing.py" in reading
    assert calls((CODE / "audit" / "service.py").read_text()) & CHANGING == {"session.add"}


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_row_that_is_there_stays_as_it_is(made: Installation, change: str) -> None:
    made.enter("student")

    def attempt(session: Session) -> None:
        row = session.scalars(select(AuditEvent)).first()
        if change == "update":
            row.code = "changed"
        else:
            session.delete(row)
        session.flush()

    before = [(row.id, row.code) for row in made.rows()]
    with pytest.raises(AppendOnlyError), made.session() as session:
        attempt(session)
    assert [(row.id, row.code) for row in made.rows()] == before


HOSTILE = [
    "two\nlines",
    "carriage\rreturn",
    "nul\x00",
    "\x1b[31mred",
    "tab\there",
    "\u2028line",
    "\u202edrow",
    '{"event": "forged"}',
    "a,b",
    "=HYPERLINK(1)",
    "https://lms.example/?token=1",
    "ana@example.org",
    "x" * 81,
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("place", ["code", "correlation_id", "actor_id", "facts"])
def test_what_could_forge_a_line_is_not_written(database: Database, place: str, value: str) -> None:
    given = {place: {"why": value} if place == "facts" else value}
    with pytest.raises(ValueError, match="counts, codes and ids"), database.session() as session:
        audit.record(session, now(), "launch", **given)
    with database.reading() as session:
        assert session.scalars(select(AuditEvent)).all() == []


@pytest.mark.parametrize("value", [["Ana"], {"name": "Ana"}, b"Ana", object()])
def test_facts_are_counts_codes_and_ids(database: Database, value: object) -> None:
    with pytest.raises(ValueError, match="counts, codes and ids"), database.session() as session:
        audit.record(session, now(), "launch", facts={"more": value})


def test_hostile_words_of_a_platform_reach_no_row(made: Installation) -> None:
    """Control characters in everything that a browser and a platform send."""
    forged = "Planted\r\nevent=launch \x1b[0m"
    made.secrets |= {"Planted\r", "event=launch"}
    client = made.app.test_client()
    for path in ("/lti/login", "/lti/launch", "/lti/continue"):
        client.post(path, data=dict.fromkeys(("iss", "state", "id_token", "attempt", "login_hint"), forged))
    client.post("/lti/launch", data={"error": forged, "error_description": forged, "state": forged})
    person = made.enter("student", **{LTI + "context": {"id": "2", "title": forged}})
    person.get("texts/%0d%0aevent=launch/wrong")
    person.get(f"nosuch?{forged}", headers={"User-Agent": "Planted"})
    assert len(made.rows("launch_refused")) == 4
    assert told(made.rows(), made.secrets) == []


def test_times_are_utc_whatever_zone_they_are_given_in(database: Database) -> None:
    at = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with database.session() as session:
        audit.record(session, at, "launch")
    with database.reading() as session:
        row = session.scalars(select(AuditEvent)).one()
    assert (row.at, row.at.tzinfo) == (at, UTC)
    with pytest.raises(Exception, match="a time without a zone"), database.session() as session:
        audit.record(session, at.replace(tzinfo=None), "launch")
