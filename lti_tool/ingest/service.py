"""A pull: read each activity outside of any transaction, keep what may be kept, write it in short batches.

Killed anywhere and run again, it ends in the same state: every write is an upsert or a deletion that follows from
what the LMS shows, and the job is only done when all activities are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.consent import service as consent
from lti_tool.ingest import drafts
from lti_tool.ingest.authors import Authors, readable_authors
from lti_tool.ingest.deidentify import Deidentifier
from lti_tool.ingest.drafts import Draft
from lti_tool.ingest.tables import Activity, Post, PullCursor
from lti_tool.ingest.writing import Counts, delete_posts, store_activity, stored_posts, write_batch
from lti_tool.jobs import enqueue
from lti_tool.launch.roster import Roster
from lti_tool.lms.errors import LmsRefusedError
from lti_tool.lms.protocol import ActivityFacts, Connector, PostFacts
from lti_tool.storage import Database

BATCH = 50
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
        reading = _Reading(self, activity.id, authors, cleaner)
        for post in self.connector.posts(facts):
            reading.take(post)
        reading.finish()
        self.counts.activities += 1


@dataclass
class _Reading:
    """One activity on its way through: what was seen, what may not stay, and the batch to be written next."""

    pull: Pull
    activity_id: str
    authors: Authors
    cleaner: Deidentifier
    seen: set[str] = field(default_factory=set)
    unwanted: set[str] = field(default_factory=set)
    waiting: list[tuple[str, PostFacts]] = field(default_factory=list)
    newest: datetime | None = None

    def take(self, facts: PostFacts) -> None:
        """Keep a post of someone who granted A for its time; everyone else's is forgotten here."""
        index = drafts.post_index(self.pull.course_id, facts)
        if facts.deleted or index in self.seen:
            return
        self.seen.add(index)
        latest = facts.edited_at or facts.created_at
        self.newest = max(self.newest or latest, latest)
        state = self.authors.get(facts.author_id)
        if state is None:
            return
        if not consent.covers(state, drafts.moment_of(facts)):
            self.unwanted.add(index)
            return
        self.waiting.append((state.person_id, facts))
        if len(self.waiting) >= BATCH:
            batch = self._drafts()
            if batch:
                with self.pull.database.session() as session:
                    self._write(session, batch)

    def finish(self) -> None:
        """The last batch, what is gone from the LMS, and the cursor, in one transaction: the read was complete."""
        batch, pull = self._drafts(), self.pull
        with pull.database.session() as session:
            self._write(session, batch)
            query = select(Post.id, Post.person_id, Post.external_index).where(
                Post.activity_id == self.activity_id
            )
            delete_posts(
                session,
                [
                    (post_id, person_id)
                    for post_id, person_id, index in session.execute(query)
                    if index not in self.seen or index in self.unwanted
                ],
                pull.counts,
            )
            cursor = session.get(PullCursor, self.activity_id) or PullCursor(activity_id=self.activity_id)
            cursor.complete_at, cursor.position = self.newest, pull.reading_id
            session.add(cursor)

    def _drafts(self) -> list[Draft]:
        """What of the waiting posts would change a row; cleaned outside of any writing transaction."""
        pull, waiting = self.pull, self.waiting
        self.waiting = []
        with pull.database.reading() as session:
            indexes = [drafts.post_index(pull.course_id, facts) for _, facts in waiting]
            stored = stored_posts(session, pull.course_id, indexes)
        found = []
        for (person_id, facts), index in zip(waiting, indexes, strict=True):
            present = stored.get(index)
            draft = drafts.draft(pull.course_id, person_id, facts, self.cleaner, present)
            if draft is None:
                self.unwanted.add(index)
            elif present is not None and drafts.same(present, draft, self.activity_id):
                pull.counts.unchanged += 1
            else:
                found.append(draft)
        return found

    def _write(self, session: Session, batch: list[Draft]) -> None:
        pull = self.pull
        write_batch(
            session,
            pull.now(),
            pull.course_id,
            self.activity_id,
            batch,
            trainable=pull.roster.names,
            counts=pull.counts,
        )


def _close(session: Session, course_id: str) -> None:
    """The pull is complete: the marks that let it go on after a kill are wiped."""
    own = select(Activity.id).where(Activity.course_id == course_id)
    session.execute(update(PullCursor).where(PullCursor.activity_id.in_(own)).values(position=""))
