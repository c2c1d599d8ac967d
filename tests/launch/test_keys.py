"""Our signing keys change so that no platform ever misses one: previous, current and next."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch import keys
from lti_tool.launch.tables import ToolKey

START = datetime(2026, 9, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def session(database):
    with database.session() as opened:
        yield opened


def kids(session: Session) -> list[str]:
    return [key["kid"] for key in keys.published(session)["keys"]]


def test_the_first_key_signs_at_once(session: Session) -> None:
    first = keys.ensure(session, START)
    assert keys.ensure(session, START + HOUR) is first
    assert kids(session) == [first.kid]


def test_the_next_key_is_published_a_day_before_it_signs(session: Session) -> None:
    first = keys.ensure(session, START)
    following = keys.rotate(session, START + DAY)
    assert kids(session) == [first.kid, following.kid]
    assert keys.ensure(session, START + 2 * DAY) is first
    assert keys.ensure(session, START + DAY + keys.LEAD) is following


def test_rotating_twice_makes_one_key(session: Session) -> None:
    keys.ensure(session, START)
    assert keys.rotate(session, START + DAY) is keys.rotate(session, START + DAY + HOUR)


def test_the_previous_key_is_retired_when_no_call_of_it_is_left(session: Session) -> None:
    first = keys.ensure(session, START)
    following = keys.rotate(session, START + DAY)
    keys.turn(session, START + DAY + 2 * keys.LEAD)
    assert kids(session) == [first.kid, following.kid]
    keys.turn(session, START + DAY + 2 * keys.LEAD + HOUR)
    assert kids(session) == [following.kid]
    assert first.private_pem == ""


def test_each_key_is_replaced_after_ninety_days_by_itself(session: Session) -> None:
    made = {keys.ensure(session, START).kid}
    for day in range(1, 400):
        now = START + day * DAY
        keys.turn(session, now)
        published = kids(session)
        assert keys.ensure(session, now).kid in published
        assert len(published) <= 3
        made.update(published)
    assert len(made) == 5


def test_a_key_that_became_known_is_retired_at_once(session: Session) -> None:
    first = keys.ensure(session, START)
    keys.rotate(session, START + HOUR)
    new = keys.rotate(session, START + 2 * HOUR, at_once=True)
    assert kids(session) == [new.kid]
    assert keys.ensure(session, START + 2 * HOUR) is new
    assert first.private_pem == ""


def test_changes_of_keys_are_logged(session: Session) -> None:
    keys.ensure(session, START)
    keys.rotate(session, START + HOUR, at_once=True)
    session.flush()
    events = session.scalars(select(AuditEvent.event).where(AuditEvent.event.startswith("signing_key"))).all()
    assert sorted(events) == ["signing_key_made", "signing_key_made", "signing_key_retired"]


def test_the_command_says_when_the_next_key_signs(database, settings, keyring, monkeypatch) -> None:
    from lti_tool import installation
    from lti_tool.cli import main

    opened = installation.Installation(settings, database)
    monkeypatch.setattr(installation, "open_current", lambda: opened)
    with database.session() as session:
        keys.ensure(session, datetime.now(UTC) - DAY)
    said = CliRunner().invoke(main, ["keys", "rotate"]).output
    assert "It signs from 20" in said
    listed = CliRunner().invoke(main, ["keys", "list"]).output.splitlines()
    assert [line.endswith("(signs)") for line in listed] == [True, False]
    assert "It signs from now" in CliRunner().invoke(main, ["keys", "rotate", "--at-once"]).output
    with database.reading() as session:
        assert len(session.scalars(select(ToolKey).where(ToolKey.active)).all()) == 1
