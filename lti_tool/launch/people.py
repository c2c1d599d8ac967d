"""People and their memberships: a random id per person and course, one table to the LMS (decision 2)."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.launch import sessions
from lti_tool.launch.pseudonyms import Identities, Platform
from lti_tool.launch.tables import Course, Deployment, Membership, Person, PersonKey, Registration
from lti_tool.storage import opened


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
    home = course.institution_id if course else institution_id
    identities = Identities(home, Platform(issuer, client_id, deployment_key, context_key))
    known = select(PersonKey, Person).join(Person)
    found = session.execute(known.where(PersonKey.identity_index.in_(identities.known_as(sub)))).first()
    if found is not None:
        key, person = found
        # A launch that says nothing but the `sub` takes nothing away from what a field or the roster said.
        if lms_user_id not in (key.lms_user_id, sub):
            key.lms_user_id = lms_user_id
        identities.bring_up_to_date(key, sub)
        return person
    person = Person(institution_id=home, course_id=course.id if course else None, created_at=now)
    session.add(person)
    session.flush()
    index, identifier = identities.current(sub)
    subject = None if lms_user_id == sub else sub
    session.add(
        PersonKey(
            person_id=person.id,
            identity_index=index,
            key_id=identifier,
            lms_user_id=lms_user_id,
            subject=subject,
        )
    )
    session.flush()
    return person


def people_by_lms_id(session: Session, course_id: str) -> dict[str, str]:
    """From the author id of the LMS's API to our person id, for everyone who has launched in the course."""
    keys = select(PersonKey).join(Person).where(Person.course_id == course_id)
    return {key.lms_user_id: key.person_id for key in session.scalars(keys)}


def recorded_lms_ids(session: Session, course: Course) -> Callable[[str], str | None]:
    """From the `sub` of someone who has launched in the course to the id that is recorded for the LMS's API."""
    identities = _identities(session, course)
    keys = select(PersonKey).join(Person).where(Person.course_id == course.id)
    ids = {key.identity_index: key.lms_user_id for key in session.scalars(keys)}
    return lambda sub: next((ids[index] for index in identities.known_as(sub) if index in ids), None)


def learn_lms_ids(session: Session, course: Course, told: Mapping[str, str]) -> int:
    """Record what the platform's roster says (`sub` → id of the LMS's API); return how many it changed.

    It wins over a launch's field, which belongs to a link and not to the whole tool.
    """
    identities = _identities(session, course)
    by_index = {index: sub for sub in told for index in identities.known_as(sub)}
    changed = 0
    for key in session.scalars(select(PersonKey).join(Person).where(Person.course_id == course.id)):
        sub = by_index.get(key.identity_index)
        if sub is None:
            continue
        if told[sub] != key.lms_user_id:
            key.lms_user_id = told[sub]
            changed += 1
        identities.bring_up_to_date(key, sub)
    return changed


def _identities(session: Session, course: Course) -> Identities:
    """What makes an identity of a `sub`, as in `person_for`."""
    deployment = session.get_one(Deployment, course.deployment_id)
    registration = session.get_one(Registration, deployment.registration_id)
    platform = registration.issuer, registration.client_id, deployment.deployment_key, course.context_key
    return Identities(course.institution_id, Platform(*platform))


def remember_membership(session: Session, now: datetime, person_id: str, course_id: str, role: str) -> None:
    """The role of a person in the course by the newest verified launch or roster."""
    membership = session.get(Membership, person_id)
    if membership is None:
        session.add(Membership(person_id=person_id, course_id=course_id, role=role, seen_at=now))
    else:
        membership.role, membership.active, membership.seen_at = role, True, now
        membership.left_at = None
    session.flush()


def follow_roster(session: Session, now: datetime, course_id: str, present: Collection[str]) -> int:
    """Close the open pages of those whom the last roster named and this one does not (S7); return how many left.

    `present` holds the LMS's ids of the new roster. Nothing is written for those who stay.
    """
    query = select(opened(PersonKey.lms_user_id), Membership).join(
        Membership, Membership.person_id == PersonKey.person_id
    )
    left = 0
    for lms_user_id, membership in session.execute(query.where(Membership.course_id == course_id)):
        is_present = lms_user_id in present
        if membership.listed and not is_present:
            membership.active, membership.left_at = False, now
            sessions.end_others(session, now, membership.person_id)
            left += 1
        if membership.listed != is_present:
            membership.listed = is_present
        if is_present and membership.left_at is not None:
            membership.left_at = None
    if left:
        audit.record(session, now, "left_the_course", course_id=course_id, facts={"people": left})
    return left
