"""From what was handed in to posts: the one module of this part that knows how `ingest` stores them.

Nothing here touches a post or an activity of an LMS: their ids are numbers, ours begin with `here:`. And a pull touches
only activities that it has read (those with a cursor), which ours never have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent import service as consent
from lti_tool.ingest import drafts
from lti_tool.ingest.authors import Authors, readable_authors
from lti_tool.ingest.deidentify import Deidentifier
from lti_tool.ingest.own_words import CONTROL, MOST_CHARACTERS, own_words
from lti_tool.ingest.writing import (
    Counts,
    delete_posts,
    lock_all,
    store_activity,
    stored_posts,
    write_batch,
)
from lti_tool.launch import people
from lti_tool.launch.roster import Roster
from lti_tool.lms.protocol import ActivityFacts, PostFacts
from lti_tool.reflections.tables import Reflection, ReflectionText
from lti_tool.storage import blind_index

__all__ = [
    "CONTROL",
    "MOST_CHARACTERS",
    "Taking",
    "delete_post",
    "has_post",
    "keep_activity",
    "leaves_out",
    "own_words_of",
]

HERE = "here:"


def keep_activity(session: Session, course_id: str, link_key: str, title: str, closes_at: datetime) -> str:
    """The id of the activity's row for readers of posts, made or brought up to date."""
    facts = ActivityFacts(external_id=HERE + link_key, kind="reflection", name=title, due_at=closes_at)
    return store_activity(session, course_id, facts).id


def own_words_of(text: str) -> str:
    """What is the author's own in a text; empty when all of it is quoted."""
    return own_words(_as_html(text))


def leaves_out(text: str) -> bool:
    """Whether lines of a text are taken for quotations, so that they are not read."""
    return own_words_of(text).split() != text.split()


def has_post(session: Session, course_id: str, reflection_id: str, person_id: str) -> bool:
    """Whether a text of the person is among the posts; it outlives what was typed."""
    return bool(stored_posts(session, course_id, [_index(course_id, reflection_id, person_id)]))


def delete_post(session: Session, course_id: str, reflection_id: str, person_id: str) -> None:
    """Delete the post of a person for a prompt, if there is one, with its scores and answers."""
    stored = stored_posts(session, course_id, [_index(course_id, reflection_id, person_id)])
    delete_posts(session, [(post.id, post.person_id) for post in stored.values()], Counts())


@dataclass(frozen=True)
class _Handed:
    """A text as it was handed in, read before anything is written."""

    row: ReflectionText
    activity_id: str
    facts: PostFacts


