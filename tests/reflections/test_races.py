"""Two windows, a withdrawal and the job meet: one text, no post without its text, on both databases."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lti_tool.consent import service as consent
from lti_tool.consent import wording
from lti_tool.ingest.tables import Post
from lti_tool.launch.roster import Member, Roster
from lti_tool.launch.tables import PersonKey
from lti_tool.reflections import tasks, writing
from lti_tool.reflections.errors import NotAgreedError, WindowsDifferError
from lti_tool.reflections.pipeline import Taking
from lti_tool.reflections.service import Prompt, one, set_prompt
from lti_tool.reflections.tables import ReflectionText
from lti_tool.storage import Database
from tests.classroom import Classroom
from tests.consent.test_concurrency import postgres_database, together
from tests.reflections.conftest import NOW, TEXT

ROUNDS = 6
ROSTER = Roster((Member("5", "Rosalind", "Quince", "Rosalind Quince", "", (), True),), True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared(request, database) -> Iterator[Database]:
    if request.param == "sqlite":
        yield database
    else:
        with postgres_database(request.getfixturevalue("postgres_url")) as opened:
            yield opened


@pytest.fixture
def ours(shared):
    """Ids of a course, its open reflection and a person with A."""
    with shared.session() as session:
        wording.publish(session, NOW)
        room = Classroom(session)
        person = room.person("A")
        session.add(PersonKey(person_id=person, identity_index="i", lms_user_id="5"))
        asked = Prompt("Week", "What?", "On paper", None, None, NOW + timedelta(days=1), "UTC")
        return room.course_id, set_prompt(session, room.course_id, "week", asked).id, person


def write(database, ours, text, keep=writing.save_draft, version=""):
    course, reflection, person = ours
    with database.session() as session:
        return keep(session, NOW, one(session, course, reflection), person, text, version)


def count(database, table):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_two_first_drafts_at_one_moment_are_one_text_and_one_question(shared, ours):
    outcomes, mark = [], threading.Lock()

    def window(name):
        try:
            write(shared, ours, f"From {name}")
            told = "kept"
        except WindowsDifferError:
            told = "asked"
        with mark:
            outcomes.append(told)

    together(lambda: window("one"), lambda: window("two"))
    assert sorted(outcomes) == ["asked", "kept"]
    assert count(shared, ReflectionText) == 1


def test_a_withdrawal_that_meets_writer_and_job_leaves_nothing(shared, ours):
    course, _reflection, person = ours

    def choose(agreed):
        with shared.session() as session:
            consent.save(session, NOW, person, course, consent.Choices(True, a=agreed, earlier=agreed), "en")

    def hand_in():
        with suppress(NotAgreedError, WindowsDifferError):
            write(shared, ours, TEXT, writing.hand_in)

    def take_in():
        taking = Taking(course, ROSTER)
        rows = tasks._waiting(shared, course, "")
        with shared.reading() as session:
            made = taking.prepare(session, rows)
        with shared.session() as session:
            taking.write(session, NOW, made)

    for turn in range(ROUNDS):
        choose(True)
        hand_in()
        take_in()
        assert count(shared, Post) == 1
        together(lambda: choose(False), hand_in, take_in)
        assert (count(shared, ReflectionText), count(shared, Post)) == (0, 0), turn
