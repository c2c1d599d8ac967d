"""Erasing one text, all texts, or a person wholly, with ten seconds to take it back (P41, U18).

What is to be erased leaves its tables at once, sealed in one row. A job that no worker takes earlier deletes that row:
a server that is killed meanwhile does it when it is started again.
"""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.consent import erasing as consent_erasing
from lti_tool.consent import service as consent
from lti_tool.consent.tables import ConsentState
from lti_tool.errors import NotFoundError
from lti_tool.ingest.tables import ErasedPost, Post
from lti_tool.jobs import enqueue, latest
from lti_tool.launch.tables import Person
from lti_tool.reflections import writing
from lti_tool.reflections.service import reflection_of_activity
from lti_tool.rights import aside
from lti_tool.rights.tables import Erasure
from lti_tool.storage import journal

Scope = Literal["text", "texts", "person"]
Outcome = Literal["waiting", "done", "undone"]
SCOPES: tuple[Scope, ...] = ("text", "texts", "person")
WINDOW = timedelta(seconds=10)
JOB = "erase"


class TooLateError(NotFoundError):
    code = "too_late_to_undo"
    words = "This was already erased for good, or brought back before."


def ask(
    session: Session,
    now: datetime,
    person_id: str,
    course_id: str,
    scope: Scope,
    post_id: str | None = None,
) -> Erasure:
    """Hide at once what `scope` says and queue its end; asking twice, as a double click does, asks once.

    Raises NotFoundError for a text that is not the person's.
    """
    state = consent.lock(session, person_id)
    waiting = _same(session, person_id, scope, post_id)
    if waiting is not None:
        return waiting
    if scope == "text":
        _require_own(session, person_id, post_id)
    here = _written_here(session, person_id, course_id, post_id)
    rows = aside.take(session, person_id, post_id if scope == "text" else None)
    rows.update(here)
    _bar(session, now, person_id, course_id, rows)
    erasure = Erasure(
        person_id=person_id,
        course_id=course_id,
        scope=scope,
        post_id=post_id if scope == "text" else None,
        texts=len(rows.get("posts", ())),
        rows=aside.packed(rows),
        asked_at=now,
        due_at=now + WINDOW,
    )
    session.add(erasure)
    session.flush()
    enqueue(session, now, JOB, erasure.id, {"person": person_id}, not_before=erasure.due_at)
    state.revision = (state.revision or 0) + 1
    _log(session, now, erasure, "erasure_asked")
    return erasure


def undo(session: Session, now: datetime, person_id: str, erasure_id: str) -> Erasure:
    """Put everything back as it was, for as long as it is not deleted; TooLateError after that."""
    state = consent.lock(session, person_id)
    erasure = _own(session, person_id, erasure_id)
    if erasure is None:
        raise TooLateError
    rows = aside.unpacked(erasure.rows)
    _unbar(session, rows)
    aside.put_back(session, state, rows)
    session.delete(erasure)
    state.revision += 1
    _log(session, now, erasure, "erasure_undone")
    session.flush()
    return erasure


def finish(session: Session, now: datetime, person_id: str, erasure_id: str, language: str) -> int:
    """Delete the last copy; return how many texts that were, 0 when it was undone. Doing it again changes nothing."""
    state = consent.lock(session, person_id)
    erasure = _own(session, person_id, erasure_id)
    if erasure is None or erasure.due_at > now:
        return 0
    rows = aside.unpacked(erasure.rows)
    _leave_training(session, now, state, rows)
    for row in (*rows.get("posts", ()), *rows.get("reflection_texts", ())):
        journal.note(session, "text", row["id"])  # a backup that still holds it must not bring it back (P62)
    session.delete(erasure)
    _log(session, now, erasure, "erased")
    session.flush()
    if erasure.scope == "person":
        _forget(session, now, person_id, erasure.course_id, language)
    return max(1, erasure.texts)


def waiting(session: Session, person_id: str) -> list[Erasure]:
    """The person's erasures that can still be taken back, the newest first."""
    query = select(Erasure).where(Erasure.person_id == person_id)
    return list(session.scalars(query.order_by(Erasure.asked_at.desc())))


def outcome(session: Session, person_id: str, erasure_id: str) -> Outcome:
    """What became of an erasure; NotFoundError when it is not the person's."""
    if _own(session, person_id, erasure_id) is not None:
        return "waiting"
    job = latest(session, JOB, erasure_id)
    if job is None or job.payload.get("person") != person_id:
        raise NotFoundError
    return "undone" if job.result.get("texts") == 0 or job.state != "done" else "done"


def _same(session: Session, person_id: str, scope: Scope, post_id: str | None) -> Erasure | None:
    query = select(Erasure).where(Erasure.person_id == person_id, Erasure.scope == scope)
    return session.scalars(query.where(Erasure.post_id == post_id) if scope == "text" else query).first()


def _own(session: Session, person_id: str, erasure_id: str) -> Erasure | None:
    query = select(Erasure).where(Erasure.person_id == person_id, Erasure.id == erasure_id)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _require_own(session: Session, person_id: str, post_id: str | None) -> None:
    query = select(Post.id).where(Post.person_id == person_id, Post.id == post_id)
    if session.scalar(query) is None:
        raise NotFoundError


def _written_here(session: Session, person_id: str, course_id: str, post_id: str | None) -> aside.Rows:
    """Of a text that was written in this tool also what was typed: it is the original, and it goes too."""
    activity_id = session.scalar(select(Post.activity_id).where(Post.id == post_id)) if post_id else None
    reflection_id = reflection_of_activity(session, course_id).get(activity_id or "")
    typed = writing.own(session, reflection_id, person_id) if reflection_id else None
    if typed is None:
        return {}
    session.delete(typed)
    return {"reflection_texts": [aside.plain(typed)]}


def _bar(session: Session, now: datetime, person_id: str, course_id: str, rows: aside.Rows) -> None:
    """Note which texts of the LMS are not to be read again; those written here are gone with what was typed."""
    here = reflection_of_activity(session, course_id)
    for post in rows.get("posts", ()):
        if post["activity_id"] not in here:
            key = {"course_id": course_id, "external_index": post["external_index"]}
            session.merge(ErasedPost(**key, person_id=person_id, erased_at=now))


def _unbar(session: Session, rows: aside.Rows) -> None:
    for post in rows.get("posts", ()):
        key = ErasedPost.course_id == post["course_id"], ErasedPost.external_index == post["external_index"]
        session.execute(delete(ErasedPost).where(*key))


def _leave_training(session: Session, now: datetime, state: ConsentState, rows: aside.Rows) -> None:
    """Models that may have learnt from what is erased have to go (P17)."""
    if state.c and (rows.get("answers") or rows.get("pool_texts")):
        consent.leave_training(session, now, state.person_id)


def _forget(session: Session, now: datetime, person_id: str, course_id: str, language: str) -> None:
    """Every choice ends as a withdrawal does, and then the way from the LMS's account to the person (P27, P29)."""
    if consent.choices(session, person_id).answered:
        consent.save(session, now, person_id, course_id, consent.DECLINED, language)
    consent_erasing.forget(session, now, person_id)


def _log(session: Session, now: datetime, erasure: Erasure, event: str) -> None:
    record(
        session,
        now,
        event,
        code=erasure.scope,
        institution_id=session.get_one(Person, erasure.person_id).institution_id,
        course_id=erasure.course_id,
        actor_id=None if event == "erased" else erasure.person_id,
        subject_id=erasure.person_id,
        facts={"erasure": erasure.id, "texts": erasure.texts},
    )
