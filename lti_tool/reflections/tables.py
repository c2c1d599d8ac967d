"""Prompts that links of this tool open, and what students who gave A write for them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, EncryptedText, Owned, UtcDateTime, new_id


class Reflection(Base):
    """A prompt with its dates: course material made by staff, not a student's text."""

    __tablename__ = "reflections"
    __table_args__ = (UniqueConstraint("course_id", "link_key"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"))
    link_key: Mapped[str] = mapped_column(String(64))
    """Which link opens it, by its signed custom parameter. A copy of a course has the same keys and rows of its own."""
    activity_id: Mapped[str] = mapped_column(ForeignKey("activities.id"), unique=True)
    """The same activity for the parts that read posts."""
    title: Mapped[str]
    prompt: Mapped[str]
    otherwise: Mapped[str]
    """How to take part without writing here, in the instructor's words; shown to everyone (P13)."""
    suggested_words: Mapped[int | None]
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None: open from the start."""
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    zone: Mapped[str]
    """The time zone in which the dates were typed and are shown to everyone, such as `Europe/Berlin`."""
    writers: Mapped[int | None]
    """About how many students' texts the picture of the course holds; None when there are too few (P49)."""
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReflectionText(Base):
    """What one person writes for one prompt, as typed: only they see it. It lives by A, drafts too.

    Times of earlier drafts, and how many there were, are not kept (P1).
    """

    __tablename__ = "reflection_texts"
    __owned__ = Owned(
        purpose="A",
        export=("draft", "text", "saved_at", "first_handed_in_at", "handed_in_at"),
        keep="texts",
        held_at="saved_at",
        written="saved_at",
    )
    __table_args__ = (UniqueConstraint("reflection_id", "person_id"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    reflection_id: Mapped[str] = mapped_column(ForeignKey("reflections.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    draft: Mapped[str | None] = mapped_column(EncryptedText)
    """What is being written and not handed in."""
    text: Mapped[str | None] = mapped_column(EncryptedText)
    """What was handed in last; needed to show and change it (P30)."""
    version: Mapped[str] = mapped_column(String(32))
    """A random mark of the last write, so that two windows do not overwrite each other; it counts nothing (P1)."""
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_handed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waiting: Mapped[bool] = mapped_column(default=False, index=True)
    """Handed in, and its post is not written yet."""
    passed_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was not read, because its writer was no student of the course any more; None after it was read (P43).

    One that does not wait either is never read: it was handed in while nothing of its writer was read (P41).
    """
