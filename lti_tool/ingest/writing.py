"""Short transactions that change posts: each locks the authors' consent rows and looks at the consent again (P16)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lti_tool.consent import service as consent
from lti_tool.consent.tables import ConsentState
from lti_tool.ingest import drafts
from lti_tool.ingest.drafts import Draft
from lti_tool.ingest.tables import Activity, ErasedPost, Post
from lti_tool.launch.courses import plain
from lti_tool.launch.tables import Course
from lti_tool.lms.protocol import ActivityFacts
from lti_tool.storage import Database, blind_index, bound, forget_old_text

ERASED_AT_ONCE = 200


@dataclass
class Counts:
    """What a pull did, in numbers only."""

    activities: int = 0
    """Activities that were read, or that the LMS says have not changed."""
    complete: int = 0
    """How many of them were read completely."""
    new: int = 0
    edited: int = 0
    gone: int = 0
    unchanged: int = 0
    not_read: int = 0
    """Activities that could not be read."""
    words: list[str] = field(default_factory=list)
    """Why not, in our own words."""

    def as_result(self) -> dict[str, Any]:
        """For the job's row; each reason once."""
        return asdict(self) | {"words": list(dict.fromkeys(self.words))}


def store_activity(session: Session, course_id: str, facts: ActivityFacts) -> Activity:
    """The activity's row, made or brought up to date; a name that is a student's own text must be gone by now."""
    index = blind_index(course_id, "activity", facts.kind, facts.external_id)
    query = select(Activity).where(Activity.course_id == course_id, Activity.external_index == index)
    row = session.scalars(query).one_or_none()
    if row is None:
        row = Activity(course_id=course_id, external_index=index, kind=facts.kind)
        session.add(row)
    row.name, row.section, row.section_name = plain(facts.name), facts.section, plain(facts.section_name)
    row.due_at, row.url = facts.due_at, facts.url
    session.flush()
    return row


def stored_posts(session: Session, course_id: str, indexes: Collection[str]) -> dict[str, Post]:
    query = select(Post).where(Post.course_id == course_id, Post.external_index.in_(indexes))
    return {post.external_index: post for post in session.scalars(query)}


def write_batch(
    session: Session,
    now: datetime,
    course_id: str,
    activity_id: str,
    batch: Sequence[Draft],
    *,
    trainable: bool,
    counts: Counts,
) -> None:
    """Insert or replace the drafts whose authors' consent covers them at this moment and who have not erased them."""
    states = lock_all(session, (draft.person_id for draft in batch))
    stored = stored_posts(session, course_id, [draft.external_index for draft in batch])
    erased = _erased(session, course_id, [draft.external_index for draft in batch])
    fresh: list[dict[str, Any]] = []
    replaced = []
    for draft in batch:
        state = states.get(draft.person_id)
        if state is None or not consent.covers(state, draft.moment) or draft.external_index in erased:
            continue
        post = stored.get(draft.external_index)
        if post is not None and drafts.same(post, draft, activity_id, trainable=trainable):
            continue
        values = drafts.values(draft, activity_id, trainable=trainable, now=now)
        if post is None:
            fresh.append({"course_id": course_id, "external_index": draft.external_index} | values)
            continue
        for name, value in values.items():
            setattr(post, name, value)
        replaced.append(post)
    counts.new += len(fresh)
    counts.edited += len(replaced)
    if fresh:
        home = session.get_one(Course, course_id).institution_id
        session.execute(insert(Post), [bound(Post, values, home) for values in fresh])
    session.flush()
    for post in replaced:
        forget_old_text(session, post.id, post.text_hash)


def _erased(session: Session, course_id: str, indexes: Collection[str]) -> set[str]:
    """Which of the posts their authors erased (P41)."""
    query = select(ErasedPost.external_index).where(ErasedPost.course_id == course_id)
    return set(session.scalars(query.where(ErasedPost.external_index.in_(indexes))))


def delete_posts(session: Session, posts: Iterable[tuple[str, str]], counts: Counts) -> None:
    """Delete (post id, person id) rows; scores and answers go with them."""
    rows = list(posts)
    lock_all(session, (person_id for _, person_id in rows))
    if rows:
        session.execute(delete(Post).where(Post.id.in_([post_id for post_id, _ in rows])))
        counts.gone += len(rows)


def erase_posts(database: Database, activity_id: str, counts: Counts) -> None:
    """Delete every post of an activity, in short transactions."""
    query = select(Post.id, Post.person_id).where(Post.activity_id == activity_id).limit(ERASED_AT_ONCE)
    rows = [("", "")]
    while rows:
        with database.session() as session:
            rows = [(post_id, person_id) for post_id, person_id in session.execute(query)]
            delete_posts(session, rows, counts)


def lock_all(session: Session, person_ids: Iterable[str]) -> Mapping[str, ConsentState]:
    """Consent rows as they are now, locked until the transaction ends (`consent.lock` for many at once).

    One order everywhere, so that two who lock cannot wait for each other. Who never answered is not among them.
    """
    query = (
        select(ConsentState)
        .where(ConsentState.person_id.in_(sorted(set(person_ids))))
        .order_by(ConsentState.person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {state.person_id: state for state in session.scalars(query)}
