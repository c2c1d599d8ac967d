"""The score job on real weights: what it scores, what it leaves alone, what a kill leaves behind."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from lti_tool.consent.tables import ConsentState
from lti_tool.ingest.tables import Post
from lti_tool.jobs.service import claim
from lti_tool.launch.tables import Course
from lti_tool.scoring import serving, tasks
from lti_tool.scoring.readings import readings
from lti_tool.scoring.tables import CourseModel, ModelVersion, Score
from lti_tool.storage import current_keyring
from tests.classroom import START, Classroom


def count(database, what=Score):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(what))


def test_every_scorable_text_gets_one_score_and_the_course_shows_the_version(run, database, course):
    assert tasks.score(run) == {"scored": 60, "version": course.version_id}
    assert tasks.score(run)["scored"] == 0
    with database.reading() as session:
        version = serving.shown_version(session, course.course_id)
        assert version.id == course.version_id
        found = readings(session, version, course_id=course.course_id)
        assert len(found) == 60
        some = list(found)[:3]
        assert readings(session, version, post_ids=some) == {post_id: found[post_id] for post_id in some}
    assert run.told[-1] == ("Scoring texts", 0, 0)


def test_texts_not_covered_or_without_a_are_left_alone(run, database, course):
    with database.session() as session:
        room = Classroom(session)
        course.session = session
        course.post(course.person("A"), course.forum, "¿Por qué?", scorable="language")
        course.post(course.person(""), course.forum, "Of somebody who withdrew")
        room.post(room.person("A"), room.activity("Of another course"))
    assert tasks.score(run)["scored"] == 60


def test_an_edited_text_is_scored_anew_and_its_old_reading_is_not_used(run, database, course):
    tasks.score(run)
    with database.session() as session:
        post = session.scalars(select(Post)).first()
        post.text, post.text_hash = "Now I see.", "new"
        version = serving.shown_version(session, course.course_id)
        assert post.id not in readings(session, version, [post.id])
    assert tasks.score(run)["scored"] == 1


def test_who_withdraws_while_texts_are_scored_gets_no_score(run, database, course, monkeypatch):
    """The withdrawal falls between reading and writing: nothing of that person is written (P16)."""
    original = tasks.scorer_for

    def withdrawing(folder):
        with database.session() as session:
            state = session.scalars(select(ConsentState).where(ConsentState.a)).first()
            if state is not None and count(database) == 0:
                state.a = False
        return original(folder)

    monkeypatch.setattr(tasks, "scorer_for", withdrawing)
    assert tasks.score(run)["scored"] == 57
    with database.reading() as session:
        assert (
            session.scalar(
                select(func.count())
                .select_from(Score)
                .join(ConsentState, ConsentState.person_id == Score.person_id)
                .where(~ConsentState.a)
            )
            == 0
        )


def test_a_version_promoted_meanwhile_is_scored_too_and_only_it_is_shown(
    run, database, course, other_adapter, monkeypatch
):
    original, moved = tasks.scorer_for, []

    def promoting(folder):
        if not moved:
            with database.session() as session:
                moved.append(serving.install_shipped(session, START, other_adapter).id)
        return original(folder)

    monkeypatch.setattr(tasks, "scorer_for", promoting)
    tasks.score(run)
    with database.reading() as session:
        assert session.get_one(CourseModel, course.course_id).version_id == moved[0] != course.version_id
        version = session.get_one(ModelVersion, moved[0])
        assert len(readings(session, version, course_id=course.course_id)) == 60


def test_the_course_keeps_its_version_until_all_is_scored(run, database, course, other_adapter, monkeypatch):
    tasks.score(run)
    with database.session() as session:
        serving.install_shipped(session, START, other_adapter)

    def broken(_folder):
        raise RuntimeError("stopped")

    monkeypatch.setattr(tasks, "scorer_for", broken)
    with pytest.raises(RuntimeError):
        tasks.score(run)
    with database.reading() as session:
        assert serving.shown_version(session, course.course_id).id == course.version_id


def test_the_newest_texts_are_scored_first_and_none_is_left_out(run, database, course, monkeypatch):
    monkeypatch.setattr(tasks, "BATCH", 7)
    batches = []
    original = tasks._score
    monkeypatch.setattr(tasks, "_score", lambda *given: batches.append(given[2]) or original(*given))
    with database.session() as session:
        session.scalars(select(Post)).first().written_at = START + timedelta(days=9)
    assert tasks.score(run)["scored"] == 60
    ids = [waiting.post_id for batch in batches for waiting in batch]
    with database.reading() as session:
        written = {post.id: post.written_at for post in session.scalars(select(Post))}
    assert [written[post_id] for post_id in ids] == sorted(written.values(), reverse=True)
    assert len(set(ids)) == 60


def test_a_promotion_queues_the_courses_that_were_opened_last_first(session):
    rooms = [Classroom(session) for _ in range(4)]
    for days, room in zip((3, 1, 4, 2), rooms, strict=True):
        session.get_one(Course, room.course_id).last_launch_at = START + timedelta(days=days)
    version = rooms[0].version()
    now = START + timedelta(days=5)
    serving.promote(session, now, version.id, "command line", "by_hand")
    order = [claim(session, now + timedelta(seconds=1), "w", frozenset({"score"})).key for _ in rooms]
    assert order == [rooms[place].course_id for place in (2, 0, 3, 1)]


@pytest.mark.kill
def test_killed_between_two_courses_each_flips_when_it_is_done(
    run, database, course, settings, other_adapter
):
    """The first is done and shows the new version; the second, killed in the middle, shows the old one until it is."""
    with database.session() as session:
        beside = Classroom(session)
        forum = beside.activity("Help")
        for person in beside.people(20, "A"):
            for number in range(3):
                beside.post(person, forum, f"Where is room {number} {person[:4]}?", number)
    other = replace(run, key=beside.course_id)
    tasks.score(run)
    tasks.score(other)
    with database.session() as session:
        new = serving.install_shipped(session, START, other_adapter)
    tasks.score(run)
    assert shown(database) == {course.course_id: new.id, beside.course_id: course.version_id}
    before = count(database)
    current_keyring().save(settings.keys_path)
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(settings.home), beside.course_id])
    deadline = time.monotonic() + 60
    while count(database) < before + 8 and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert before < count(database) < before + 60
    assert shown(database) == {course.course_id: new.id, beside.course_id: course.version_id}
    tasks.score(other)
    assert count(database) == before + 60
    assert shown(database) == {course.course_id: new.id, beside.course_id: new.id}


def shown(database):
    with database.reading() as session:
        return {row.course_id: row.version_id for row in session.scalars(select(CourseModel))}


@pytest.mark.kill
def test_killed_in_the_middle_and_run_again_the_rows_are_the_same(
    run, database, course, settings, monkeypatch
):
    monkeypatch.setattr(tasks, "BATCH", 8)
    tasks.score(run)
    wanted = rows(database)
    with database.session() as session:
        session.execute(delete(Score))
        session.execute(delete(CourseModel))
    current_keyring().save(settings.keys_path)
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(settings.home), course.course_id])
    deadline = time.monotonic() + 60
    while count(database) < 16 and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert 0 < count(database) < 60
    assert count(database, CourseModel) == 0
    tasks.score(replace(run))
    assert rows(database) == wanted


def rows(database):
    with database.reading() as session:
        scores = session.execute(
            select(Score.post_id, Score.text_hash, Score.weights_hash, Score.logits)
        ).all()
        return {
            (post, digest, weights): [round(value, 3) for value in logits]
            for post, digest, weights, logits in scores
        }


CHILD = """
import sys, time
from pathlib import Path
from lti_tool.jobs import Run
from lti_tool.scoring import tasks
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, use_keyring

home, course = Path(sys.argv[1]), sys.argv[2]
settings = Settings(environment="test", home=home)
use_keyring(Keyring.load(settings.keys_path))
tasks.BATCH = 8
tell = lambda *_: time.sleep(0.3)
tasks.score(Run("job", course, {}, Database(settings.database), settings, tell))
"""
