"""A pin: an administrator or the operator has decided that the version that serves stays.

Runs still train, measure and report; none of them moves the pointer. Whoever moves it by hand ends the pin, and so
does the law: a version that may not stay (P17) gives way, pinned or not.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.scoring import wall
from lti_tool.scoring.tables import ModelPin


def pin_of(session: Session, institution_id: str | None = None) -> ModelPin | None:
    """The pin in force on an institution's pointer, or with None on the installation's.

    One that was set while the institution was alone holds on when others come, until that institution ends it.
    """
    for scope in wall.inherited(session, institution_id):
        newest = select(ModelPin).where(_of(scope)).order_by(ModelPin.ended_at.is_(None).desc())
        row = session.scalars(newest.order_by(ModelPin.at.desc()).limit(1)).first()
        if row is not None:
            return row if row.ended_at is None else None
    return None


def holds(session: Session, version_id: str) -> bool:
    """Whether somebody's pin holds this version, on whosever pointer."""
    of_it = select(ModelPin.id).where(ModelPin.ended_at.is_(None), ModelPin.version_id == version_id)
    return session.scalar(of_it.limit(1)) is not None


def is_pinned(session: Session, institution_id: str | None = None) -> bool:
    """Whether runs may not move this pointer."""
    return pin_of(session, institution_id) is not None


def pin(
    session: Session,
    now: datetime,
    version_id: str,
    who: str,
    institution_id: str | None = None,
    actor_id: str | None = None,
) -> ModelPin:
    """Let a version stay that the caller knows to serve; the pin that is there when it stays already."""
    present = pin_of(session, institution_id)
    if present is not None:
        return present
    row = ModelPin(institution_id=institution_id, version_id=version_id, who=who, at=now)
    session.add(row)
    _tell(session, now, row, "on", actor_id)
    return row


def unpin(
    session: Session, now: datetime, institution_id: str | None = None, actor_id: str | None = None
) -> bool:
    """End the pin in force; False when there is none."""
    row = pin_of(session, institution_id)
    if row is None:
        return False
    if row.institution_id != institution_id:  # set for the installation, whose own pointer it still holds
        row = ModelPin(institution_id=institution_id, version_id=row.version_id, who=row.who, at=row.at)
        session.add(row)
    row.ended_at = now
    _tell(session, now, row, "off", actor_id)
    return True


def _tell(session: Session, now: datetime, row: ModelPin, code: str, actor_id: str | None) -> None:
    facts = {"version": row.version_id}
    record(
        session,
        now,
        "model_pinned",
        code=code,
        institution_id=row.institution_id,
        actor_id=actor_id,
        facts=facts,
    )
    session.flush()


def _of(institution_id: str | None) -> ColumnElement[bool]:
    column = ModelPin.institution_id
    return column.is_(None) if institution_id is None else column == institution_id
