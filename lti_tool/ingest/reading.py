"""One activity on its way through a pull: what was seen, what may not stay, and the batch to be written next."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent import service as consent
from lti_tool.ingest import drafts
from lti_tool.ingest.authors import Authors
from lti_tool.ingest.deidentify import Deidentifier
from lti_tool.ingest.drafts import Draft
from lti_tool.ingest.tables import Post, PullCursor
from lti_tool.ingest.writing import Counts, delete_posts, stored_posts, write_batch
from lti_tool.lms.protocol import PostFacts
from lti_tool.storage import Database

BATCH = 50


@dataclass
class Reading:
    """Takes every post of one activity, in any order, and writes what may be written."""

    database: Database
    course_id: str
    activity_id: str
    reading_id: str
    authors: Authors
    cleaner: Deidentifier
    trainable: bool
    now: Callable[[], datetime]
    counts: Counts
    seen: set[str] = field(default_factory=set)
    unwanted: set[str] = field(default_factory=set)
    waiting: list[tuple[str, PostFacts]] = field(default_factory=list)
    newest: datetime | None = None

    def take(self, facts: PostFacts) -> None:
        """Keep a post of someone who granted A for its time; everyone else's is forgotten here."""
        index = drafts.post_index(self.course_id, facts)
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
                with self.database.session() as session:
                    self._write(session, batch)

    def finish(self) -> None:
        """The last batch, what is gone from the LMS, and the cursor, in one transaction: the read was complete."""
        batch = self._drafts()
        with self.database.session() as session:
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
                self.counts,
            )
            cursor = session.get(PullCursor, self.activity_id) or PullCursor(activity_id=self.activity_id)
            cursor.complete_at, cursor.position = self.newest, self.reading_id
            session.add(cursor)

    def _drafts(self) -> list[Draft]:
        """What of the waiting posts would change a row; cleaned outside of any writing transaction."""
        waiting, self.waiting = self.waiting, []
        with self.database.reading() as session:
            indexes = [drafts.post_index(self.course_id, facts) for _, facts in waiting]
            stored = stored_posts(session, self.course_id, indexes)
        found = []
        for (person_id, facts), index in zip(waiting, indexes, strict=True):
            present = stored.get(index)
            draft = drafts.draft(self.course_id, person_id, facts, self.cleaner, present)
            if draft is None:
                self.unwanted.add(index)
            elif present is not None and drafts.same(
                present, draft, self.activity_id, trainable=self.trainable
            ):
                self.counts.unchanged += 1
            else:
                found.append(draft)
        return found

    def _write(self, session: Session, batch: list[Draft]) -> None:
        write_batch(
            session,
            self.now(),
            self.course_id,
            self.activity_id,
            batch,
            trainable=self.trainable,
            counts=self.counts,
        )
