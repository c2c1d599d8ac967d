"""Answers: what a person says a text means. A prediction is never overwritten by one (design decision 4)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, EncryptedText, Kept, Owned, UtcDateTime, new_id


class Answer(Base):
    """One immutable, attributed answer (S40); the newest of a person for a text and text hash counts."""

    __tablename__ = "answers"
    __owned__ = Owned(
        purpose="A",
        export=("kind", "annotator_role", "labels", "shown", "comment", "answered_at"),
        keep="scores",
        held_at="answered_at",
    )
    __table_args__ = (Index("ix_answers_post_id_text_hash", "post_id", "text_hash"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), index=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    """The author of the text, whose row this is; the annotator is `annotator_id`."""
    annotator_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    annotator_role: Mapped[str]
    """`instructor` or `student` (a contest of the own text)."""
    kind: Mapped[str]
    """`labels`, `cannot_tell` or `undone`."""
    labels: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """All ten labels as in the labelling guide, when `kind` is `labels`."""
    shown: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The labels that the model had shown."""
    version_id: Mapped[str | None] = mapped_column(ForeignKey("model_versions.id"))
    text_hash: Mapped[str] = mapped_column(String(64))
    comment: Mapped[str | None] = mapped_column(EncryptedText)
    seconds_on_screen: Mapped[float | None]
    why: Mapped[str] = mapped_column(String(16), default="")
    """Why the queue asked: a `queue.Why`; empty when the annotator chose the text."""
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PoolText(Base):
    """A text with one person's labels that stays for training alone once its own time is over (P62).

    It lives by C: taking C back deletes it at once, and so does taking back what was written earlier. Nobody but its
    author sees it.
    """

    __tablename__ = "pool_texts"
    __owned__ = Owned(
        purpose="C",
        export=("text", "language", "labels", "labelled_by", "written_at", "answered_at", "kept_since"),
        keep="pool",
        held_at="kept_since",
        written="written_at",
    )
    answer_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """The answer that the labels were; it may be gone."""
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    annotator_id: Mapped[str] = mapped_column(String(32))
    labelled_by: Mapped[str]
    """`instructor` or `student`."""
    text: Mapped[str] = mapped_column(EncryptedText)
    language: Mapped[str]
    labels: Mapped[dict[str, Any]]
    thread_index: Mapped[str | None] = mapped_column(String(64))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When its author wrote it."""
    kept_since: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the labels were given; None for what was kept before that was noted."""


class HeldLabel(Base):
    """A label that does not train until a second reader says the same of the text (S43).

    The nightly check writes these for all labels of a course, whether or not the authors gave C, so that nothing which
    follows from one tells who did (P14).
    """

    __tablename__ = "held_labels"
    __owned__ = Owned(purpose="A", keep="scores", held_at="held_at")
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    """The author of the text."""
    reason: Mapped[str] = mapped_column(String(16))
    """One of `holds.Reason`."""
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a later check found the reason gone; a second reader's word is asked anew each time and not kept here."""


class DroppedLabels(Base):
    """A rule that takes labels of a course out of the pool, as if they had never been given; it can be lifted (S40).

    The answers themselves stay as they are.
    """

    __tablename__ = "dropped_labels"
    __kept__ = Kept("pool")
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), index=True)
    annotator_id: Mapped[str | None] = mapped_column(String(32))
    """Whose; None for everybody's."""
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Labels given from `since` on and before `until`; None is without an end on that side."""
    dropped_at: Mapped[datetime] = mapped_column(UtcDateTime)
    restored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
