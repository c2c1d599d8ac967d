"""Retention, backups, the off switch, requests and the list after a breach, from the command line."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch import stopping
from lti_tool.launch.tables import Institution, PersonKey
from lti_tool.rights.retention_tables import RetentionRun
from tests.classroom import Classroom
from tests.cli.conftest import refused

HOME = ("--institution", "Invented College")


def done(result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def room(undertone):
    with undertone.database.session() as session:
        room = Classroom(session)
        room.one = room.person("A")
        session.add(PersonKey(person_id=room.one, identity_index="x" * 64, lms_user_id="77"))
        room.post(room.one, room.activity("Forum"), "Words of their own.")
    return room


def test_p62_times_are_set_shown_enforced_and_reported_by_command(undertone, room):
    assert "texts: 30 days (at most 180), the default" in done(undertone("retention", "show", *HOME))
    chosen = ("retention", "set", *HOME, "--kind", "texts", "--days")
    refused(undertone(*chosen, "999", "--decided-by", "the officer"), "0 to 180 days")
    done(undertone(*chosen, "10", "--decided-by", "the officer"))
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert f"texts: 10 days (at most 180), decided by the officer on {today}" in done(
        undertone("retention", "show", *HOME)
    )
    assert "nothing has run yet" in done(undertone("retention", "report", *HOME))
    assert "retention done" in done(undertone("retention", "run"))
    assert "kept 10 days" in done(undertone("retention", "report"))
    with undertone.database.reading() as session:
        assert len(session.scalars(select(RetentionRun)).all()) == 2


def test_p62_a_backup_is_made_restored_and_thrown_away_by_command(undertone, room, tmp_path):
    file = str(tmp_path / "monday.backup")
    assert "It ends on" in done(undertone("backup", file))
    refused(undertone("backup", file), "already")
    with undertone.database.session() as session:
        session.get_one(Institution, room.institution_id).name = "Renamed College"
    assert "Restored as of" in done(undertone("restore", file))
    with undertone.database.reading() as session:
        assert session.get_one(Institution, room.institution_id).name == "Invented College"
        assert session.scalars(select(AuditEvent).where(AuditEvent.event == "restored")).one()
    assert "0 deleted" in done(undertone("backups", "expire", str(tmp_path)))
    (undertone.folder / "restoring").touch()
    refused(undertone("admin", "list", *HOME), "not finished")


def test_p64_the_switch_works_by_command(undertone, room):
    done(undertone("switch", "off", *HOME, "--course", room.course_id, "--reason", "A complaint"))
    refused(undertone("switch", "off", *HOME, "--course", room.course_id, "--reason", "Again"), "already")
    with undertone.database.reading() as session:
        assert stopping.is_stopped(session, room.course_id)
    done(undertone("switch", "on", *HOME, "--course", room.course_id, "--reason", "Settled"))
    refused(
        undertone("switch", "off", *HOME, "--course", "elsewhere", "--reason", "x"), "no course of this id"
    )
    done(undertone("switch", "off", *HOME, "--reason", "A complaint"))
    refused(undertone("switch", "on", *HOME, "--reason", " "), "Say why")


def test_p42_a_request_is_kept_carried_out_and_closed_by_command(undertone, room, tmp_path):
    added = done(undertone("request", "add", *HOME, "--kind", "erasure", "--lms-user", "77"))
    request_id = added.split()[0]
    assert "known in 1 courses" in added
    out = tmp_path / "copy.json"
    done(undertone("request", "copy", "--id", request_id, "--out", str(out)))
    assert out.stat().st_mode & 0o077 == 0
    assert json.loads(out.read_text())["courses"][0]["texts"][0]["text"] == "Words of their own."
    refused(undertone("request", "copy", "--id", request_id, "--out", str(out)), "cannot be written")
    assert "with 1 texts" in done(undertone("request", "erase", "--id", request_id, "--yes"))
    assert "erasure open" in done(undertone("request", "list", *HOME))
    done(undertone("request", "close", "--id", request_id, "--state", "done", "--words", "Told"))
    assert "Told" in done(undertone("request", "show", "--id", request_id))
    refused(undertone("request", "show", "--id", "nothing"), "no request of this id")


def test_p65_the_list_after_a_breach_is_a_table(undertone, room):
    window = ("--from", "2026-01-01", "--to", "2100-01-01")
    rows = list(csv.DictReader(io.StringIO(undertone("breach-report", *HOME, *window).stdout)))
    assert {row["kind"] for row in rows} >= {"posts", "consent_states", "person_keys"}
    assert {row["pseudonym"] for row in rows} == {room.one}
    assert "lms_user_id" not in rows[0]
    rows = list(csv.DictReader(io.StringIO(undertone("breach-report", *HOME, *window, "--lms-ids").stdout)))
    assert {row["lms_user_id"] for row in rows} == {"77"}
    refused(undertone("breach-report", *HOME, "--from", "2026-01-02", "--to", "2026-01-01"), "must end after")
