"""A pull: read each activity outside of any transaction, keep what may be kept, write it in short batches.

Killed anywhere and run again, it ends in the same state: every write is an upsert or a deletion that follows from
what the LMS shows, and the job is only done when all activities are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.ingest.authors import Authors, readable_authors
from lti_tool.ingest.deidentify import Deidentifier
from lti_tool.ingest.reading import Reading
from lti_tool.ingest.tables import Activity, PullCursor
from lti_tool.ingest.writing import Counts, store_activity
from lti_tool.jobs import enqueue
from lti_tool.launch.roster import Roster
from lti_tool.lms.errors import LmsRefusedError
from lti_tool.lms.protocol import ActivityFacts, Connector
from lti_tool.storage import Database

Tell = Callable[[str, int, int], None]


@dataclass
class Pull:
    """One reading of one course."""

    database: Database
    course_id: str
    lms_course_id: str
    connector: Connector
    roster: Roster
    people: Mapping[str, str]
    """LMS user id → person id, of everyone who ever launched."""
    reading_id: str
    """The job's id: activities that this very job has finished before it was killed are not read twice."""
    now: Callable[[], datetime]
    tell: Tell
    counts: Counts = field(default_factory=Counts)

    def run(self) -> Counts:
        """Read every activity. Raises LmsUnavailableError with what is complete kept, LmsRefusedError with nothing."""
        self.tell("activities", 0, 0)
        listed = self.connector.activities(self.lms_course_id)
        authors, cleaner = self._authors(), Deidentifier(self.roster.members)
        for place, facts in enumerate(listed):
            self.tell("texts", place, len(listed))
            try:
                self._read(facts, authors, cleaner)
            except LmsRefusedError as refused:
                self.counts.not_read += 1
                self.counts.words.append(refused.words)
        with self.database.session() as session:
            _close(session, self.course_id)
            enqueue(session, self.now(), "score", self.course_id)
        self.tell("done", len(listed), len(listed))
        return self.counts

    def _authors(self) -> Authors:
        students = {member.lms_user_id for member in self.roster.members if member.student}
        with self.database.reading() as session:
            return readable_authors(session, self.course_id, self.people, students)

    def _read(self, facts: ActivityFacts, authors: Authors, cleaner: Deidentifier) -> None:
        with self.database.session() as session:
            activity = store_activity(session, self.course_id, facts)
            cursor = session.get(PullCursor, activity.id)
        if cursor is not None and cursor.position == self.reading_id:
            return
        reading = Reading(
            database=self.database,
            course_id=self.course_id,
            activity_id=activity.id,
            reading_id=self.reading_id,
            authors=authors,
            cleaner=cleaner,
            trainable=self.roster.names,
            now=self.now,
            counts=self.counts,
        )
        for post in self.connector.posts(facts):
            reading.take(post)
        reading.finish()
        self.counts.activities += 1


def _close(session: Session, course_id: str) -> None:
    """The pull is complete: the marks that let it go on after a kill are wiped."""
    own = select(Activity.id).where(Activity.course_id == course_id)
    session.execute(update(PullCursor).where(PullCursor.activity_id.in_(own)).values(position=""))
