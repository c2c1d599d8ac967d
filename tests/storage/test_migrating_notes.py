"""A database of before notes about requests were sealed: they are, and pool texts learn when they were written."""

import json
from datetime import UTC, datetime
from importlib import import_module

import pytest
from alembic import command
from sqlalchemy import select, text

from lti_tool.review.pool import keep_for_pool
from lti_tool.review.service import contest
from lti_tool.review.tables import Answer, PoolText
from lti_tool.rights.requests_tables import DataRequest
from lti_tool.storage.migrate import _references_checked_at_the_end, configuration, migrate
from tests.classroom import START, Classroom

BEFORE = import_module("lti_tool.storage.migrations.versions.0015_sealed_notes").down_revision
EVIDENCE = [{"at": START.isoformat(), "act": "noted", "words": "Élodie’s brother rang"}]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def old(request):
    """With a request, and two texts in the pool; of one the answer is gone."""
    database = request.getfixturevalue(request.param)
    moved(database, command.stamp, "head")
    with database.session() as session:
        room = Classroom(session)
        author, activity = room.person("ABC"), room.activity("Forum")
        posts = [room.post(author, activity, f"Text number {day}.", day) for day in (1, 2)]
        for post in posts:
            contest(session, START, post.id, author, {"sentiment": "positive"})
        assert keep_for_pool(session, START, posts) == 2
        session.delete(session.scalars(select(Answer).where(Answer.post_id == posts[1].id)).one())
        times = {"received_at": START, "due_at": START}
        request = {"institution_id": room.institution_id, "kind": "objection", "evidence": EVIDENCE}
        session.add(DataRequest(**times, **request))
    moved(database, command.downgrade, BEFORE)
    return database


def moved(database, how, version):
    with (
        database.engine.connect() as connection,
        _references_checked_at_the_end(connection),
        connection.begin(),
    ):
        how(configuration(connection), version)


def test_p35_p42_notes_of_before_are_sealed_and_read_the_same(old):
    with old.reading() as session:
        stored = session.execute(text("SELECT evidence FROM data_requests")).scalar_one()
    assert (json.loads(stored) if isinstance(stored, str) else stored) == EVIDENCE
    migrate(old)
    with old.reading() as session:
        assert session.execute(text("SELECT evidence FROM data_requests")).scalar_one().startswith("u1.")
        assert session.scalars(select(DataRequest)).one().evidence == EVIDENCE


def test_p17_a_text_of_the_pool_of_which_nobody_knows_when_it_was_written_counts_as_an_earlier_one(old):
    migrate(old)
    with old.reading() as session:
        found = {row.text: row.written_at for row in session.scalars(select(PoolText))}
    assert found["Text number 1."] == START.replace(day=START.day + 1)
    assert found["Text number 2."] == datetime(1970, 1, 1, tzinfo=UTC)
