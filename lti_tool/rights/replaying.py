"""Doing again, in a database that came from a backup, what the journal says was erased since (P62).

Whoever agreed again after a withdrawal is taken at the withdrawal: they can agree once more, and nothing is kept that
they may not want.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.consent import erasing as forgetting
from lti_tool.consent import service as consent
from lti_tool.consent.choices import DECLINED
from lti_tool.consent.wording import FIRST_LANGUAGE
from lti_tool.ingest.tables import ErasedPost, Post
from lti_tool.launch import stopping
from lti_tool.launch.tables import Course, Institution, LaunchSession, LoginAttempt, Person
from lti_tool.reflections.tables import ReflectionText
from lti_tool.review.tables import Answer, PoolText
from lti_tool.rights import pausing
from lti_tool.rights.retention import Enforcing
from lti_tool.rights.retention_deleting import expire_person
from lti_tool.storage import Database, Kind, Purpose, erase_by_purpose, journal, new_id
from lti_tool.storage.journal import Entry

MARGIN = timedelta(minutes=5)
"""What was erased just before the backup is erased again: clocks of machines differ, and twice does no harm."""
BECAUSE = "It was switched off after the backup that was restored."
PAUSES = ("paused", "resumed")
FIELD = {"A": "a", "A-earlier": "earlier", "B": "b", "C": "c", "D": "d"}


def replay(database: Database, now: datetime, weights_home: Path, entries: Sequence[Entry]) -> int:
    """Erase again, let the night's work run once, and close all open pages; return how many entries met a row.

    Doing it again changes nothing.
    """
    acts: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        acts[entry.mark].append(entry)
    met = 0
    with database.reading() as session:
        people, texts, places = _found(session, acts)
    for person_id, done in people.items():
        with database.session() as session:
            _person(session, now, person_id, done)
        met += len(done)
    for text_id in texts:
        with database.session() as session:
            _text(session, now, text_id)
        met += 1
    with database.session() as session:
        _switches(session, now, places)
        _close_pages(session, now)
    Enforcing(database, new_id(), now, weights_home).perform()
    with database.session() as session:
        audit.record(session, now, "restored", facts={"entries": len(entries), "met": met})
    return met


def _found(
    session: Session, acts: dict[str, list[Entry]]
) -> tuple[dict[str, list[Entry]], list[str], dict[str, list[Entry]]]:
    """Whom, which texts and which places the pseudonyms of the journal mean in this database."""

    def meant(ids: Iterable[str]) -> dict[str, list[Entry]]:
        marks = ((one, journal.mark_of(one)) for one in ids)
        return {one: acts[mark] for one, mark in marks if mark in acts}

    people = meant(session.scalars(select(Person.id)))
    texts = meant([*session.scalars(select(Post.id)), *session.scalars(select(ReflectionText.id))])
    places = meant([*session.scalars(select(Institution.id)), *session.scalars(select(Course.id))])
    return people, sorted(texts), places


def _person(session: Session, now: datetime, person_id: str, entries: Sequence[Entry]) -> None:
    """Withdrawals first, then pauses and expiries, then the end of the way to the person."""
    acts = [entry.act for entry in entries]
    purposes = {act.removeprefix("purpose ") for act in acts if act.startswith("purpose ")}
    if forgotten := "access" in purposes:
        purposes = {*"ABCD", "A-earlier"}
    if purposes:
        _withdraw(session, now, person_id, purposes)
    pauses = [(entry.act, entry.at) for entry in entries if entry.act in PAUSES]
    pausing.replay(session, now, person_id, pauses, FIRST_LANGUAGE)
    kinds = {cast(Kind, act.removeprefix("expired ")) for act in acts if act.startswith("expired ")}
    if kinds:
        # A row that ends with its estimate lost its text before.
        expire_person(session, now, person_id, kinds | ({"texts"} if "scores" in kinds else set()))
    if forgotten:
        forgetting.forget(session, now, person_id)


def _withdraw(session: Session, now: datetime, person_id: str, purposes: set[str]) -> None:
    before = consent.choices(session, person_id)
    after: Any = replace(before, **{FIELD[one]: False for one in purposes if one in FIELD})
    course_id = session.get_one(Person, person_id).course_id
    if before.answered and course_id is not None and after != before:
        after = DECLINED if "A" in purposes else after
        consent.save(session, now, person_id, course_id, after, FIRST_LANGUAGE)
    for one in sorted(purposes - {"A-earlier"}):
        erase_by_purpose(session, person_id, cast(Purpose, one))


def _text(session: Session, now: datetime, text_id: str) -> None:
    """A text that its author erased; one of the LMS is not read again either (P41)."""
    row = session.get(Post, text_id) or session.get(ReflectionText, text_id)
    if row is None:  # it went with its author's
        return
    if consent.lock(session, row.person_id).c:
        consent.leave_training(
            session, now, row.person_id
        )  # the models in the backup may have learnt from it (P17)
    if isinstance(row, Post):
        key = {"course_id": row.course_id, "external_index": row.external_index}
        session.merge(ErasedPost(**key, person_id=row.person_id, erased_at=now))
        said = select(Answer.id).where(Answer.post_id == row.id)
        session.execute(delete(PoolText).where(PoolText.answer_id.in_(said)))
    session.delete(row)


def _switches(session: Session, now: datetime, places: dict[str, list[Entry]]) -> None:
    """What was off last is off again (P64)."""
    for one, entries in places.items():
        if [entry.act for entry in entries if entry.act in ("off", "on")][-1:] != ["off"]:
            continue
        institution, course = session.get(Institution, one), session.get(Course, one)
        if institution is not None and institution.mode != "off":
            stopping.stop_institution(session, now, institution, BECAUSE, None)
        if course is not None and not stopping.is_stopped(session, course.id):
            stopping.stop_course(session, now, course, BECAUSE, None)


def _close_pages(session: Session, now: datetime) -> None:
    """No page that was open then is open now: who left or was taken off a list since must not come back (S7)."""
    session.execute(update(LaunchSession).where(LaunchSession.ended_at.is_(None)).values(ended_at=now))
    session.execute(delete(LoginAttempt))
