"""What an institution chose about how long data is kept, and what each run of the night deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, Kept, UtcDateTime, new_id


class RetentionChoice(Base):
    """One decision of an institution on one kind; the newest counts, the others are the record of who and when."""

    __tablename__ = "retention_choices"
    __table_args__ = (Index("ix_retention_choices_institution_id_kind", "institution_id", "kind"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"))
    kind: Mapped[str] = mapped_column(String(16))
    days: Mapped[int]
    set_by: Mapped[str]
    """Who decided, in the words of whoever entered it."""
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RetentionRun(Base):
    """What one run did for one institution, or with an empty `institution_id` for the installation.

    Counts are added in the transactions that delete, so they are exact wherever a run was killed.
    """

    __tablename__ = "retention_runs"
    __kept__ = Kept("audit", "started_at")
    __table_args__ = (UniqueConstraint("run", "institution_id"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    run: Mapped[str] = mapped_column(String(32))
    """The job's id; a run that was killed goes on under it."""
    institution_id: Mapped[str] = mapped_column(String(32), default="", index=True)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Kind → rows deleted or emptied."""
    oldest: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Kind → time of the oldest row left, ISO 8601."""
    undone: Mapped[list[Any]] = mapped_column(default=list)
    """Codes of what could not be done."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
