"""Cutting the way from a person to the ledger: after this its lines lead to nobody (P27, P29)."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.consent import asking_again, ledger
from lti_tool.launch.tables import Person
from lti_tool.storage import erase_by_purpose


def forget(session: Session, now: datetime, person_id: str) -> None:
    """Write `erased`, and delete the person's choices, membership, open pages, lookup row and the person.

    The lines of the ledger stay with their random id, which no identity leads to any more. What lives by A to D
    goes first (`erase_by_purpose`), else the database refuses. Doing it again changes nothing.
    """
    person = session.get(Person, person_id)
    if person is None:
        return
    if person.course_id is not None and ledger.history(session, person_id):
        language = asking_again.language_of(session, person_id)
        ledger.write(session, now, person_id, person.course_id, "all", "erased", language)
    erase_by_purpose(session, person_id, "access")
    session.execute(delete(Person).where(Person.id == person_id))
    session.expunge(person)
    session.flush()
