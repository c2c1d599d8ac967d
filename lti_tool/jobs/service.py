"""Queueing, claiming and ending jobs. A claim lapses when its worker stops telling that it is alive."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from lti_tool.jobs.tables import Job

LEASE = timedelta(seconds=20)
MOST_ATTEMPTS = 5


def enqueue(
    session: Session,
    now: datetime,
    kind: str,
    key: str = "",
    payload: dict[str, Any] | None = None,
    *,
    not_before: datetime | None = None,
) -> Job:
    """Return the unfinished job of (kind, key), else a new queued one: asking twice does the work once."""
    present = running(session, kind, key)
    if present is not None:
        return present
    job = Job(kind=kind, key=key, payload=payload or {}, queued_at=now, not_before=not_before)
    session.add(job)
    session.flush()
    return job


def running(session: Session, kind: str, key: str = "") -> Job | None:
    """The queued or running job of (kind, key), if any."""
    unfinished = Job.state.in_(("queued", "running"))
    return session.scalars(select(Job).where(Job.kind == kind, Job.key == key, unfinished)).first()


def latest(session: Session, kind: str, key: str = "") -> Job | None:
    """The job of (kind, key) that was queued last, in whatever state."""
    query = select(Job).where(Job.kind == kind, Job.key == key).order_by(Job.queued_at.desc())
    return session.scalars(query).first()


def last_done(session: Session, kind: str, key: str = "") -> Job | None:
    """The job of (kind, key) that was done last."""
    query = select(Job).where(Job.kind == kind, Job.key == key, Job.state == "done")
    return session.scalars(query.order_by(Job.finished_at.desc()).limit(1)).first()


def claim(session: Session, now: datetime, worker: str, kinds: frozenset[str]) -> Job | None:
    """Take the oldest queued job for `worker`, or None. Two workers never get the same row."""
    due = or_(Job.not_before.is_(None), Job.not_before <= now)
    query = select(Job.id).where(Job.state == "queued", Job.kind.in_(kinds), due).order_by(Job.queued_at)
    for job_id in session.scalars(query.limit(10).with_for_update(skip_locked=True)):
        taken = session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == "queued")
            .values(
                state="running", worker=worker, started_at=now, heartbeat_at=now, attempts=Job.attempts + 1
            )
        )
        if taken.rowcount == 1:  # type: ignore[attr-defined]
            return session.get_one(Job, job_id, populate_existing=True)
    return None


def release_lapsed(session: Session, now: datetime, lease: timedelta = LEASE) -> int:
    """Queue again what a killed worker left running; give up after `MOST_ATTEMPTS`. Returns how many were released."""
    lapsed = session.scalars(select(Job).where(Job.state == "running", Job.heartbeat_at < now - lease)).all()
    for job in lapsed:
        if job.attempts >= MOST_ATTEMPTS:
            fail(job, now, "gave_up", "This was stopped in the middle several times. Ask for it again.")
        else:
            job.state, job.worker = "queued", ""
    return len(lapsed)


def is_own(job: Job, worker: str, attempts: int) -> bool:
    """Whether `worker` still holds the claim that was the job's `attempts`-th, so that it may close the row."""
    return job.state == "running" and (job.worker, job.attempts) == (worker, attempts)


def finish(job: Job, now: datetime, result: dict[str, Any]) -> None:
    job.state, job.finished_at, job.result = "done", now, result
    job.error_code = job.error_words = ""


def fail(job: Job, now: datetime, code: str, words: str) -> None:
    job.state, job.finished_at, job.error_code, job.error_words = "failed", now, code, words
