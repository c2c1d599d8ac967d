"""Activities of a course and the de-identified texts of people who agreed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, EncryptedText, Owned, UtcDateTime, new_id


class Activity(Base):
    """A forum or an assignment: course material made by staff, not a student's text (`activity_names`)."""

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
    """How far an activity was read, and what kept it from being read the last time (`passes` decides by it)."""

    __tablename__ = "pull_cursors"
    activity_id: Mapped[str] = mapped_column(ForeignKey("activities.id"), primary_key=True)
    newest_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The newest stamp seen in it, on the LMS's clock."""
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the pull began that last read it, or found it unchanged; on our clock."""
    complete_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the pull began that last read all of it, on our clock."""
    mark: Mapped[str] = mapped_column(default="")
    """`ActivityFacts.cursor` as it stood before that read."""
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """`ActivityFacts.changed_at` as it stood before that read."""
    basis: Mapped[str] = mapped_column(String(64), default="")
    """Blind index of who was readable, and which names were removed, in the last complete read."""
    position: Mapped[str] = mapped_column(default="")
    """The job that has finished it, while that job is under way: started again, it goes on behind it."""
    fault: Mapped[str] = mapped_column(default="")
    """Why it was not read the last time: a code of `reasons`, or empty."""
    fault_words: Mapped[str] = mapped_column(default="")
    fault_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LmsBreaker(Base):
    """Pulls of one LMS that failed one after the other; there is no row while it works (S47)."""

    __tablename__ = "lms_breakers"
    registration_id: Mapped[str] = mapped_column(ForeignKey("registrations.id"), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until then it is left alone; None while it failed too seldom for that."""


class Post(Base):
    """One text of one person who granted A: own words only, de-identified, encrypted (design decision 3)."""

    __tablename__ = "posts"
    __owned__ = Owned(
        purpose="A",
        export=("text", "title", "language", "written_at", "edited_at", "url"),
        keep="texts",
        empties={"text": "", "title": None, "url": "", "trainable": False},
        then="scores",
        held_at="pulled_at",
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
    source_hash: Mapped[str] = mapped_column(String(64), default="")
    """Blind index of the author's own words before names were replaced: it tells an edit that has no stamp.

    Empty when it is not known; then the text is cleaned anew from what the LMS gives.
    """
    title_source_hash: Mapped[str] = mapped_column(String(64), default="")
    """The same of the title; empty without one."""
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
    emptied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its text was deleted because its time was over; the estimate stays until its own is (P62)."""


class ErasedPost(Base):
    """A text that its author erased: it is not read again for as long as A stands (P41). Only its index is kept."""

    __tablename__ = "erased_posts"
    __owned__ = Owned(purpose="A", export=("erased_at",), keep="access", held_at="erased_at")
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), primary_key=True)
    external_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    """As in `posts`."""
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    erased_at: Mapped[datetime] = mapped_column(UtcDateTime)
