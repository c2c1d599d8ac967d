"""A person's consent row: locked for a change, and each change in the security log."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.consent.tables import ConsentState
from lti_tool.launch.tables import Person


def locked(session: Session, person_id: str) -> ConsentState | None:
    """The row as it is now, locked until the transaction ends; None before the first answer (P16)."""
    query = select(ConsentState).where(ConsentState.person_id == person_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def log_change(
    session: Session, now: datetime, state: ConsentState, purpose: str, event: str, *, by_itself: bool = False
) -> None:
    """Put a change on record (S49): `code` says what became of the purpose; `by_itself`, without the person."""
    record(
        session,
        now,
        "consent_changed",
        code=event,
        institution_id=session.get_one(Person, state.person_id).institution_id,
        course_id=state.course_id,
        actor_id=None if by_itself else state.person_id,
        subject_id=state.person_id,
        facts={"purpose": purpose},
    )
