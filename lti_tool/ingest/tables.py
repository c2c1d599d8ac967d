"""Activities of a course and the de-identified texts of people who agreed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, EncryptedText, Owned, UtcDateTime, new_id


class Activity(Base):
    """A forum or an assignment: course material made by staff, not a student's text."""

    __tablename__ = "activities"
    __table_args__ = (UniqueConstraint("course_id", "external_index"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"))
    external_index: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str]
    """`forum` or `reflection`."""
    name: Mapped[str]
    section: Mapped[int | None]
    """The LMS's section number: the course week, when the course is laid out by weeks."""
    section_name: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    url: Mapped[str] = mapped_column(default="")


class PullCursor(Base):
    """Where the last pull of an activity ended, on the LMS's clock."""

    __tablename__ = "pull_cursors"
    activity_id: Mapped[str] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    complete_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    position: Mapped[str] = mapped_column(default="")


class Post(Base):
    """One text of one person who granted A: own words only, de-identified, encrypted (design decision 3)."""

    __tablename__ = "posts"
    __owned__ = Owned(
        purpose="A",
        export=("text", "title", "language", "written_at", "edited_at", "url"),
        keep_days=30,
        written="written_at",
    )
    __table_args__ = (
        UniqueConstraint("course_id", "external_index"),
        Index("ix_posts_course_id_written_at", "course_id", "written_at"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"))
    activity_id: Mapped[str] = mapped_column(ForeignKey("activities.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    external_index: Mapped[str] = mapped_column(String(64))
    """`blind_index(course_id, kind, external id)`."""
    thread_index: Mapped[str | None] = mapped_column(String(64), index=True)
    """Blind index of the discussion; equal for all posts of one thread."""
    title: Mapped[str | None] = mapped_column(EncryptedText)
    """The thread's title, only on its opening post: it is the opener's own text."""
    text: Mapped[str] = mapped_column(EncryptedText)
    text_hash: Mapped[str] = mapped_column(String(64))
    """`blind_index("text", text)`: keyed, so that a short text cannot be guessed from it."""
    language: Mapped[str]
    """BCP 47 code or `und`, as detected."""
    scorable: Mapped[str] = mapped_column(default="yes")
    """`yes`, `language` (not covered yet) or `short`."""
    trainable: Mapped[bool] = mapped_column(default=True)
    """False when the roster had no names to remove: such a text never enters the training pool."""
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pulled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    url: Mapped[str] = mapped_column(EncryptedText, default="")
