"""The ledger of choices: per course one chain of lines, each holding the hash of the line before (P25).

A line holds P27's fields and nothing else; `record` renders what it proves (P24), and `verifying` checks the chains.
"""

from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import event as orm_event
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent import chain, checkpoints, record, verifying, wording
from lti_tool.consent.chain import START
from lti_tool.consent.checkpoints import head
from lti_tool.consent.errors import ImmutableRowError
from lti_tool.consent.signing import canonical
from lti_tool.consent.tables import ConsentEvent, Controller, LedgerCheckpoint, Wording
from lti_tool.launch.tables import Course

__all__ = [
    "EVENTS",
    "START",
    "Event",
    "ImmutableRowError",
    "append",
    "canonical",
    "head",
    "history",
    "verify",
    "write",
]

Event = Literal[
    "shown", "granted", "declined", "withdrawn", "paused", "resumed", "re-asked", "expired", "erased"
]
"""P25."""
EVENTS: tuple[Event, ...] = get_args(Event)


def write(
    session: Session,
    now: datetime,
    person_id: str,
    course_id: str,
    purpose: str,
    event: str,
    language: str,
) -> ConsentEvent:
    """As `append`, with the current wording in `language`."""
    text = wording.current(session, language)
    return append(
        session,
        now,
        course_id=course_id,
        person_id=person_id,
        purpose=purpose,
        event=event,
        wording_sha256=text.sha256,
        language=text.language,
    )


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
    """Add one line at the end of the course's chain; RecordError when its full record would not be valid (P24).

    The course's row is locked first, so two people's lines never take one number; where the lock has no
    meaning (SQLite), the transaction is the only writer.
    """
    session.execute(select(Course.id).where(Course.id == course_id).with_for_update(key_share=True))
    number, previous = checkpoints.head(session, course_id)
    line = ConsentEvent(
        course_id=course_id,
        number=number + 1,
        person_id=person_id,
        purpose=purpose,
        event=event,
        wording_sha256=wording_sha256,
        language=language,
        at=now,
        previous_hash=previous,
    )
    line.hash = chain.hash_of(line)
    session.add(line)
    session.flush()
    record.check(record.of(session, line))
    return line


def verify(session: Session, course_id: str) -> int | None:
    """The number of the first line that does not fit the chain; None when the whole chain fits."""
    _looked, fault = verifying.check_course(session, course_id)
    return fault.number if fault else None


def history(session: Session, person_id: str) -> list[ConsentEvent]:
    """The person's own lines, newest first; those of one moment in the order in which they were written."""
    query = select(ConsentEvent).where(ConsentEvent.person_id == person_id)
    return list(session.scalars(query.order_by(ConsentEvent.at.desc(), ConsentEvent.number)))


def _refuse(*_: object) -> None:
    raise ImmutableRowError


for _table in (ConsentEvent, Wording, LedgerCheckpoint, Controller):
    orm_event.listen(_table, "before_update", _refuse)
    orm_event.listen(_table, "before_delete", _refuse)
