"""The one way in which rows of the log end: by their age, at night (P62). No page and no other command deletes any."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from lti_tool.audit.tables import AuditEvent

ABOUT_A_PERSON = AuditEvent.subject_id.is_not(None)
"""Who looked at whose texts, what was done to whose rows: kept longer than the rest, and counted for the student."""


def expire(
    session: Session, *, about_people: bool, before: datetime, institution_id: str | None, most: int
) -> int:
    """Delete up to `most` rows that are older than `before`, of an institution or with None of no institution.

    The rows refuse deletion by the ORM (`tables`); this statement goes past it on purpose.
    """
    about = ABOUT_A_PERSON if about_people else AuditEvent.subject_id.is_(None)
    old = select(AuditEvent.id).where(about, AuditEvent.at < before, _of(institution_id)).limit(most)
    ids = list(session.scalars(old))
    if ids:
        session.execute(
            delete(AuditEvent).where(AuditEvent.id.in_(ids)).execution_options(synchronize_session=False)
        )
    return len(ids)


def oldest(session: Session, *, about_people: bool, institution_id: str | None) -> datetime | None:
    """The time of the oldest row that is left."""
    about = ABOUT_A_PERSON if about_people else AuditEvent.subject_id.is_(None)
    rows = select(AuditEvent.at).where(about, _of(institution_id)).order_by(AuditEvent.at).limit(1)
    return session.scalar(rows)


def _of(institution_id: str | None) -> ColumnElement[bool]:
    column = AuditEvent.institution_id
    return column.is_(None) if institution_id is None else column == institution_id
