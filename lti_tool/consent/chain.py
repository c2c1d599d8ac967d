"""The chain of a course: what a line's hash covers, and where the chain ends."""

import hashlib
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent.signing import canonical
from lti_tool.consent.tables import ConsentEvent

START = "0" * 64
"""What the first line of a chain holds as the hash of the line before it."""


def line_hash(
    course_id: str,
    number: int,
    person_id: str,
    purpose: str,
    event: str,
    wording_sha256: str,
    language: str,
    at: datetime,
    previous: str,
) -> str:
    """SHA-256 over canonical JSON: sorted keys, no spaces, UTC time to the microsecond."""
    content = {
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "course": course_id,
        "event": event,
        "language": language,
        "number": number,
        "person": person_id,
        "previous": previous,
        "purpose": purpose,
        "wording": wording_sha256,
    }
    return hashlib.sha256(canonical(content)).hexdigest()


def hash_of(line: ConsentEvent) -> str:
    """The hash that the line should hold."""
    return line_hash(
        line.course_id,
        line.number,
        line.person_id,
        line.purpose,
        line.event,
        line.wording_sha256,
        line.language,
        line.at,
        line.previous_hash,
    )


def last(session: Session, course_id: str) -> ConsentEvent | None:
    """The last line that is there."""
    query = select(ConsentEvent).where(ConsentEvent.course_id == course_id)
    return session.scalars(query.order_by(ConsentEvent.number.desc()).limit(1)).first()