@dataclass
class Taking:
    """One course's roster, by which names are replaced and those who left are left out (P31, P43)."""

    course_id: str
    roster: Roster
    cleaner: Deidentifier = field(init=False)
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self.cleaner = Deidentifier(self.roster.members)

    def prepare(
        self, session: Session, rows: Sequence[ReflectionText]
    ) -> list[tuple[_Handed, drafts.Draft | None]]:
        """What may be stored of each text whose author is an active student with A; writes nothing."""
        handed = self._handed(session, rows)
        stored = stored_posts(session, self.course_id, [self._index(one.row) for one in handed])
        return [
            (
                one,
                drafts.draft(
                    self.course_id,
                    one.row.person_id,
                    one.facts,
                    self.cleaner,
                    stored.get(self._index(one.row)),
                ),
            )
            for one in handed
        ]

    def pass_over(self, session: Session, now: datetime, rows: Sequence[ReflectionText]) -> int:
        """Note of texts whose writers are no students of the course any more that they were not read (P43)."""
        students = self._students(session)
        gone = [row for row in rows if row.person_id not in students]
        lock_all(session, (row.person_id for row in gone))
        present = _unchanged(session, gone)
        for row in present.values():
            row.passed_over_at = now
        session.flush()
        return len(present)

    def write(
        self, session: Session, now: datetime, made: Sequence[tuple[_Handed, drafts.Draft | None]]
    ) -> int:
        """Store what nobody has changed, deleted or withdrawn meanwhile; return how many texts are done with.

        Whose writer has paused meanwhile waits on. What was handed in during a pause is never read: it is marked as
        that, so that nobody is told otherwise (P41).
        """
        states = lock_all(session, (one.row.person_id for one, _ in made))
        present, done = _unchanged(session, [one.row for one, _ in made]), 0
        for one, draft in made:
            row, state = present.get(one.row.id), states.get(one.row.person_id)
            if row is None or state is None or not state.reads:
                continue
            covered = draft is None or consent.covers(state, draft.moment)
            row.waiting, row.passed_over_at = False, None if covered else now
            if covered:
                self._keep(session, now, one, draft)
                done += 1
        session.flush()
        return done

    def _keep(self, session: Session, now: datetime, one: _Handed, draft: drafts.Draft | None) -> None:
        if draft is None:
            delete_post(session, self.course_id, one.row.reflection_id, one.row.person_id)
            return
        write_batch(
            session,
            now,
            self.course_id,
            one.activity_id,
            [draft],
            trainable=self.roster.names,
            counts=self.counts,
        )

    def _handed(self, session: Session, rows: Sequence[ReflectionText]) -> list[_Handed]:
        authors = self._authors(session)
        activities = dict(
            session.execute(
                select(Reflection.id, Reflection.activity_id).where(Reflection.course_id == self.course_id)
            ).all()
        )
        return [
            _Handed(row, activities[row.reflection_id], _facts(row, authors[row.person_id]))
            for row in rows
            if row.person_id in authors and row.text is not None
        ]

    def _index(self, row: ReflectionText) -> str:
        return _index(self.course_id, row.reflection_id, row.person_id)

    def _authors(self, session: Session) -> dict[str, str]:
        """Person id → LMS user id of those whose texts may be read."""
        students = {member.lms_user_id for member in self.roster.members if member.student}
        known = people.people_by_lms_id(session, self.course_id)
        found: Authors = readable_authors(session, self.course_id, known, students)
        return {known[user]: user for user, state in found.items() if state.reads}

    def _students(self, session: Session) -> set[str]:
        """Person ids of the active students."""
        known = people.people_by_lms_id(session, self.course_id)
        return {
            known[one.lms_user_id] for one in self.roster.members if one.student and one.lms_user_id in known
        }


def _unchanged(session: Session, rows: Sequence[ReflectionText]) -> dict[str, ReflectionText]:
    """The rows as they are now, of those that were not handed in again since."""
    before = {row.id: row.handed_in_at for row in rows}
    query = select(ReflectionText).where(ReflectionText.id.in_(before), ReflectionText.waiting)
    return {row.id: row for row in session.scalars(query) if row.handed_in_at == before[row.id]}


def _facts(row: ReflectionText, user: str) -> PostFacts:
    """The text as a connector would give it: changed texts carry the time of the change."""
    first, last = row.first_handed_in_at, row.handed_in_at
    if first is None or last is None:
        raise ValueError("a text that was never handed in")
    return PostFacts(
        external_id=_external_id(row.reflection_id, row.person_id),
        kind="reflection",
        author_id=user,
        thread_id=None,
        parent_id=None,
        title=None,
        html=_as_html(row.text or ""),
        created_at=first,
        edited_at=last if last != first else None,
    )


def _external_id(reflection_id: str, person_id: str) -> str:
    """One for each person and prompt: what was typed is deleted before the post, and may be written anew."""
    return f"{HERE}{reflection_id}:{person_id}"


def _index(course_id: str, reflection_id: str, person_id: str) -> str:
    return blind_index(course_id, "reflection", _external_id(reflection_id, person_id))


def _as_html(text: str) -> str:
    """Plain text as the markup that own words are taken from: a paragraph for each line."""
    return "".join(f"<p>{escape(line)}" for line in text.split("\n"))
