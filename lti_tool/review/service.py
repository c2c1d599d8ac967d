"""Answers of instructors and contests of authors. Rows are immutable; the newest that stands counts (S40)."""

import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.consent import service as consent
from lti_tool.errors import NotFoundError
from lti_tool.ingest.tables import Post
from lti_tool.launch.tables import Course, Institution
from lti_tool.review.effective import Shown, answers_of, effective, standing
from lti_tool.review.errors import NothingToUndoError, TextChangedError
from lti_tool.review.labels import validated
from lti_tool.review.queue import QueueItem, Why, queue
from lti_tool.review.sharing import sharing, unreadable
from lti_tool.review.tables import Answer
from lti_tool.scoring.serving import shown_version

__all__ = [
    "QueueItem",
    "Shown",
    "answer",
    "asked_why",
    "cannot_tell",
    "contest",
    "effective",
    "queue",
    "reviewable",
    "undo",
]


def answer(
    session: Session,
    now: datetime,
    post_id: str,
    annotator_id: str,
    labels: Mapping[str, Any],
    text_hash: str,
    *,
    course_id: str,
    shown: Mapping[str, Any] | None = None,
    seconds_on_screen: float | None = None,
    why: Why | None = None,
) -> Answer:
    """Store an instructor's answer for the text that was shown (`text_hash`).

    `labels` is `{"sentiment": …, "confusion": 0|1, …}`; absent labels mean 0. `why` says why the queue asked, if it
    did (`asked_why`). Raises InvalidInputError,
    NotFoundError when the text may not be reviewed (mode, B, other course), TextChangedError.
    """
    said = validated(labels)
    post = _reviewable(session, post_id, course_id, text_hash)
    seen = seconds_on_screen, why or ""
    return _store(session, now, post, annotator_id, "instructor", "labels", said, shown, *seen)


def cannot_tell(
    session: Session,
    now: datetime,
    post_id: str,
    annotator_id: str,
    text_hash: str,
    *,
    course_id: str,
    seconds_on_screen: float | None = None,
    why: Why | None = None,
) -> Answer:
    """Store that an instructor cannot tell: a real answer, which changes nothing that is shown (U36)."""
    post = _reviewable(session, post_id, course_id, text_hash)
    seen = seconds_on_screen, why or ""
    return _store(session, now, post, annotator_id, "instructor", "cannot_tell", {}, None, *seen)


def asked_why(
    session: Session, now: datetime, post_id: str, annotator_id: str, *, course_id: str
) -> Why | None:
    """Why the day's queue asks this annotator about the text; None when it does not."""
    items = queue(session, now, course_id, limit=sys.maxsize, reader_id=annotator_id)
    return next((item.why for item in items if item.post.id == post_id), None)


def undo(session: Session, now: datetime, post_id: str, annotator_id: str, *, course_id: str) -> Answer:
    """Take back the annotator's newest answer for the text; the one before it counts again (U38).

    Raises NothingToUndoError, or NotFoundError when the text may not be reviewed any more.
    """
    post = _reviewable(session, post_id, course_id, None)
    if annotator_id not in standing(answers_of(session, [post]).get(post.id, [])):
        raise NothingToUndoError()
    return _store(session, now, post, annotator_id, "instructor", "undone", {}, None, None)


def contest(
    session: Session,
    now: datetime,
    post_id: str,
    person_id: str,
    labels: Mapping[str, Any],
    comment: str | None = None,
    text_hash: str | None = None,
) -> Answer:
    """Store the author's own labels for their text; it leaves class figures until reviewed (P40).

    Raises NotFoundError for a text that is not the person's or after A was withdrawn, TextChangedError.
    """
    said = validated(labels)
    choices = consent.lock(session, person_id)
    post = session.get(Post, post_id, populate_existing=True)
    if post is None or post.person_id != person_id or not choices.a:
        raise NotFoundError()
    _same_text(post, text_hash)
    stored = _store(session, now, post, person_id, "student", "labels", said, None, None)
    stored.comment = comment.strip() or None if comment else None
    session.flush()
    return stored


def reviewable(session: Session, post_id: str, course_id: str) -> Post:
    """The text that an instructor of the course may read and correct, else NotFoundError; locks nothing.

    A text pulled without a roster of names may still hold some, so staff never read it (design, roster).
    """
    query = (
        select(Post)
        .join(Course, Course.id == Post.course_id)
        .join(Institution, Institution.id == Course.institution_id)
        .where(Post.id == post_id, Post.course_id == course_id, Post.trainable)
        .where(Institution.mode == "individual")
    )
    post = session.scalars(query).one_or_none()
    if (
        post is None
        or post.person_id not in sharing(session, course_id)
        or post.id in unreadable(session, course_id)
    ):
        raise NotFoundError()
    return post


def _reviewable(session: Session, post_id: str, course_id: str, text_hash: str | None) -> Post:
    """As `reviewable`, after locking the author's consent row (design decision 3)."""
    author = session.scalar(select(Post.person_id).where(Post.id == post_id, Post.course_id == course_id))
    if author is None:
        raise NotFoundError()
    consent.lock(session, author)
    session.expire_all()
    post = reviewable(session, post_id, course_id)
    _same_text(post, text_hash)
    return post


def _same_text(post: Post, text_hash: str | None) -> None:
    if text_hash is not None and text_hash != post.text_hash:
        raise TextChangedError()


def _store(
    session: Session,
    now: datetime,
    post: Post,
    annotator_id: str,
    role: str,
    kind: str,
    labels: dict[str, Any],
    shown: Mapping[str, Any] | None,
    seconds: float | None,
    why: str = "",
) -> Answer:
    version = shown_version(session, post.course_id)
    row = Answer(
        course_id=post.course_id,
        post_id=post.id,
        person_id=post.person_id,
        annotator_id=annotator_id,
        annotator_role=role,
        kind=kind,
        labels=labels,
        shown=dict(shown or {}),
        version_id=version.id if version else None,
        text_hash=post.text_hash,
        seconds_on_screen=seconds,
        why=why,
        answered_at=now,
    )
    session.add(row)
    session.flush()
    record(
        session,
        now,
        "text_labelled",
        code=kind,
        institution_id=session.get_one(Course, post.course_id).institution_id,
        course_id=post.course_id,
        actor_id=annotator_id,
        subject_id=post.person_id,
        facts={"answer": row.id, "role": role},
    )
    return row
