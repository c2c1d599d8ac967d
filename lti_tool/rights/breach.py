"""Help after a breach (P65): whose data of which kinds was there between two moments, for the notice of GDPR Art. 33.

It tells what is still there. What was deleted since has left no row; who was erased meanwhile is known only as a
pseudonym in the ledger, and is listed with that.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.audit.tables import AuditEvent
from lti_tool.errors import FieldError
from lti_tool.launch.tables import Course, Institution, Person, PersonKey
from lti_tool.storage import owned_tables


@dataclass(frozen=True)
class Held:
    """Rows of one kind that were there in the window: how many, and since when the first and the last."""

    kind: str
    rows: int
    first: datetime | None
    last: datetime | None


@dataclass
class Subject:
    """One affected person in one course."""

    pseudonym: str
    """The person's random id: it leads to nobody without the database and the keys."""
    course: str
    lms_user_id: str | None = None
    held: list[Held] = field(default_factory=list)
    events: int = 0
    """Entries of the log about this person in the window, such as pages that staff opened."""


def report(
    session: Session,
    now: datetime,
    institution: Institution,
    start: datetime,
    end: datetime,
    *,
    lms_ids: bool,
    actor_id: str | None = None,
) -> list[Subject]:
    """Everybody of the institution of whom something was there before `end`, on record in the log.

    LMS ids only on request. Raises FieldError when the window is none.
    """
    if not start < end:
        raise FieldError("The window must end after it begins. Nothing was listed.", "from", "to")
    found = {one.pseudonym: one for one in _people(session, institution.id)}
    for mapped, owned in owned_tables():
        table: Any = mapped
        moment = getattr(table, owned.held_at) if owned.held_at else None
        for person_id, held in _held(session, table, moment, institution.id, end):
            if person_id not in found:  # a line of the ledger whose person was erased
                found[person_id] = Subject(person_id, "")
            found[person_id].held.append(held)
    for person_id, events in _events(session, institution.id, start, end):
        if person_id in found:
            found[person_id].events = events
    affected = sorted(
        (one for one in found.values() if one.held), key=lambda one: (one.course, one.pseudonym)
    )
    if lms_ids:
        _add_lms_ids(session, institution.id, affected)
    facts = {"subjects": len(affected), "lms_ids": int(lms_ids)}
    audit.record(session, now, "breach_report", institution_id=institution.id, actor_id=actor_id, facts=facts)
    session.flush()
    return affected


def _people(session: Session, institution_id: str) -> Iterator[Subject]:
    query = select(Person.id, Course.title).outerjoin(Course, Course.id == Person.course_id)
    for person_id, title in session.execute(query.where(Person.institution_id == institution_id)):
        yield Subject(person_id, title or "")


def _held(
    session: Session, table: Any, moment: Any, institution_id: str, end: datetime
) -> Iterator[tuple[str, Held]]:
    """One line per person; a row without a time of its own counts as there all along."""
    times = (func.min(moment), func.max(moment)) if moment is not None else ()
    query = select(table.person_id, func.count(), *times).where(_is_of(table, institution_id))
    if moment is not None:
        query = query.where((moment < end) | moment.is_(None))
    for person_id, rows, *between in session.execute(query.group_by(table.person_id)):
        first, last = between or (None, None)
        yield person_id, Held(table.__tablename__, rows, first, last)


def _is_of(table: Any, institution_id: str) -> Any:
    """By the course where the row names one, since a person may be erased; else by the person."""
    if "course_id" in table.__table__.columns.keys():  # noqa: SIM118  a collection of columns, not a dict
        return table.course_id.in_(select(Course.id).where(Course.institution_id == institution_id))
    return table.person_id.in_(select(Person.id).where(Person.institution_id == institution_id))


def _events(
    session: Session, institution_id: str, start: datetime, end: datetime
) -> Iterator[tuple[str, int]]:
    query = select(AuditEvent.subject_id, func.count()).where(
        AuditEvent.institution_id == institution_id,
        AuditEvent.subject_id.is_not(None),
        AuditEvent.at >= start,
        AuditEvent.at < end,
    )
    for person_id, events in session.execute(query.group_by(AuditEvent.subject_id)):
        yield person_id or "", events


def _add_lms_ids(session: Session, institution_id: str, affected: list[Subject]) -> None:
    keys = select(PersonKey).join(Person).where(Person.institution_id == institution_id)
    known = {key.person_id: key.lms_user_id for key in session.scalars(keys)}
    for one in affected:
        one.lms_user_id = known.get(one.pseudonym)
