"""The score job on real weights: what it scores, what it leaves alone, what a kill leaves behind."""

import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select

from lti_tool.consent.tables import ConsentState
from lti_tool.ingest.tables import Post
from lti_tool.jobs import Run
from lti_tool.scoring import serving, tasks
from lti_tool.scoring.readings import readings
from lti_tool.scoring.tables import CourseModel, ModelVersion, Score
from lti_tool.storage import current_keyring
from tests.classroom import START, Classroom

TEXTS = ("I do not see why it stops.", "What a great lab, more please!", "Room four, nine o'clock.")


@pytest.fixture
def course(database, adapter):
    """A course of twenty people with A, three texts each, and the serving version; ids only."""
    with database.session() as session:
        room = Classroom(session)
        version = serving.install_shipped(session, START, adapter)
        forum = room.activity("Help")
        for person in room.people(20, "A"):
            for number, text in enumerate(TEXTS):
                room.post(person, forum, f"{text} {person[:4]}", number)
        room.version_id, room.forum = version.id, forum
    return room


@pytest.fixture
def run(database, settings, course):
    told = []
    made = Run("job", course.course_id, {}, database, settings, lambda *line: told.append(line))
    object.__setattr__(made, "told", told)
    return made


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
