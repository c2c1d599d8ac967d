"""The table of scheduled jobs; APScheduler holds it in memory and only inserts job rows (design decision 7)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.orm import Session

from lti_tool.jobs.service import enqueue
from lti_tool.settings import Settings
from lti_tool.storage import Database

MOST_LATE = timedelta(minutes=5)
"""What is due is queued up to so long after its time; what is later was missed, and is caught up with."""
Keys = Callable[[Session, datetime], list[str]]
"""Which things a scheduled kind works on at this moment: active courses, or [""] for the installation."""


@dataclass(frozen=True)
class Entry:
    """One line of the schedule."""

    kind: str
    when: BaseTrigger
    keys: Keys


def every(seconds: int) -> BaseTrigger:
    return IntervalTrigger(seconds=seconds, timezone=UTC)


def daily(at: str) -> BaseTrigger:
    """A trigger at "HH:MM" UTC each day."""
    hour, minute = at.split(":")
    return CronTrigger(hour=int(hour), minute=int(minute), timezone=UTC)


def start_schedule(database: Database, settings: Settings, entries: list[Entry]) -> BackgroundScheduler:
    """Start a scheduler thread that enqueues the jobs of `entries` when they are due."""
    scheduler = BackgroundScheduler(timezone=UTC)
    for entry in entries:
        scheduler.add_job(
            _enqueue_all,
            entry.when,
            args=(database, entry),
            id=entry.kind,
            coalesce=True,
            misfire_grace_time=int(MOST_LATE.total_seconds()),
        )
    scheduler.start()
    return scheduler


def _enqueue_all(database: Database, entry: Entry) -> None:
    now = datetime.now(UTC)
    with database.session() as session:
        for key in entry.keys(session, now):
            enqueue(session, now, entry.kind, key)
