"""One activity on its way through a pull: what may stay, what may not, and the batch to be written next.

Posts come as a stream and are let go at once: what is remembered of each is its index, in 32 bytes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from lti_tool.consent import service as consent
from lti_tool.ingest import drafts
from lti_tool.ingest.authors import Authors
from lti_tool.ingest.deidentify import Deidentifier
from lti_tool.ingest.drafts import Draft
from lti_tool.ingest.tables import Post
from lti_tool.ingest.writing import Counts, delete_posts, stored_posts, write_batch
from lti_tool.launch import stopping
from lti_tool.lms.protocol import PostFacts
from lti_tool.storage import Database

BATCH = 200
"""Posts of one transaction: long enough to be worth its locks, and over in a fifth of a second."""

Row = tuple[str, str]
"""(post id, person id)."""


@dataclass
class Reading:
    """Takes the posts of one activity, in any order, and writes what may be written.

    A complete read deletes what it did not meet; any other deletes only what it was told to be gone.
    """

    database: Database
    course_id: str
    activity_id: str
    authors: Authors
    cleaner: Deidentifier
    trainable: bool
    complete: bool
    now: Callable[[], datetime]
    counts: Counts
    kept: set[bytes] = field(default_factory=set)
    unwanted: set[bytes] = field(default_factory=set)
    """Deleted posts, and those that may not be kept: all that a read of changes has to look for."""
    waiting: list[tuple[str, str, PostFacts]] = field(default_factory=list)
    newest: datetime | None = None

    def take(self, facts: PostFacts) -> None:
        """Keep a post of someone who granted A for its time; everyone else's is forgotten here."""
        latest = facts.edited_at or facts.created_at
        self.newest = max(self.newest or latest, latest)
        state = self.authors.get(facts.author_id)
        if state is not None and not state.reads and not facts.deleted:
            self.kept.add(bytes.fromhex(drafts.post_index(self.course_id, facts)))
            return  # neither read anew nor taken for gone
        covered = state is not None and consent.covers(state, drafts.moment_of(facts))
        if self.complete and not covered and not facts.deleted:
            return
        index = drafts.post_index(self.course_id, facts)
        if state is None or not covered or facts.deleted:
            self._refuse(index, told=facts.deleted)
            return
        if (mark := bytes.fromhex(index)) in self.kept or mark in self.unwanted:
            return
        self.kept.add(mark)
        self.waiting.append((index, state.person_id, facts))
        if len(self.waiting) >= BATCH:
            self._write()

    def finish(self) -> None:
        """Write the last batch and delete what is gone: the read was complete, as far as it went."""
        self._write()
        gone = list(self._not_kept() if self.complete else self._told())
        for first in range(0, len(gone), BATCH):
            with self.database.session() as session:
                delete_posts(session, gone[first : first + BATCH], self.counts)

    def keep(self) -> None:
        """Write what waits, and delete nothing: the read broke off."""
        self._write()

    def _refuse(self, index: str, *, told: bool = False) -> None:
        """A tombstone holds against whatever else the same read says of the post: an LMS's views can be stale."""
        mark = bytes.fromhex(index)
        self.kept.discard(mark)
        if told or not self.complete:
            self.unwanted.add(mark)

    def _write(self) -> None:
        batch = self._drafts()
        if batch:
            with self.database.session() as session:
                stopping.require_running(session, self.now(), self.course_id)
                write_batch(
                    session,
                    self.now(),
                    self.course_id,
                    self.activity_id,
                    batch,
                    trainable=self.trainable,
                    counts=self.counts,
                )

    def _drafts(self) -> list[Draft]:
        """What of the waiting posts would change a row; cleaned outside of any writing transaction."""
        waiting, self.waiting = self.waiting, []
        if not waiting:
            return []
        with self.database.reading() as session:
            stored = stored_posts(session, self.course_id, [index for index, _, _ in waiting])
        found = []
        for index, person_id, facts in waiting:
            present = stored.get(index)
            draft = drafts.draft(self.course_id, person_id, facts, self.cleaner, present)
            if draft is None:
                self._refuse(index)
            elif present is not None and drafts.same(
                present, draft, self.activity_id, trainable=self.trainable
            ):
                self.counts.unchanged += 1
            else:
                found.append(draft)
        return found

    def _not_kept(self) -> Iterator[Row]:
        """Rows of this activity that the complete read did not meet."""
        query = select(Post.id, Post.person_id, Post.external_index)
        with self.database.reading() as session:
            found = session.execute(
                query.where(Post.activity_id == self.activity_id).execution_options(yield_per=1000)
            )
            for post_id, person_id, index in found:
                if bytes.fromhex(index) not in self.kept:
                    yield post_id, person_id

    def _told(self) -> Iterator[Row]:
        """Rows that the LMS, or the consent of their authors, says must go."""
        wanted = [mark.hex() for mark in self.unwanted]
        with self.database.reading() as session:
            for first in range(0, len(wanted), 500):
                own = Post.course_id == self.course_id, Post.external_index.in_(wanted[first : first + 500])
                for row in session.execute(select(Post.id, Post.person_id).where(*own)):
                    yield row.id, row.person_id
