"""The one table of jobs."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, Kept, UtcDateTime, new_id

UNFINISHED = text("state IN ('queued', 'running')")


class Job(Base):
    """One piece of work. At most one unfinished job per (kind, key): the database refuses a second."""

    __tablename__ = "jobs"
    __kept__ = Kept("operation_logs", "finished_at")
    __table_args__ = (
        Index(
            "uq_jobs_unfinished",
            "kind",
            "key",
            unique=True,
            sqlite_where=UNFINISHED,
            postgresql_where=UNFINISHED,
        ),
        Index("ix_jobs_state_queued_at", "state", "queued_at"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(default="")
    """What it works on: a course id, or empty for the installation."""
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="queued")
    """`queued`, `running`, `done` or `failed`."""
    step: Mapped[str] = mapped_column(default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(default="")
    error_code: Mapped[str] = mapped_column(default="")
    error_words: Mapped[str] = mapped_column(default="")
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Counts and decisions; never a text or a name."""
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """No worker takes it earlier; None: at once."""
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
