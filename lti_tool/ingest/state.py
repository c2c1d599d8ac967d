"""How a course stands with its LMS, for the pages of administrators and instructors: no text, nobody's choice."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import get_args

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from lti_tool.ingest import breaker, reasons
from lti_tool.ingest.breaker import LmsPausedError
from lti_tool.ingest.cursors import NOT_LISTED
from lti_tool.ingest.tables import Activity, PullCursor
from lti_tool.jobs import Job
from lti_tool.launch import courses
from lti_tool.launch.stopping import StoppedError
from lti_tool.launch.tables import Course
from lti_tool.lms.protocol import Unreadable

LATE = timedelta(hours=26)
"""Everything is read completely once a day; a little more is no fault."""
NOT_TRIED = (LmsPausedError.code, StoppedError.code)
"""Of pulls that made no call, which the pages tell of in other words."""
LEFT_OUT = frozenset({*get_args(Unreadable), *reasons.NOTES, NOT_LISTED} - {""})
"""Faults of activities that are not to be read as things stand: they keep no reading from being complete."""


@dataclass(frozen=True)
class ActivityState:
    """One activity: when it was read last, when all of it, and why not the last time."""

    name: str
    kind: str
    read_at: datetime | None
    complete_at: datetime | None
    fault: str
    fault_words: str
    fault_since: datetime | None
    is_late: bool = False
    """Whether the last complete reading is older than a day. Only then its moment is told: somebody's consent makes
    the next reading of an activity a complete one, and the moment would tell of it (P14)."""


@dataclass(frozen=True)
class Failure:
    """Why the course as a whole could not be read: nothing of it stands at an activity."""

    code: str
    words: str
    since: date
    """The day (UTC) since which no reading came to its end. No moment is told: somebody's consent makes the
    next reading a complete one, and the moment would tell of it (P14)."""


@dataclass(frozen=True)
class CourseState:
    """All activities, until when the LMS is left alone, and why the last reading failed."""

    activities: list[ActivityState]
    paused_until: datetime | None
    failure: Failure | None = None

    @property
    def complete_at(self) -> datetime | None:
        """Since when everything that may be read has been read completely; None when something never was."""
        moments = [one.complete_at for one in self.activities if one.fault not in LEFT_OUT]
        known = [moment for moment in moments if moment is not None]
        return min(known) if known and len(known) == len(moments) else None

    @property
    def is_late(self) -> bool:
        """As of the activities: whether something was not read completely for more than a day."""
        return any(one.is_late for one in self.activities if one.fault not in LEFT_OUT)

    @property
    def missing(self) -> list[ActivityState]:
        """What was not read the last time."""
        return [one for one in self.activities if one.fault]


def of_course(session: Session, now: datetime, course: Course) -> CourseState:
    """The state as the cursors tell it, in the order of the course."""
    registration = courses.registration_of(session, course)
    query = (
        select(Activity, PullCursor)
        .join(PullCursor)
        .where(Activity.course_id == course.id)
        .order_by(Activity.section, Activity.name, Activity.id)
    )
    listed = [
        ActivityState(
            *(activity.name, activity.kind, cursor.read_at, cursor.complete_at),
            *(cursor.fault, cursor.fault_words, cursor.fault_since),
            is_late=cursor.complete_at is not None and cursor.complete_at < now - LATE,
        )
        for activity, cursor in session.execute(query)
    ]
    paused = breaker.paused_until(session, now, registration.id)
    return CourseState(listed, paused, _failure(session, course.id))


def _failure(session: Session, course_id: str) -> Failure | None:
    """Of the last pull that tried, if it failed; what befell single activities stands at them."""
    tried = or_(Job.state == "done", and_(Job.state == "failed", Job.error_code.not_in(NOT_TRIED)))
    pulls = select(Job).where(Job.kind == "pull", Job.key == course_id, tried).order_by(Job.queued_at.desc())
    failed = list(takewhile(lambda job: job.state == "failed", session.scalars(pulls)))
    if not failed or failed[0].error_code == reasons.IN_PART:
        return None
    first = failed[-1].finished_at or failed[-1].queued_at
    return Failure(failed[0].error_code, failed[0].error_words, first.date())
