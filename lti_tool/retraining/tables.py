"""Retraining runs and what they decided."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, Kept, UtcDateTime, new_id


class TrainingRun(Base):
    """One run: the pool it saw, the figures it measured, the decision it took."""

    __tablename__ = "training_runs"
    __kept__ = Kept("models", "finished_at")
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), unique=True)
    pool_hash: Mapped[str] = mapped_column(String(64), default="")
    serving_version_id: Mapped[str | None] = mapped_column(ForeignKey("model_versions.id"))
    candidate_version_id: Mapped[str | None] = mapped_column(ForeignKey("model_versions.id"))
    decision: Mapped[str] = mapped_column(default="")
    """`promoted`, `kept`, `too_few`, `rolled_back` or empty while it runs."""
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TrainingManifest(Base):
    """Whose texts a version learnt from, besides those of its parent: proof without anybody's key (P17).

    `subjects` are digests under a salt of this run alone, so that manifests cannot be joined.
    """

    __tablename__ = "training_manifests"
    version_id: Mapped[str] = mapped_column(ForeignKey("model_versions.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    subjects: Mapped[list[Any]] = mapped_column(default=list)
    """HMAC-SHA-256 of each person's id under `salt`, sorted."""
    consent_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 over each subject's digest with the revision of their choices, as they were at `taken_at`."""
    pool_hash: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the pool was taken."""
    hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 over all of this and the weights; it also stands in the security log."""
