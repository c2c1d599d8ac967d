"""Everything kept about a person, as one JSON document (P38, P39).

What a table shows is declared on its class (`storage.ownership`), so a new table needs no change here.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch.tables import Course
from lti_tool.rights.own_texts import OwnText, page
from lti_tool.storage import owned_tables

FORMAT = 1
READ_BY_STAFF = "texts_read"


def everything(session: Session, now: datetime, person_id: str, course_id: str) -> dict[str, Any]:
    """The person's own rows only, by table, and each text with what is shown for it."""
    course = session.get_one(Course, course_id)
    return {
        "format": FORMAT,
        "exported_at": _plain(now),
        "course": course.title,
        "guide": GUIDE,
        "texts": [_text(text) for text in page(session, person_id, course_id).texts],
        "opened_by_staff": opened_by_staff(session, person_id),
        "tables": tables(session, person_id),
    }


def tables(session: Session, person_id: str) -> dict[str, list[dict[str, Any]]]:
    """Every declared table with the person's rows in it, reduced to the columns it exports."""
    found = {}
    for mapped, owned in owned_tables():
        if owned.export:
            rows = session.scalars(select(mapped).where(mapped.person_id == person_id))  # type: ignore[attr-defined]
            found[mapped.__tablename__] = [
                {column: _plain(getattr(row, column)) for column in owned.export} for row in rows
            ]
    return found


def counts(session: Session, person_id: str) -> dict[str, int]:
    """How many rows of the person each declared table holds, also of tables that an export leaves out."""
    found = {}
    for mapped, _ in owned_tables():
        own = mapped.person_id == person_id  # type: ignore[attr-defined]
        found[mapped.__tablename__] = session.execute(select(func.count()).where(own)).scalar_one()
    return found


def opened_by_staff(session: Session, person_id: str) -> int:
    """On how many occasions pages with the person's texts were opened by staff (P48)."""
    query = select(func.count()).where(AuditEvent.subject_id == person_id, AuditEvent.event == READ_BY_STAFF)
    return session.scalar(query) or 0


def _text(text: OwnText) -> dict[str, Any]:
    shown = text.shown
    return {
        "text": text.post.text,
        "written_at": _plain(text.post.written_at),
        "activity": text.activity.name,
        "state": text.state,
        "sentiment": shown.sentiment if shown else None,
        "labels": dict(shown.labels) if shown else {},
        "shown_by": shown.source if shown else None,
        "your_labels": dict(shown.contested_labels or {}) if shown else {},
        "probabilities": dict(text.reading.probabilities) if text.reading else {},
    }


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


GUIDE = {
    "texts": "Your texts as kept, with names, addresses, links and numbers replaced, and what is shown.",
    "labels": "Each label with its certainty: likely, mixed, unsure, or by a person.",
    "shown_by": "model: an estimate; instructor: corrected by a person; contested: you said it is wrong.",
    "probabilities": "The model's calibrated probability from 0 to 1 for each of the ten labels.",
    "opened_by_staff": "How often pages with your texts were opened by staff of the course.",
    "tables": "Every table that holds rows about you, by its name in the database. Times are UTC.",
}
