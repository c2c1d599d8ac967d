"""The ledger of choices: per course one chain of lines, each holding the hash of the line before (P25).

Who can write to the database can rewrite a whole chain or cut its end; a copy of the last hash kept elsewhere
(`head`) shows that too.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event as orm_event
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent.tables import ConsentEvent, Wording
from lti_tool.errors import UndertoneError
from lti_tool.launch.tables import Course

START = "0" * 64


class ImmutableRowError(UndertoneError):
    code = "immutable_row"
    words = "Published wording and the record of choices are never changed."


def append(
    session: Session,
    now: datetime,
    *,
    course_id: str,
    person_id: str,
    purpose: str,
    event: str,
    wording_sha256: str,
    language: str,
) -> ConsentEvent:
    """Add one line at the end of the course's chain.

    The course's row is locked first, so two people's lines never take one number; where the lock has no
    meaning (SQLite), the transaction is the only writer.
    """
    session.execute(select(Course.id).where(Course.id == course_id).with_for_update(key_share=True))
    last = _last(session, course_id)
    line = ConsentEvent(
        course_id=course_id,
        number=last.number + 1 if last else 1,
        person_id=person_id,
        purpose=purpose,
        event=event,
        wording_sha256=wording_sha256,
        language=language,
        at=now,
        previous_hash=last.hash if last else START,
    )
    line.hash = _hash(line)
    session.add(line)
    session.flush()
    return line


def verify(session: Session, course_id: str) -> int | None:
    """The number of the first line that does not fit the chain; None when the whole chain fits."""
    previous, expected = START, 1
    query = select(ConsentEvent).where(ConsentEvent.course_id == course_id).order_by(ConsentEvent.number)
    for line in session.scalars(query.execution_options(populate_existing=True)):
        if (line.number, line.previous_hash, line.hash) != (expected, previous, _hash(line)):
            return expected
        previous, expected = line.hash, expected + 1
    return None


def head(session: Session, course_id: str) -> tuple[int, str]:
    """Number and hash of the last line, to be kept where the database's owner cannot reach."""
    last = _last(session, course_id)
    return (last.number, last.hash) if last else (0, START)


def history(session: Session, person_id: str) -> list[ConsentEvent]:
    """The person's own lines, newest first; those of one moment in the order in which they were written."""
    query = select(ConsentEvent).where(ConsentEvent.person_id == person_id)
    return list(session.scalars(query.order_by(ConsentEvent.at.desc(), ConsentEvent.number)))


def _last(session: Session, course_id: str) -> ConsentEvent | None:
    query = select(ConsentEvent).where(ConsentEvent.course_id == course_id)
    return session.scalars(query.order_by(ConsentEvent.number.desc()).limit(1)).first()


def _hash(line: ConsentEvent) -> str:
    """SHA-256 over canonical JSON: sorted keys, no spaces, UTC time to the microsecond."""
    content = {
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "course": line.course_id,
        "event": line.event,
        "language": line.language,
        "number": line.number,
        "person": line.person_id,
        "previous": line.previous_hash,
        "purpose": line.purpose,
        "wording": line.wording_sha256,
    }
    return hashlib.sha256(canonical(content)).hexdigest()


def canonical(content: dict[str, Any]) -> bytes:
    """One JSON value has one form, so one hash."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _refuse(*_: object) -> None:
    raise ImmutableRowError


for _table in (ConsentEvent, Wording):
    orm_event.listen(_table, "before_update", _refuse)
    orm_event.listen(_table, "before_delete", _refuse)
