"""What somebody with a copy of the database can read of a person: no name, no address, no id of theirs, no text."""

import sqlite3

import pytest
from sqlalchemy import select

from lti_tool.ingest.tables import Activity, Post
from lti_tool.launch.tables import Course, LaunchSession, PersonKey
from lti_tool.storage import blind_index, opened
from tests.classroom import START
from tests.ingest.planting import spelt

PERSONAL = {
    "name": "Zqperla Quillfeather",
    "given_name": "Zqperla",
    "family_name": "Quillfeather",
    "email": "zqperla@campus.example",
}
SUB, TEXT = "zq-sub-7431", "I am lost at zqinduction since Monday."


@pytest.fixture
def person(sign_in):
    """Somebody of whom the LMS tells all that it can."""
    return sign_in("student", SUB, **PERSONAL)


def dump(settings) -> bytes:
    """Everything in the database, as somebody without the keys sees it."""
    with sqlite3.connect(f"file:{settings.home / 'undertone.db'}?mode=ro", uri=True) as connection:
        return "\n".join(connection.iterdump()).encode().lower()


def write(database):
    with database.session() as session:
        row = session.scalars(select(LaunchSession)).one()
        course = session.get_one(Course, row.course_id)
        activity = Activity(course_id=course.id, external_index="1", kind="forum", name="Week 1")
        session.add(activity)
        session.flush()
        session.add(
            Post(
                course_id=course.id,
                activity_id=activity.id,
                person_id=row.person_id,
                external_index="1",
                title=TEXT,
                text=TEXT,
                text_hash=blind_index("text", TEXT),
                language="en",
                written_at=START,
                pulled_at=START,
            )
        )


def test_p28_a_dump_of_the_database_holds_no_email_and_no_name(person, settings):
    held = dump(settings)
    assert b"insert into" in held
    assert not [one for one in spelt(PERSONAL.values()) if one in held]


def test_p35_a_dump_of_the_database_holds_no_id_of_the_lms_and_no_text(person, settings, database):
    write(database)
    held = dump(settings)
    assert not [one for one in spelt([SUB, TEXT, "zqinduction"]) if one in held]
    with database.reading() as session:
        assert session.scalars(select(opened(PersonKey.lms_user_id))).all() == [SUB]
        assert session.scalars(select(opened(Post.text))).all() == [TEXT]


def test_p28_a_launch_that_tells_no_name_and_no_email_works_fully(sign_in, settings):
    nothing = dict.fromkeys((*PERSONAL, "picture", "locale"))
    nobody = sign_in("student", SUB, **nothing)
    for path in (nobody.landing, "choices", "texts"):
        assert nobody.get(path, follow_redirects=True).status_code == 200
