"""Prompts: setting them, finding them, and what the picture tells of how many have written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.disclosure.figures import Told
from lti_tool.errors import NotFoundError
from lti_tool.reflections import pipeline
from lti_tool.reflections.tables import Reflection

KEEP = timedelta(days=30)
"""How long after its end what was typed is kept (P62)."""

State = Literal["soon", "open", "closed"]


@dataclass(frozen=True)
class Prompt:
    """What an instructor sets."""

    title: str
    prompt: str
    otherwise: str
    suggested_words: int | None
    opens_at: datetime | None
    closes_at: datetime
    zone: str


def state(reflection: Reflection, now: datetime) -> State:
    """Whether one can write now; the last moment is the one before `closes_at`."""
    if now >= reflection.closes_at:
        return "closed"
    return "soon" if reflection.opens_at and now < reflection.opens_at else "open"


def set_prompt(session: Session, course_id: str, link_key: str, wanted: Prompt) -> Reflection:
    """Make the activity of a link, or change it; what students wrote stays."""
    row = of_link(session, course_id, link_key)
    if row is None:
        row = Reflection(course_id=course_id, link_key=link_key)
    row.title, row.prompt, row.otherwise = wanted.title, wanted.prompt, wanted.otherwise
    row.suggested_words, row.zone = wanted.suggested_words, wanted.zone
    row.opens_at, row.closes_at = wanted.opens_at, wanted.closes_at
    row.activity_id = pipeline.keep_activity(session, course_id, link_key, wanted.title, wanted.closes_at)
    session.add(row)
    session.flush()
    return row


def of_link(session: Session, course_id: str, link_key: str) -> Reflection | None:
    """The activity of a link, once an instructor has set it."""
    query = select(Reflection).where(Reflection.course_id == course_id, Reflection.link_key == link_key)
    return session.scalars(query).one_or_none()


def one(session: Session, course_id: str, reflection_id: str) -> Reflection:
    """An activity of the course; NotFoundError when it is another course's."""
    query = select(Reflection).where(Reflection.course_id == course_id, Reflection.id == reflection_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def reflection_of_activity(session: Session, course_id: str) -> dict[str, str]:
    """Activity id → id of the reflection that is written in this tool, for links to where a text was written."""
    query = select(Reflection.activity_id, Reflection.id).where(Reflection.course_id == course_id)
    return {row.activity_id: row.id for row in session.execute(query)}


def last_zone(session: Session, course_id: str) -> str:
    """The zone that was chosen in this course before, or an empty string."""
    query = select(Reflection.zone).where(Reflection.course_id == course_id)
    return session.scalars(query.order_by(Reflection.closes_at.desc()).limit(1)).first() or ""


def note_writers(session: Session, now: datetime, course_id: str, told: Mapping[str, Told | None]) -> None:
    """Keep what the picture of the course tells of how many have written: activity id → about how many.

    The number is a figure of the picture like any other, held by the same groups (P49, P50). The page reads what
    stands here, so that nobody can watch it while somebody writes (P15).
    """
    for row in session.scalars(select(Reflection).where(Reflection.course_id == course_id)):
        row.writers, row.counted_at = told.get(row.activity_id), now
