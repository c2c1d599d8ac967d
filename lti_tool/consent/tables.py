"""Versioned wording, the append-only ledger of choices with its seals, who is responsible, and current choices.

The database refuses a change of what must not change: see `guards`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.consent.texts import VERSION
from lti_tool.storage import Base, Owned, UtcDateTime, new_id


class Wording(Base):
    """The exact text shown, per version and language; published rows never change, and are sealed each night (P18)."""

    __tablename__ = "wordings"
    __table_args__ = (UniqueConstraint("version", "language"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    version: Mapped[int]
    language: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    text: Mapped[dict[str, Any]]
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(default="material")
    """`material`: who agreed to an older one is asked again; `editorial`: they are told once (P18)."""
    affects: Mapped[str] = mapped_column(default="ABCD")
    """The purposes that a material change pauses, as letters; empty for an editorial one."""


class ConsentEvent(Base):
    """One line of the ledger (P25): never updated, and deleted only behind a signed checkpoint (P27).

    `person_id` is the person's random id, reached from an identity only through the keyed index of `PersonKey`;
    it is no reference, so that the line stays, and leads to nobody, when the person's rows are erased.
    """

    __tablename__ = "consent_events"
    __owned__ = Owned(
        purpose="proof",
        export=("purpose", "event", "wording_sha256", "language", "at"),
        keep="proof",
        held_at="at",
    )
    __table_args__ = (UniqueConstraint("course_id", "number"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"))
    number: Mapped[int]
    """Position in the course's chain, from 1."""
    person_id: Mapped[str] = mapped_column(String(32), index=True)
    purpose: Mapped[str]
    """`A`, `B`, `C`, `D`, or `A-earlier` for the box about earlier posts; `all` for what concerns them all."""
    event: Mapped[str]
    """One of `ledger.EVENTS`."""
    wording_sha256: Mapped[str] = mapped_column(String(64))
    language: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class LedgerCheckpoint(Base):
    """A signed statement of the hash that a course's chain had at a line: `head` at night, `pruned` before expiry.

    The signature's key lies outside the database, so nobody without it can make one. Who owns the database can delete
    one, and then rewrite the chain: against that stands the file of seals (`seals`).
    """

    __tablename__ = "ledger_checkpoints"
    __table_args__ = (Index("ix_ledger_checkpoints_course_id_kind", "course_id", "kind"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"))
    kind: Mapped[str] = mapped_column(String(16))
    """`head`: the chain went at least this far; `pruned`: the lines up to this one have expired."""
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    signature: Mapped[str]
    """A detached JWS over the fields above (`checkpoints.content`)."""


class LedgerSeal(Base):
    """How far the file of seals went: a file that lost its end, or is gone, shows by it (P25)."""

    __tablename__ = "ledger_seals"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the line of that number."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Controller(Base):
    """Who is responsible at an institution, as stated from a moment on; the newest before an event is the event's.

    Rows are only added, and sealed each night, so an old record renders as it was (P24).
    """

    __tablename__ = "controllers"
    __table_args__ = (UniqueConstraint("institution_id", "number"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"))
    number: Mapped[int]
    fields: Mapped[dict[str, Any]]
    """`controllers.Details`."""
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class ConsentState(Base):
    """A person's current choices; every write of their rows locks this row in the same transaction (P16)."""

    __tablename__ = "consent_states"
    __owned__ = Owned(
        purpose="access",
        export=("a", "earlier", "b", "c", "d", "answered_at", "paused", "pauses", "suspended"),
        keep="access",
        held_at="answered_at",
    )
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
    paused: Mapped[bool] = mapped_column(default=False)
    """Nothing new is read or scored, and nothing is used, while the choices stand (P41)."""
    pauses: Mapped[list[Any]] = mapped_column(default=list)
    """[from, to] of each pause since A was granted, ISO times; what was written in one is never read. To: null now."""

    @property
    def reads(self) -> bool:
        """Whether anything of the person may be read, scored or used now."""
        return self.a and not self.paused and "A" not in (self.suspended or "")

    def in_a_pause(self, moment: datetime) -> bool:
        return any(
            moment >= datetime.fromisoformat(start) and (end is None or moment < datetime.fromisoformat(end))
            for start, end in self.pauses
        )

    agreed_version: Mapped[int] = mapped_column(default=VERSION)
    """The number of the wording that the person last answered to."""
    suspended: Mapped[str] = mapped_column(String(8), default="")
    """The purposes, as letters, that a material change of the wording pauses until the person answers to it (P18)."""


class TrainingWithdrawal(Base):
    """That a person took C, A or earlier texts back: models that learnt from their texts before have to go (P17).

    It stays for as long as such a model may be kept; an end by time leaves none.
    """

    __tablename__ = "training_withdrawals"
    __owned__ = Owned(purpose="proof", keep="models", since="at", held_at="at", export=("at",))
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(String(32), index=True)
    """No reference, so that the row stays, and leads to nobody, when the person's rows are erased (P27)."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
