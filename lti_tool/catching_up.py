"""What should have run while no worker did, or its machine slept: each missed kind of job is queued once.

It is looked for when a worker starts and every quarter of an hour (`schedule.CATCHING_UP_SECONDS`).

Only what comes at a time of day is caught up. What comes every so many minutes comes again by itself.
"""

from datetime import datetime, timedelta
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool import quiet_hours, schedule
from lti_tool.jobs import Job, Run, enqueue, task
from lti_tool.jobs.schedule import MOST_LATE, Entry

LOOKS_BACK = timedelta(days=8)
"""Far enough for what comes once a week."""
HELD_BACK = ("retrain",)
"""Kinds that do not start on their own in the quiet hours."""


@task("catch_up")
def keep_up(run: Run) -> dict[str, Any]:
    """Queue what a running worker missed. What is hardly late is left to the schedule, which still queues it."""
    entries, quiet = schedule.entries(run.settings), quiet_hours.of(run.settings)
    with run.database.session() as session:
        return {"queued": len(catch_up(session, run.now(), entries, quiet, 2 * MOST_LATE))}


def catch_up(
    session: Session, now: datetime, entries: list[Entry], quiet: str = "", late: timedelta = timedelta()
) -> list[Job]:
    """Queue what was due last and has not run or been queued since, in the order in which it was due; return the jobs.

    What was due before the installation's first job, or less than `late` ago, is not missed. `quiet` are the quiet
    hours, which a retraining waits for to end.
    """
    missed = [(due, entry, key) for entry in entries for due, key in _missed(session, now - late, entry)]
    missed.sort(key=lambda one: one[0])
    queued = [
        _queue(
            session, now + timedelta(microseconds=place), entry.kind, key, _not_before(quiet, now, entry.kind)
        )
        for place, (_, entry, key) in enumerate(missed)
    ]
    return [job for job in queued if job is not None]


def last_due(trigger: BaseTrigger, now: datetime) -> datetime | None:
    """When a trigger of times of day should have fired last, in the days that are looked at."""
    due: datetime | None = None
    following = trigger.get_next_fire_time(None, now - LOOKS_BACK)
    while following is not None and following <= now:
        due, following = following, trigger.get_next_fire_time(following, following)
    return due


def _queue(session: Session, now: datetime, kind: str, key: str, not_before: datetime | None) -> Job | None:
    """The job; None when another worker that starts just now has queued it."""
    try:
        with session.begin_nested():
            return enqueue(session, now, kind, key, not_before=not_before)
    except IntegrityError:
        return None


def _missed(session: Session, now: datetime, entry: Entry) -> list[tuple[datetime, str]]:
    due = last_due(entry.when, now) if isinstance(entry.when, CronTrigger) else None
    begun = session.scalar(select(func.min(Job.queued_at)))
    if due is None or begun is None or begun > due:
        return []
    since = or_(Job.queued_at >= due, Job.finished_at >= due, Job.state.in_(("queued", "running")))
    done = select(Job.id).where(Job.kind == entry.kind, since)
    return [
        (due, key)
        for key in entry.keys(session, now)
        if session.scalar(done.where(Job.key == key).limit(1)) is None
    ]


def _not_before(quiet: str, now: datetime, kind: str) -> datetime | None:
    return quiet_hours.end_of(quiet, now) if kind in HELD_BACK else None
