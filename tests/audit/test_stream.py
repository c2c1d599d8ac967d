"""Events for a collector: one line of JSON each, when the row is there, and never for what was rolled back."""

import json
import logging
from datetime import UTC, datetime

import pytest

from lti_tool import audit
from lti_tool.audit import stream
from lti_tool.storage import Database

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def lines(monkeypatch):
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    monkeypatch.setattr(stream.log, "handlers", [handler])
    monkeypatch.setattr(stream.log, "level", logging.INFO)
    stream.log.manager._clear_cache()
    yield told
    stream.log.manager._clear_cache()


def test_an_event_is_one_line_once_its_row_is_there(database: Database, lines):
    with database.session() as session:
        audit.record(session, NOW, "rolled_back", actor_id="a" * 32, facts={"count": 3})
        session.flush()
        assert lines == []
    (told,) = (json.loads(words) for words in lines)
    assert (told["event"], told["at"], told["facts"]) == (
        "rolled_back",
        "2026-01-05T12:00:00+00:00",
        {"count": 3},
    )
    assert told["actor_id"] == "a" * 32


def test_what_was_rolled_back_is_not_told(database: Database, lines):
    with pytest.raises(RuntimeError):
        record_and_fail(database)
    with database.session() as session:
        audit.record(session, NOW, "launch")
    assert [json.loads(words)["event"] for words in lines] == ["launch"]


def record_and_fail(database: Database) -> None:
    with database.session() as session:
        audit.record(session, NOW, "rolled_back")
        session.flush()
        raise RuntimeError


def test_nothing_is_written_out_until_it_is_asked_for(database: Database, capsys):
    with database.session() as session:
        audit.record(session, NOW, "launch")
    assert capsys.readouterr().err == ""


def test_a_line_never_breaks(database: Database):
    row = audit.tables.AuditEvent(id="1", at=NOW, event="a\nb\u2028c", code="", facts={"x": "\r\n{}"})
    assert len(stream.line(row).splitlines()) == 1
