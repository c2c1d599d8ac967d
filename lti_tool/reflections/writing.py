"""A student's own text: drafts, handing in, taking back. Every write locks the writer's consent row first (P16)."""

import unicodedata
from contextlib import suppress
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.consent import service as consent
from lti_tool.consent.tables import ConsentState
from lti_tool.jobs import enqueue
from lti_tool.reflections import pipeline, service
from lti_tool.reflections.errors import (
    NotAgreedError,
    NothingWrittenError,
    NotOpenError,
    NotReadNowError,
    TooLongError,
    WindowsDifferError,
)
from lti_tool.reflections.tables import Reflection, ReflectionText
from lti_tool.storage import new_id

JOB = "reflections"
"""The kind of job that makes posts of what was handed in."""


def as_typed(raw: str) -> str:
    """The text with one kind of line end, in NFC, without control and direction-override characters.

    Raises TooLongError above 20,000 characters.
    """
    lines = raw.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", pipeline.CONTROL.sub("", lines))
    if len(text) > pipeline.MOST_CHARACTERS:
        raise TooLongError
    return text


def own(session: Session, reflection_id: str, person_id: str) -> ReflectionText | None:
    """What the person has written for a prompt."""
    query = select(ReflectionText).where(
        ReflectionText.reflection_id == reflection_id, ReflectionText.person_id == person_id
    )
    return session.scalars(query).one_or_none()


def save_draft(
    session: Session, now: datetime, reflection: Reflection, person_id: str, text: str, version: str
) -> ReflectionText | None:
    """Keep a draft; None when there is nothing left to keep.

    `version` is the mark of the text that the writer's window was opened with, empty for none. Raises
    NotAgreedError, NotReadNowError, NotOpenError and WindowsDifferError, and then writes nothing.
    """
    row = _locked(session, now, reflection, person_id, version)
    if not text.strip() and (row is None or row.text is None):
        if row is not None:
            session.delete(row)
            session.flush()
        return None
    row = row or ReflectionText(reflection_id=reflection.id, person_id=person_id)
    row.draft = text if text != row.text else None
    row.version, row.saved_at = new_id(), now
    session.add(row)
    session.flush()
    return row


def hand_in(
    session: Session, now: datetime, reflection: Reflection, person_id: str, text: str, version: str
) -> ReflectionText:
    """Hand a text in, or another in its place, and queue what makes a post of it, in one transaction.

    Raises as `save_draft`, and NothingWrittenError.
    """
    row = _locked(session, now, reflection, person_id, version)
    if not pipeline.own_words_of(text):
        raise NothingWrittenError
    row = row or ReflectionText(reflection_id=reflection.id, person_id=person_id)
    row.draft, row.text, row.version, row.saved_at = None, text, new_id(), now
    row.first_handed_in_at, row.handed_in_at = row.first_handed_in_at or now, now
    row.waiting, row.passed_over_at = True, None
    session.add(row)
    session.flush()
    ask(session, now, reflection.course_id)
    return row


def held_back(session: Session, person_id: str) -> Literal["", "paused", "words"]:
    """Why nothing is read of somebody who gave A: a pause (P41), or changed words (P18); empty when it is read."""
    state = session.get(ConsentState, person_id)
    if state is None or not state.a or state.reads:
        return ""
    return "paused" if state.paused else "words"


def ask(session: Session, now: datetime, course_id: str) -> None:
    """Queue the course's job unless one waits already; another's asking at the same moment serves as well."""
    with suppress(IntegrityError), session.begin_nested():
        enqueue(session, now, JOB, course_id)


def delete(session: Session, reflection: Reflection, person_id: str) -> None:
    """Delete draft, text, post and what hangs on it, at any time, also when only the post is left."""
    consent.lock(session, person_id)
    pipeline.delete_post(session, reflection.course_id, reflection.id, person_id)
    row = own(session, reflection.id, person_id)
    if row is not None:
        session.delete(row)
        session.flush()


def _locked(
    session: Session, now: datetime, reflection: Reflection, person_id: str, version: str
) -> ReflectionText | None:
    """The person's row under their consent lock, when it may be written now by a window of this version."""
    state = consent.lock(session, person_id)
    if not state.a:
        raise NotAgreedError
    if not consent.covers(state, now):  # what is handed in then would never be read
        raise NotReadNowError
    if service.state(reflection, now) != "open":
        raise NotOpenError
    row = own(session, reflection.id, person_id)
    if version != (row.version if row else ""):
        raise WindowsDifferError
    return row
