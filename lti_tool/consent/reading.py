"""The reading that follows an agreement: what a page may promise of it. No choice starts it (P14)."""

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent.tables import ConsentEvent
from lti_tool.jobs import Job, last_done, running

PULL = "pull"
"""The kind of job that reads a course's texts."""
READS: tuple[str, ...] = ("A", "A-earlier")
"""The purposes whose grant lets more be read than before."""

Expected = Literal["now", "done", "later"]


def expected(session: Session, person_id: str, course_id: str) -> Expected:
    """Whether a pull that knows of the person's agreement waits or runs, was done, or is yet to come.

    A pull that began before the agreement does not read the person's texts.
    """
    agreed = _agreed_at(session, person_id)
    if agreed is None:
        return "later"
    job = running(session, PULL, course_id)
    if job is not None and (job.state == "queued" or _began_after(job, agreed)):
        return "now"
    done = last_done(session, PULL, course_id)
    return "done" if done is not None and _began_after(done, agreed) else "later"


def _began_after(job: Job, moment: datetime) -> bool:
    return job.started_at is not None and job.started_at >= moment


def _agreed_at(session: Session, person_id: str) -> datetime | None:
    query = select(ConsentEvent.at).where(
        ConsentEvent.person_id == person_id,
        ConsentEvent.purpose.in_(READS),
        ConsentEvent.event == "granted",
    )
    return session.scalars(query.order_by(ConsentEvent.at.desc()).limit(1)).first()
