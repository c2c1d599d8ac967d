"""People and their memberships: a random id per person and course, one table to the LMS (decision 2)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.launch.tables import Course, Membership, Person, PersonKey
from lti_tool.storage import blind_index


def person_for(
    session: Session,
    now: datetime,
    course: Course | None,
    issuer: str,
    client_id: str,
    deployment_key: str,
    sub: str,
    lms_user_id: str,
    *,
    institution_id: str = "",
) -> Person:
    """The person behind (issuer, client, deployment, course, sub), made on first sight.

    `course` is None for an administrator who arrives from outside a course; then `institution_id` is needed.
    """
    context_key = course.context_key if course else ""
    index = blind_index(issuer, client_id, deployment_key, context_key, sub)
    key = session.scalar(select(PersonKey).where(PersonKey.identity_index == index))
    if key is not None:
        if key.lms_user_id != lms_user_id:
            key.lms_user_id = lms_user_id
        return session.get_one(Person, key.person_id)
    person = Person(
        institution_id=course.institution_id if course else institution_id,
        course_id=course.id if course else None,
        created_at=now,
    )
    session.add(person)
    session.flush()
    session.add(PersonKey(person_id=person.id, identity_index=index, lms_user_id=lms_user_id))
    session.flush()
    return person


def people_by_lms_id(session: Session, course_id: str) -> dict[str, str]:
    """From the author id of the LMS's API to our person id, for everyone who has launched in the course."""
    keys = select(PersonKey).join(Person).where(Person.course_id == course_id)
    return {key.lms_user_id: key.person_id for key in session.scalars(keys)}


def remember_membership(session: Session, now: datetime, person_id: str, course_id: str, role: str) -> None:
    """The role of a person in the course by the newest verified launch or roster."""
    membership = session.get(Membership, person_id)
    if membership is None:
        session.add(Membership(person_id=person_id, course_id=course_id, role=role, seen_at=now))
    else:
        membership.role, membership.active, membership.seen_at = role, True, now
    session.flush()
