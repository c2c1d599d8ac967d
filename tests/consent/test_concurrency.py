"""A withdrawal and a writer meet: whichever comes second sees the other, and no text stays (P16)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, func, select, text

from lti_tool.consent import ledger, service
from lti_tool.consent.service import DECLINED, Choices
from lti_tool.consent.tables import ConsentEvent, ConsentState
from lti_tool.ingest.tables import Post
from lti_tool.storage import Base, Database

from .conftest import NOW, make_course

ROUNDS = 12


@contextmanager
def postgres_database(address: str) -> Iterator[Database]:
    """A database of our own on the server, so that no other test sees our tables."""
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS consent_race"))
        connection.execute(text("CREATE DATABASE consent_race"))
    opened = Database(address.rsplit("/", 1)[0] + "/consent_race")
    Base.metadata.create_all(opened.engine)
    yield opened
    opened.dispose()
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared(request, database) -> Iterator[Database]:
    if request.param == "sqlite":
        yield database
    else:
        with postgres_database(request.getfixturevalue("postgres_url")) as opened:
            yield opened


def together(*works) -> None:
    """Run the works at the same moment; raise what one of them raised."""
    start, faults = threading.Barrier(len(works)), []

    def run(work) -> None:
        start.wait()
        try:
            work()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def write_if_agreed(database, course, person, number) -> None:
    with database.session() as session:
        if service.lock(session, person).a:
            course.write(session, person, number)


def save(database, course, person, choices, at=NOW) -> None:
    with database.session() as session:
        service.save(session, at, person, course.course, choices, "en")


def test_no_text_stays_when_a_withdrawal_and_writers_race(shared):
    with shared.session() as session:
        course = make_course(session)
    person = course.people[0]
    for turn in range(ROUNDS):
        save(shared, course, person, Choices(True, a=True))
        together(
            lambda turn=turn: write_if_agreed(shared, course, person, 2 * turn),
            lambda: save(shared, course, person, DECLINED, NOW + timedelta(days=1)),
            lambda turn=turn: write_if_agreed(shared, course, person, 2 * turn + 1),
        )
        with shared.reading() as session:
            assert session.scalar(select(func.count()).select_from(Post)) == 0


def test_lines_of_people_who_answer_at_once_form_one_whole_chain(shared):
    with shared.session() as session:
        course = make_course(session, size=6)
        service.show(session, NOW, course.people[0], course.course, "en")
    together(*(lambda p=p: save(shared, course, p, Choices(True, a=True)) for p in course.people))
    with shared.reading() as session:
        assert ledger.verify(session, course.course) is None
        assert session.scalar(select(func.max(ConsentEvent.number))) == 1 + 5 * 6


def test_two_first_answers_of_one_person_make_one_row(shared):
    with shared.session() as session:
        course = make_course(session)
        service.show(session, NOW, course.people[0], course.course, "en")
    person = course.people[0]
    together(*(lambda: save(shared, course, person, Choices(True, a=True)) for _ in range(3)))
    with shared.reading() as session:
        assert session.scalar(select(func.count()).select_from(ConsentState)) == 1
        assert ledger.verify(session, course.course) is None
