"""Who is no longer in the course loses the pages that are open (S7); who was never on a roster does not."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lti_tool.launch import people
from lti_tool.launch.tables import Course, Membership


@pytest.fixture
def roster(database):
    """`roster(ids)`: a reading of the course's roster names these people; how many left."""

    def read(*present: str) -> int:
        with database.session() as session:
            course = session.scalars(select(Course)).one()
            return people.follow_roster(session, datetime.now(UTC), course.id, present)

    return read


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_pages_close_when_somebody_leaves(sign_in, roster, role):
    person, other = sign_in(role, "5"), sign_in("student", "6")
    assert roster("5", "6") == 0
    assert roster("6") == 1
    assert person.get(person.landing).status_code == 403
    assert other.get(other.landing).status_code == 200
    assert roster("6") == 0


def test_somebody_who_was_on_no_roster_stays(sign_in, roster):
    """A site's administrator who looks into a course without being enrolled in it."""
    person = sign_in("instructor", "2")
    assert roster("6") == 0
    assert person.get(person.landing).status_code == 200


def test_coming_back_is_a_new_launch(sign_in, roster, database):
    sign_in("student", "5")
    roster("5")
    roster()
    with database.reading() as session:
        assert not session.scalars(select(Membership)).one().active
    back = sign_in("student", "5")
    assert back.get(back.landing).status_code == 200
    assert roster("5") == 0
    assert back.get(back.landing).status_code == 200


def test_another_courses_people_are_let_alone(sign_in, database):
    here, there = sign_in("student", "5", course="2"), sign_in("student", "5", course="3")
    with database.session() as session:
        course = session.scalars(select(Course).where(Course.context_key == "2")).one()
        for present in ({"5"}, set()):
            people.follow_roster(session, datetime.now(UTC), course.id, present)
    assert here.get(here.landing).status_code == 403
    assert there.get(there.landing).status_code == 200
