"""The exchange of a good launch, over HTTP with generated keys."""

import pytest
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch.tables import Course, LaunchSession, LoginAttempt, Membership, Person


@pytest.mark.parametrize("role", ["instructor", "student", "administrator"])
def test_each_role_lands_on_a_page_of_its_launch(sign_in, database, role):
    person = sign_in(role)
    assert person.get("information").status_code == 200
    with database.reading() as session:
        row = session.scalars(select(LaunchSession)).one()
        assert (row.id, row.role) == (person.launch_id, role)
        assert session.scalars(select(AuditEvent.event).where(AuditEvent.event == "launch")).one()
        assert session.scalars(select(LoginAttempt)).all() == []


def test_a_launch_makes_a_course_a_person_and_a_membership_once(sign_in, database):
    sign_in("student", "5")
    sign_in("student", "5")
    with database.reading() as session:
        course = session.scalars(select(Course)).one()
        person = session.scalars(select(Person)).one()
        membership = session.scalars(select(Membership)).one()
    assert (course.context_key, course.title) == ("2", "Ecology 2")
    assert (membership.person_id, membership.course_id, membership.role) == (person.id, course.id, "student")
