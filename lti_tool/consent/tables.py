"""Versioned wording, the append-only ledger of choices, and each person's current choices."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, Owned, UtcDateTime, new_id


class Wording(Base):
    """The exact text shown, per version and language; published rows never change (P18)."""

    __tablename__ = "wordings"
    __table_args__ = (UniqueConstraint("version", "language"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    version: Mapped[int]
    language: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    text: Mapped[dict[str, Any]]
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConsentEvent(Base):
    """One line of the ledger: shown, granted, declined, withdrawn … (P25); never updated, never deleted."""

    __tablename__ = "consent_events"
    __owned__ = Owned(purpose="proof", export=("purpose", "event", "wording_sha256", "language", "at"))
    __table_args__ = (UniqueConstraint("course_id", "number"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"))
    number: Mapped[int]
    """Position in the course's chain, from 1."""
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    purpose: Mapped[str]
    """`A`, `B`, `C`, `D`, or `A-earlier` for the box about earlier posts; `all` for shown."""
    event: Mapped[str]
    wording_sha256: Mapped[str] = mapped_column(String(64))
    language: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class ConsentState(Base):
    """A person's current choices; every write of their rows locks this row in the same transaction (P16)."""

    __tablename__ = "consent_states"
    __owned__ = Owned(purpose="access", export=("a", "earlier", "b", "c", "d", "answered_at"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), index=True)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    a: Mapped[bool] = mapped_column(default=False)
    a_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When A was granted: the default window starts here (P20)."""
    earlier: Mapped[bool] = mapped_column(default=False)
    b: Mapped[bool] = mapped_column(default=False)
    c: Mapped[bool] = mapped_column(default=False)
    d: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=0)
