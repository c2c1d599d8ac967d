"""Background work: posts of what was handed in, and the end of what was typed."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.consent import service as consent
from lti_tool.errors import UndertoneError
from lti_tool.jobs import Run, enqueue, task
from lti_tool.launch import roster, stopping
from lti_tool.reflections import service
from lti_tool.reflections.pipeline import Taking
from lti_tool.reflections.tables import Reflection, ReflectionText
from lti_tool.reflections.writing import JOB
from lti_tool.storage import Database

BATCH = 50


class RosterMissingError(UndertoneError):
    """Without the roster nobody knows whose names to remove, nor who has left: texts wait (design)."""

    code = "roster_unavailable"
    words = "The roster could not be read; what was handed in waits."


@task(JOB)
def take_in(run: Run) -> dict[str, Any]:
    """Make posts of what waits in the course `run.key`; killed anywhere and run again it ends in the same rows."""
    if not _waiting(run.database, run.key, "") or _is_off(run):
        return {"taken": 0}
    try:
        listed = roster.read(run.database, run.settings, run.key)
    except UndertoneError as error:
        raise RosterMissingError(code=error.code) from None
    taking, taken, after = Taking(run.key, listed), 0, ""
    while rows := _waiting(run.database, run.key, after):
        with run.database.reading() as session:
            made = taking.prepare(session, rows)
        with run.database.session() as session:
            stopping.require_running(session, run.now(), run.key)
            taken += taking.write(session, run.now(), made)
            taking.pass_over(session, run.now(), rows)
            if taken:
                enqueue(session, run.now(), "score", run.key)
        after = rows[-1].id
    return {"taken": taken}


@task("tend_reflections")
def tend(run: Run) -> dict[str, Any]:
    """Delete what was typed a month after its activity closed."""
    deleted, now = 0, run.now()
    while over := _over(run.database, now):
        with run.database.session() as session:
            for text_id, person_id in over:
                deleted += _delete(session, text_id, person_id)
    return {"deleted": deleted}


def _is_off(run: Run) -> bool:
    """What was handed in before waits: nothing is read while the course is switched off (P64)."""
    with run.database.reading() as session:
        return stopping.stop_of(session, run.now(), run.key) is not None


def _waiting(database: Database, course_id: str, after: str) -> list[ReflectionText]:
    query = select(ReflectionText).join(Reflection, Reflection.id == ReflectionText.reflection_id)
    own = query.where(Reflection.course_id == course_id, ReflectionText.waiting, ReflectionText.id > after)
    with database.reading() as session:
        return list(session.scalars(own.order_by(ReflectionText.id).limit(BATCH)))


def _over(database: Database, now: datetime) -> list[tuple[str, str]]:
    """Texts to delete; what was handed in and still waits is the only copy there is, unless its writer has left."""
    query = select(ReflectionText.id, ReflectionText.person_id).join(
        Reflection, Reflection.id == ReflectionText.reflection_id
    )
    with database.reading() as session:
        over = or_(~ReflectionText.waiting, ReflectionText.passed_over_at.is_not(None))
        due = query.where(Reflection.closes_at <= now - service.KEEP, over)
        rows = session.execute(due.limit(BATCH))
        return sorted(((text_id, person_id) for text_id, person_id in rows), key=lambda row: row[1])


def _delete(session: Session, text_id: str, person_id: str) -> int:
    """Its post stays for as long as other posts do."""
    consent.lock(session, person_id)
    row = session.get(ReflectionText, text_id)
    if row is None or (row.waiting and row.passed_over_at is None):
        return 0
    session.delete(row)
    session.flush()
    return 1
