"""Retraining runs and what they decided."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, UtcDateTime, new_id


class TrainingRun(Base):
    """One run: the pool it saw, the figures it measured, the decision it took."""

    __tablename__ = "training_runs"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), unique=True)
    pool_hash: Mapped[str] = mapped_column(String(64), default="")
    serving_version_id: Mapped[str | None] = mapped_column(ForeignKey("model_versions.id"))
    candidate_version_id: Mapped[str | None] = mapped_column(ForeignKey("model_versions.id"))
    decision: Mapped[str] = mapped_column(default="")
    """`promoted`, `kept`, `too_few` or empty while it runs."""
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
