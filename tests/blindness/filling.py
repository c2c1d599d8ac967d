"""A course that launches have made, filled as a pull and a scoring would; and its pictures."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.ingest.tables import Post
from lti_tool.insights import service
from lti_tool.insights.snapshot import SnapshotBody
from lti_tool.jobs import Job, enqueue
from lti_tool.jobs.service import finish
from lti_tool.launch.tables import Course
from lti_tool.scoring.tables import Score
from lti_tool.settings import Settings
from lti_tool.storage import Database
from tests.classroom import Classroom


class Launched(Classroom):
    """Adds rows to the one course that is there."""

    def __init__(self, session: Session) -> None:
        course = session.scalars(select(Course)).one()
        self.session, self.course_id, self.institution_id = session, course.id, course.institution_id

    def score_all(self, version, **chances: float) -> None:
        """Every text that has no score yet."""
        scored = select(Score.post_id)
        for post in self.session.scalars(select(Post).where(Post.id.not_in(scored))).all():
            self.score(post, version, **chances)


def picture(database: Database, settings: Settings, at: datetime, size: int | None = None) -> SnapshotBody:
    """The scheduled picture of the one course, begun and done at that moment."""
    with database.session() as session:
        course_id = session.scalars(select(Course.id)).one()
        body = service.body_of(service.build(session, at, settings, course_id, size))
        job = enqueue(session, at, "snapshot", course_id)
        job.started_at = at
        finish(job, at, {})
    return body


def queued(database: Database) -> list[tuple[str, str]]:
    """(kind, key) of every job there ever was."""
    with database.reading() as session:
        return sorted((row.kind, row.key) for row in session.execute(select(Job.kind, Job.key)))
