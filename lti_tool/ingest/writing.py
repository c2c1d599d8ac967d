"""Short transactions that change posts: each locks the authors' consent rows and looks at the consent again (P16)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.consent import service as consent
from lti_tool.consent.tables import ConsentState
from lti_tool.ingest import drafts
from lti_tool.ingest.drafts import Draft
from lti_tool.ingest.tables import Activity, Post
from lti_tool.lms.protocol import ActivityFacts
from lti_tool.storage import blind_index, forget_old_text


@dataclass
class Counts:
    """What a pull did, in numbers only."""

    activities: int = 0
    new: int = 0
    edited: int = 0
    gone: int = 0
    unchanged: int = 0
    not_read: int = 0
    """Activities that the LMS refused."""
    words: list[str] = field(default_factory=list)
    """Why it refused them, in our own words."""

    def as_result(self) -> dict[str, Any]:
        """For the job's row; each reason once."""
        return asdict(self) | {"words": list(dict.fromkeys(self.words))}


def store_activity(session: Session, course_id: str, facts: ActivityFacts) -> Activity:
    """The activity's row, made or brought up to date."""
    index = blind_index(course_id, "activity", facts.kind, facts.external_id)
    query = select(Activity).where(Activity.course_id == course_id, Activity.external_index == index)
    row = session.scalars(query).one_or_none()
    if row is None:
        row = Activity(course_id=course_id, external_index=index, kind=facts.kind)
        session.add(row)
    row.name, row.section, row.section_name = facts.name[:300], facts.section, facts.section_name[:300]
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
    """Insert or replace the drafts whose authors' consent covers them at this moment."""
    states = lock_all(session, (draft.person_id for draft in batch))
    stored = stored_posts(session, course_id, [draft.external_index for draft in batch])
    for draft in batch:
        if not consent.covers(states[draft.person_id], draft.moment):
            continue
        post = stored.get(draft.external_index)
        if post is not None and drafts.same(post, draft, activity_id, trainable=trainable):
            continue
        if post is None:
            post = Post(course_id=course_id, external_index=draft.external_index)
            session.add(post)
            counts.new += 1
        else:
            counts.edited += 1
        drafts.fill(post, draft, activity_id, trainable=trainable, now=now)
        session.flush()
        forget_old_text(session, post.id, post.text_hash)


def delete_posts(session: Session, posts: Iterable[tuple[str, str]], counts: Counts) -> None:
    """Delete (post id, person id) rows; scores and answers go with them."""
    rows = list(posts)
    lock_all(session, (person_id for _, person_id in rows))
    if rows:
        session.execute(delete(Post).where(Post.id.in_([post_id for post_id, _ in rows])))
        counts.gone += len(rows)


def lock_all(session: Session, person_ids: Iterable[str]) -> dict[str, ConsentState]:
    """Consent rows of the people, locked in one order everywhere so that two pulls cannot wait for each other."""
    return {person_id: consent.lock(session, person_id) for person_id in sorted(set(person_ids))}
