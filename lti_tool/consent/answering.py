"""A person's own answer: it is kept, and who newly lets texts be read has the course read at once."""

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.consent import reading, service
from lti_tool.consent.choices import Choices


def answer(
    session: Session, now: datetime, person_id: str, course_id: str, chosen: Choices, language: str
) -> None:
    """As `service.save`, and in the same transaction the course's pull is asked for, once whoever asks."""
    before = service.choices(session, person_id)
    service.save(session, now, person_id, course_id, chosen, language)
    if (chosen.a and not before.a) or (chosen.earlier and not before.earlier):
        reading.ask(session, now, course_id)
