"""Groups of texts whose numbers are told together, and each text's place in one (P49, P50).

`disclosure.groups` says why a text is told only with its group; docs/disclosure.md says it in words.
"""

from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, Kept, Owned, new_id


class DisclosedGroup(Base):
    """Numbers over a group of texts, as they were when it was made or renewed; of no person."""

    __tablename__ = "disclosed_groups"
    __kept__ = Kept("alerts")
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), index=True)
    scope: Mapped[dict[str, Any]]
    """What its texts have in common, as `disclosure.scopes.Scope`."""
    numbers: Mapped[dict[str, Any]]
    """As `disclosure.groups.Numbers`."""
    marks: Mapped[list[str]] = mapped_column(JSON)
    """Keyed hashes of the LMS's ids of all texts that were ever in it; with the key and the LMS they lead to people."""


class DisclosedCourse(Base):
    """What staff of a course could read so far, also where its authors have left since."""

    __tablename__ = "disclosed_courses"
    __kept__ = Kept("alerts")
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), primary_key=True)
    known: Mapped[list[str]] = mapped_column(JSON)
    """Marks as those of groups."""


class DisclosedText(Base):
    """One text that figures rest on: in a group, or shared so that staff could read it."""

    __tablename__ = "disclosed_texts"
    __owned__ = Owned(purpose="A", keep="scores")
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), index=True)
    group_id: Mapped[str | None] = mapped_column(ForeignKey("disclosed_groups.id", ondelete="CASCADE"))
    """None for a text that staff may read by itself."""
    was_open: Mapped[bool] = mapped_column(default=False)
    """Staff could read it at some time, so it hides nobody."""
    reading: Mapped[dict[str, Any]]
    """What it read as when its group's numbers were made: label → whether surely."""
