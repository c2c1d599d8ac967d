"""A circuit breaker for each LMS: pulls that failed one after the other make the next one wait, longer and longer.

It counts pulls in which the LMS did not answer. After `FAILURES` of them the LMS is left alone for a while; then one
pull may try, and its end decides. A person who asks for a reading is not kept waiting (S47).
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.errors import UndertoneError
from lti_tool.ingest.tables import LmsBreaker
from lti_tool.jobs import Job, enqueue

FAILURES = 3
LONGEST = timedelta(hours=6)


class LmsPausedError(UndertoneError):
    """The LMS did not answer several pulls and is left alone for now: no call was made."""

    code = "lms_paused"
    status = 503
    words = (
        "The learning platform did not answer several times, so it is left alone for a while. What was already read "
        "is kept; the reading is tried again by itself, or at once with “Read now”."
    )


def ask(session: Session, now: datetime, course_id: str) -> Job:
    """Queue a pull for a person: it is not kept waiting, and asking while one waits or runs changes nothing else."""
    job = enqueue(session, now, "pull", course_id)
    if job.state == "queued":
        job.payload = job.payload | {"asked": True}
    return job


def enter(session: Session, now: datetime, registration_id: str, every: timedelta, *, asked: bool) -> None:
    """Let a pull begin, or raise LmsPausedError. Of many that come when the pause is over, one is let through."""
    row = _locked(session, registration_id)
    if row is None or row.retry_at is None:
        return
    if now < row.retry_at and not asked:
        raise LmsPausedError
    row.retry_at = now + pause(row.failures, every)


def failed(session: Session, now: datetime, registration_id: str, every: timedelta) -> None:
    """The LMS did not answer a pull; `every` is the time between two scheduled pulls."""
    row = _counted(session, now, registration_id)
    if row.failures >= FAILURES:
        row.retry_at = now + pause(row.failures, every)
    session.flush()


def asked_to_wait(session: Session, now: datetime, registration_id: str, wait: timedelta) -> None:
    """The LMS asks to be left alone so long, and is, up to `LONGEST`: after one pull and not only after `FAILURES`."""
    row = _counted(session, now, registration_id)
    row.retry_at = max(now + min(wait, LONGEST), row.retry_at or now)
    session.flush()


def worked(session: Session, registration_id: str) -> None:
    """A pull came to its end: the LMS is well."""
    row = _locked(session, registration_id)
    if row is not None:
        session.delete(row)


def pause(failures: int, every: timedelta) -> timedelta:
    """Two turns of the schedule are left out, then four, then eight, but never more than `LONGEST`.

    One turn after fewer failures than that, which is when the LMS asked for a pause itself.
    """
    return min(every * (1 << min(max(failures - FAILURES + 1, 0), 16)), LONGEST)


def paused(session: Session, now: datetime) -> set[str]:
    """The registrations whose LMS is left alone at this moment."""
    return set(session.scalars(select(LmsBreaker.registration_id).where(LmsBreaker.retry_at > now)))


def paused_until(session: Session, now: datetime, registration_id: str) -> datetime | None:
    """Until when this LMS is left alone; None when it is not."""
    row = session.get(LmsBreaker, registration_id)
    return row.retry_at if row is not None and row.retry_at is not None and row.retry_at > now else None


def _counted(session: Session, now: datetime, registration_id: str) -> LmsBreaker:
    """The row with one failure more."""
    row = _locked(session, registration_id)
    if row is None:
        row = LmsBreaker(registration_id=registration_id, failures=0, since=now)
        session.add(row)
    row.failures += 1
    return row


def _locked(session: Session, registration_id: str) -> LmsBreaker | None:
    query = select(LmsBreaker).where(LmsBreaker.registration_id == registration_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()
