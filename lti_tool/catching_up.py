"""What should have run while no worker did: each missed kind of job is queued once when a worker starts.

Only what comes at a time of day is caught up. What comes every so many minutes comes again by itself.
"""

from datetime import datetime, timedelta

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool import quiet_hours
from lti_tool.jobs import Job, enqueue
from lti_tool.jobs.schedule import Entry

LOOKS_BACK = timedelta(days=8)
"""Far enough for what comes once a week."""
HELD_BACK = ("retrain",)
"""Kinds that do not start on their own in the quiet hours."""


def catch_up(session: Session, now: datetime, entries: list[Entry], quiet: str = "") -> list[Job]:
    """Queue what was due last and was never queued, in the order in which it was due; return the jobs.

    What was due before the installation's first job is not missed. `quiet` are the quiet hours, which a retraining
    waits for to end.
    """
    missed = [(due, entry, key) for entry in entries for due, key in _missed(session, now, entry)]
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
    queued = select(Job.id).where(Job.kind == entry.kind)
    return [
        (due, key)
        for key in entry.keys(session, now)
        if session.scalar(queued.where(Job.key == key, Job.queued_at >= due).limit(1)) is None
    ]


def _not_before(quiet: str, now: datetime, kind: str) -> datetime | None:
    return quiet_hours.end_of(quiet, now) if kind in HELD_BACK else None
