"""The texts that an instructor may read: of authors with B, where people are shown one by one (P45, P46)."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.ingest.tables import Activity, Post
from lti_tool.launch.pages import CurrentLaunch
from lti_tool.review.effective import Shown, effective
from lti_tool.review.sharing import sharing, unreadable
from lti_tool.scoring.readings import Reading, readings
from lti_tool.scoring.serving import shown_version

Piece = tuple[str, bool]
"""A stretch of a text and whether it is highlighted."""


@dataclass(frozen=True)
class Where:
    """Which texts: every field narrows the list when it is given."""

    kind: str | None = None
    activity_id: str | None = None
    section: int | None = None


@dataclass(frozen=True)
class ReadableText:
    """One text as a page shows it: in pieces, with what it reads as and what the model had said."""

    post: Post
    activity: Activity
    pieces: tuple[Piece, ...]
    shown: Shown | None
    reading: Reading | None

    @property
    def corrected(self) -> bool:
        return self.shown is not None and self.shown.source == "instructor"


def readable(
    session: Session,
    launch: CurrentLaunch,
    where: Where | None = None,
    post_ids: Sequence[str] | None = None,
) -> list[ReadableText]:
    """The newest texts first, or those of `post_ids` in their order; consent is asked now.

    Empty unless the institution shows people one by one. A text pulled without a roster of names is left
    out: names may still stand in it.
    """
    if launch.mode != "individual":
        return []
    people, closed = sharing(session, launch.course_id), unreadable(session, launch.course_id)
    query = select(Post, Activity).join(Activity, Activity.id == Post.activity_id)
    query = query.where(Post.course_id == launch.course_id, Post.trainable)
    if post_ids is not None:
        query = query.where(Post.id.in_(post_ids))
    for column, value in ((Activity.kind, where and where.kind), (Activity.id, where and where.activity_id)):
        if value is not None:
            query = query.where(column == value)
    if where and where.section is not None:
        query = query.where(Activity.section == where.section)
    rows = session.execute(query.order_by(Post.written_at.desc(), Post.id)).all()
    may_read = [(p, a) for p, a in rows if p.person_id in people and p.id not in closed]
    found = _described(session, launch.course_id, may_read)
    if post_ids is not None:
        places = {post_id: place for place, post_id in enumerate(post_ids)}
        found.sort(key=lambda text: places[text.post.id])
    return found


def highlighted(texts: Sequence[ReadableText], phrases: Sequence[str]) -> list[ReadableText]:
    """The same texts with every use of the phrases marked."""
    return [replace(text, pieces=pieces(text.post.text, phrases)) for text in texts]


def pieces(text: str, phrases: Sequence[str]) -> tuple[Piece, ...]:
    """`text` cut where it uses one of `phrases`, whole words in any case; together they are the text again."""
    if not phrases:
        return ((text, False),)
    wanted = "|".join(
        r"\s+".join(map(re.escape, phrase.split())) for phrase in sorted(phrases, key=len)[::-1]
    )
    # A pattern with one group splits into text, match, text, match, …, text.
    parts = re.split(rf"\b({wanted})\b", text, flags=re.IGNORECASE)
    return tuple((part, number % 2 == 1) for number, part in enumerate(parts) if part)


def record_reading(
    session: Session, now: datetime, launch: CurrentLaunch, texts: Sequence[ReadableText], page: str
) -> None:
    """One audit row per author whose texts were shown, with how many: a count for the author (U26, P48)."""
    for author, count in Counter(text.post.person_id for text in texts).items():
        record(
            session,
            now,
            "texts_read",
            institution_id=launch.institution_id,
            course_id=launch.course_id,
            actor_id=launch.person_id,
            subject_id=author,
            facts={"texts": count, "page": page, "role": launch.role},
        )


def _described(session: Session, course_id: str, rows: Sequence[tuple[Post, Activity]]) -> list[ReadableText]:
    version = shown_version(session, course_id)
    posts = [post for post, _ in rows]
    read = readings(session, version, post_ids=[post.id for post in posts]) if version else {}
    shown = effective(session, posts, read)
    return [
        ReadableText(post, activity, ((post.text, False),), shown.get(post.id), read.get(post.id))
        for post, activity in rows
    ]
