"""Background work for the administrator's page: how each kind of job stands, of each course and of the installation.

Kinds are named by their words alone: their tasks belong to parts above this one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.disclosure import rules
from lti_tool.jobs import Job
from lti_tool.launch.tables import Course

OF_A_COURSE = ("pull", "reflections", "score", "snapshot")
OF_THE_INSTALLATION = ("retrain", "expire_consent", "tend_reflections", "retention", "turn_keys")
COUNTED = frozenset({"pull"})
"""Its items are activities. Those of the others are texts or people, and their number would tell of choices (P14)."""
OF_PEOPLE = frozenset({"expire_consent"})
"""Its items are people's choices, and even how far it is is nothing for this page."""

Newest = dict[tuple[str, str, str], Job]
"""(kind, key, state) → the job that was queued last."""


@dataclass(frozen=True)
class Work:
    """One kind of work: the job that waits or runs, the one that ended last, and the last one that was done."""

    kind: str
    under_way: Job | None
    ended: Job | None
    done: Job | None

    @property
    def state(self) -> str:
        """`queued`, `running`, `done`, `failed`, or `never`."""
        shown = self.under_way or self.ended
        return shown.state if shown else "never"

    @property
    def failed(self) -> bool:
        """Whether it ended badly the last time, also while it is tried again."""
        return self.ended is not None and self.ended.state == "failed"

    @property
    def progress(self) -> tuple[int, int] | None:
        """Items done and in all, while it runs and counts what may be told."""
        job = self._counting
        return (job.done, job.total) if job and self.kind in COUNTED else None

    @property
    def share(self) -> str | None:
        """How far it is in steps of five percent, where the number of its items is not told."""
        job = self._counting
        if job is None or self.kind in COUNTED or self.kind in OF_PEOPLE:
            return None
        return rules.percent_text(rules.percent(job.done, job.total))

    @property
    def _counting(self) -> Job | None:
        job = self.under_way
        return job if job is not None and job.state == "running" and job.total else None


@dataclass(frozen=True)
class Group:
    """The work of a course, or of the installation when there is no course."""

    course: Course | None
    works: list[Work]


def groups(session: Session, courses: Sequence[Course]) -> list[Group]:
    """A group for each course and, last, one for the installation."""
    newest = _newest(session, [course.id for course in courses])
    own = [Group(course, [_work(newest, kind, course.id) for kind in OF_A_COURSE]) for course in courses]
    return [*own, Group(None, [_work(newest, kind, "") for kind in OF_THE_INSTALLATION])]


def is_under_way(listed: Sequence[Group]) -> bool:
    """Whether anything waits or runs, so that the page is worth asking for again."""
    return any(work.under_way for group in listed for work in group.works)


def _newest(session: Session, course_ids: Sequence[str]) -> Newest:
    """One look at the table of jobs, however many courses there are."""
    wanted = or_(
        and_(Job.kind.in_(OF_A_COURSE), Job.key.in_(course_ids)),
        and_(Job.kind.in_(OF_THE_INSTALLATION), Job.key == ""),
    )
    kinds = Job.kind, Job.key, Job.state
    place = func.row_number().over(partition_by=kinds, order_by=Job.queued_at.desc())
    ranked = select(Job.id, place.label("place")).where(wanted).subquery()
    query = select(Job).join(ranked, ranked.c.id == Job.id).where(ranked.c.place == 1)
    return {(job.kind, job.key, job.state): job for job in session.scalars(query)}


def _work(newest: Newest, kind: str, key: str) -> Work:
    queued, running, done, failed = (
        newest.get((kind, key, state)) for state in ("queued", "running", "done", "failed")
    )
    # Jobs of one kind and key never overlap, so the one that was queued last also ended last.
    ended = max((job for job in (done, failed) if job), key=lambda job: job.queued_at, default=None)
    return Work(kind, running or queued, ended, done)
