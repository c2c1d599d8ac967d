"""Research extracts, purpose D (P17, P51): who may be in the next one, and in which earlier ones somebody is.

This version makes no extract, so nobody is in one. A job that makes them asks `subjects` as its transaction begins,
notes each extract with its day, and `of_person` lists them.
"""

from datetime import date

from sqlalchemy.orm import Session

from lti_tool.consent.service import granted


def subjects(session: Session, course_id: str) -> set[str]:
    """Ids of the people whose results an extract of the course may hold: they grant A and D now."""
    return granted(session, course_id, "a") & granted(session, course_id, "d")


def of_person(session: Session, person_id: str) -> tuple[date, ...]:
    """The days of the extracts that the person is in: none, because none can be made yet."""
    return ()
