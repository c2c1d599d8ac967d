"""Signed checkpoints of a course's chain: how far it went each night, and up to where it has expired (P25, P27)."""

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent import chain, signing
from lti_tool.consent.tables import ConsentEvent, LedgerCheckpoint

Kind = Literal["head", "pruned"]


def head(session: Session, course_id: str) -> tuple[int, str]:
    """Number and hash of the last line, also of one that has expired; 0 and `chain.START` for an empty chain."""
    last = chain.last(session, course_id)
    if last is not None:
        return last.number, last.hash
    pruned = latest(session, course_id, "pruned")
    return (pruned.number, pruned.hash) if pruned else (0, chain.START)


def seal(session: Session, now: datetime, course_id: str) -> LedgerCheckpoint | None:
    """Sign the course's last line; None when it is signed already or there is none."""
    number, line_hash = head(session, course_id)
    newest = latest(session, course_id)
    if number == 0 or (newest is not None and newest.number >= number):
        return None
    return write(session, now, course_id, "head", number, line_hash)


def write(
    session: Session, now: datetime, course_id: str, kind: Kind, number: int, line_hash: str
) -> LedgerCheckpoint:
    """A new signed checkpoint."""
    made = LedgerCheckpoint(course_id=course_id, kind=kind, number=number, hash=line_hash, at=now)
    made.signature = signing.sign(content(made))
    session.add(made)
    session.flush()
    return made


def of(session: Session, course_id: str) -> list[LedgerCheckpoint]:
    """The course's checkpoints by the line that they sign."""
    query = select(LedgerCheckpoint).where(LedgerCheckpoint.course_id == course_id)
    return list(session.scalars(query.order_by(LedgerCheckpoint.number, LedgerCheckpoint.at)))


def latest(session: Session, course_id: str, kind: Kind | None = None) -> LedgerCheckpoint | None:
    """The course's checkpoint that reaches furthest."""
    query = select(LedgerCheckpoint).where(LedgerCheckpoint.course_id == course_id)
    if kind is not None:
        query = query.where(LedgerCheckpoint.kind == kind)
    return session.scalars(query.order_by(LedgerCheckpoint.number.desc()).limit(1)).first()


def courses(session: Session) -> list[str]:
    """Ids of the courses that have or had a line."""
    found = select(ConsentEvent.course_id).union(select(LedgerCheckpoint.course_id))
    return sorted(session.scalars(found))


def content(checkpoint: LedgerCheckpoint) -> dict[str, Any]:
    """What is signed."""
    return {
        "at": checkpoint.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "course": checkpoint.course_id,
        "hash": checkpoint.hash,
        "kind": checkpoint.kind,
        "number": checkpoint.number,
    }
