"""From when on times of deletion count: the end of a course, or of a person's stay in it (P43, P62)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.ingest.tables import Post
from lti_tool.launch.tables import Course, LaunchSession, Membership, Person

UNKNOWN_END = timedelta(days=365)
"""A course that nobody gave an end to is over so long after the last thing that happened in it."""


@dataclass(frozen=True)
class Stay:
    """A person in a course, and when that ended or will end."""

    person_id: str
    institution_id: str
    ends_at: datetime


def course_ends(session: Session) -> dict[str, tuple[str, datetime]]:
    """Course id → its institution and its end: the date on record, else a year after its last launch or text."""
    written = dict(
        session.execute(select(Post.course_id, func.max(Post.written_at)).group_by(Post.course_id)).all()
    )
    entered = dict(
        session.execute(
            select(Person.course_id, func.max(Person.created_at)).group_by(Person.course_id)
        ).all()
    )
    found = {}
    for course in session.scalars(select(Course)):
        seen = (course.last_launch_at, written.get(course.id), entered.get(course.id), course.starts_on)
        last = max((moment for moment in seen if moment is not None), default=None)
        end = course.ends_on or (last + UNKNOWN_END if last is not None else None)
        if end is not None:
            found[course.id] = (course.institution_id, end)
    return found


def stays(session: Session, ends: dict[str, tuple[str, datetime]]) -> Iterator[Stay]:
    """Everybody's stay. Whoever left the roster before the end of the course has an end of their own (P43)."""
    query = select(Person.id, Person.institution_id, Person.course_id, Membership.left_at)
    for person_id, institution_id, course_id, left_at in session.execute(
        query.outerjoin(Membership, Membership.person_id == Person.id).where(Person.course_id.is_not(None))
    ):
        moments = [
            moment for moment in (left_at, ends[course_id][1] if course_id in ends else None) if moment
        ]
        if moments:
            yield Stay(person_id, institution_id, min(moments))
    yield from _outside_courses(session)


def _outside_courses(session: Session) -> Iterator[Stay]:
    """Administrators from outside a course, once no page of theirs is on record any more."""
    here = select(LaunchSession.person_id)
    query = select(Person).where(Person.course_id.is_(None), Person.id.not_in(here))
    for person in session.scalars(query):
        yield Stay(person.id, person.institution_id, person.created_at)
