"""Pausing: nothing new is read, scored or used, the choices stand, and going on brings nothing of the pause."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from lti_tool.consent import ledger
from lti_tool.consent import service as consent
from lti_tool.consent.tables import ConsentState
from lti_tool.ingest.reading import Reading
from lti_tool.ingest.tables import Activity, Post
from lti_tool.ingest.writing import Counts
from lti_tool.insights.material import gather
from lti_tool.launch.tables import Course
from lti_tool.lms.protocol import PostFacts
from lti_tool.review.pool import corrections
from lti_tool.rights import pausing
from lti_tool.scoring.serving import shown_version
from lti_tool.scoring.tasks import _waiting

from .conftest import CONFUSED, NEW

NOW = datetime.now(UTC) + timedelta(hours=1)


def pause(database, writer, now=NOW):
    with database.session() as session:
        return pausing.pause(session, now, writer.person, "en")


def resume(database, writer, now=NOW):
    with database.session() as session:
        return pausing.resume(session, now, writer.person, "en")


def covers(database, writer, moment):
    with database.reading() as session:
        return consent.covers(session.get_one(ConsentState, writer.person), moment)


def read(database, writer, *posts, complete=True):
    """One reading of the forum by the LMS's author id "7"."""
    with database.reading() as session:
        state = session.get_one(ConsentState, writer.person)
        activity = session.scalars(select(Activity.id)).first()
    reading = Reading(
        database=database,
        course_id=writer.course,
        activity_id=activity,
        authors={"7": state},
        cleaner=Untouched(),
        trainable=True,
        complete=complete,
        now=lambda: NOW,
        counts=Counts(),
    )
    for post in posts:
        reading.take(post)
    reading.finish()
    return reading.counts


class Untouched:
    def clean(self, words):
        return words


def facts(number, at, words="A new text of mine."):
    return PostFacts(
        external_id=number,
        kind="forum",
        author_id="7",
        thread_id=None,
        parent_id=None,
        title=None,
        html=f"<p>{words}</p>",
        created_at=at,
        edited_at=None,
    )


def empty(database):
    """Without the texts of the fixture, whose marks are no real ones."""
    with database.session() as session:
        session.execute(delete(Post))


def test_p41_a_pause_is_in_the_ledger_and_leaves_the_choices(writer, database):
    with database.reading() as session:
        before = consent.choices(session, writer.person)
    assert pause(database, writer)
    assert not pause(database, writer)
    assert resume(database, writer, NOW + timedelta(days=1))
    assert not resume(database, writer)
    with database.reading() as session:
        assert consent.choices(session, writer.person) == before
        events = [line.event for line in ledger.history(session, writer.person)]
        assert ledger.verify(session, writer.course) is None
    assert events.count("paused") == events.count("resumed") == 1


def test_p41_while_paused_nothing_is_covered_granted_scored_or_trained(writer, database):
    writer.browser.post("choices/c", {"value": "yes"})
    path = f"texts/{writer.posts[CONFUSED]}/wrong"
    writer.browser.post(path, {"sentiment": "positive", "text_hash": "0" * 64})

    def used():
        with database.session() as session:
            version = shown_version(session, writer.course)
            material = gather(session, session.get_one(Course, writer.course), version)
            return (
                consent.granted(session, writer.course, "a"),
                len(material.texts),
                len(_waiting(session, writer.course, version, 9)),
                len(corrections(session)),
            )

    assert used() == ({writer.person}, 1, 1, 1)
    pause(database, writer)
    assert used() == (set(), 0, 0, 0)
    assert not covers(database, writer, NOW)
    resume(database, writer, NOW + timedelta(days=1))
    assert used() == ({writer.person}, 1, 1, 1)
    assert NEW in writer.browser.get("texts").text


def test_p41_what_was_written_in_a_pause_is_never_read(writer, database):
    empty(database)
    pause(database, writer)
    during = NOW + timedelta(hours=2)
    assert read(database, writer, facts("1", during)).new == 0
    resume(database, writer, NOW + timedelta(days=1))
    assert not covers(database, writer, NOW)
    assert covers(database, writer, NOW + timedelta(days=1))
    after = facts("2", NOW + timedelta(days=2), "Written after the pause.")
    assert read(database, writer, facts("1", during), after).new == 1


def test_p41_a_complete_reading_in_a_pause_takes_nothing_for_gone(writer, database):
    empty(database)
    assert read(database, writer, facts("1", NOW - timedelta(minutes=1))).new == 1
    pause(database, writer)
    read(database, writer, facts("1", NOW - timedelta(minutes=1), "Edited in the pause."))
    with database.reading() as session:
        kept = {post.text for post in session.scalars(select(Post))}
    assert kept == {"A new text of mine."}


def test_p41_withdrawing_ends_a_pause(writer, database):
    pause(database, writer)
    writer.browser.post("choices/a", {"value": "no"})
    with database.reading() as session:
        state = session.get_one(ConsentState, writer.person)
    assert (state.paused, state.pauses) == (False, [])


def test_p41_the_page_pauses_and_goes_on_and_a_stale_form_changes_nothing(writer, database):
    assert "What you write during the pause is never read" in writer.browser.get("data/pause").text
    for _ in range(2):
        assert writer.browser.post("data/pause", {"value": "pause"}).status_code == 303
        assert "You have paused." in writer.browser.get("texts").text
    for _ in range(2):
        assert writer.browser.post("data/pause", {"value": "resume"}).status_code == 303
        assert "You have paused." not in writer.browser.get("texts").text
    assert writer.browser.post("data/pause", {"value": "perhaps"}).status_code == 400
    with database.reading() as session:
        assert len(session.get_one(ConsentState, writer.person).pauses) == 1


def test_p41_without_a_yes_there_is_nothing_to_pause(sign_in, database):
    student = sign_in("student", "9")
    student.get("student")
    student.post("choices", {"decision": "decline"})
    assert "nothing to pause" in student.get("data/pause").text
    assert student.post("data/pause", {"value": "pause"}).status_code == 403


@pytest.mark.parametrize("about", ["reading", "instructors", "training", "other"])
def test_p41_an_objection_reaches_the_staff_once(writer, database, about):
    from lti_tool.rights.requests_tables import DataRequest

    for _ in range(2):
        assert writer.browser.post("data/object", {"about": about}).status_code == 303
    assert writer.browser.post("data/object", {"about": "everything"}).status_code == 422
    with database.reading() as session:
        (request,) = session.scalars(select(DataRequest)).all()
    assert (request.kind, request.state, len(request.evidence)) == ("objection", "open", 1)
