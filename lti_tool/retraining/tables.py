"""Retraining runs and what they decided; proposals to go back; what drifts."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, Kept, UtcDateTime, new_id


class TrainingRun(Base):
    """One run: the pool it saw, the figures it measured, the decision it took."""

    __tablename__ = "training_runs"
    __kept__ = Kept("models", "finished_at")
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), unique=True)
    scope: Mapped[str] = mapped_column(String(32), default="", index=True)
    """The id of the institution whose texts and pointer it works on; empty where there is one institution (P61)."""
    pool_hash: Mapped[str] = mapped_column(String(64), default="")
    serving_version_id: Mapped[str | None] = mapped_column(ForeignKey("model_versions.id"))
    candidate_version_id: Mapped[str | None] = mapped_column(ForeignKey("model_versions.id"))
    decision: Mapped[str] = mapped_column(default="")
    """`promoted`, `recalibrated`, `kept`, `unstable`, `too_few`, `nothing_new`, `rolled_back`; empty while it runs."""
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


class RollbackProposal(Base):
    """People disagree more with a version than with the one before it: whether to go back waits for a person (S44)."""

    __tablename__ = "rollback_proposals"
    __kept__ = Kept("models", "made_at")
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    scope: Mapped[str] = mapped_column(String(32), default="", index=True)
    """As in `training_runs`."""
    serving_id: Mapped[str] = mapped_column(ForeignKey("servings.id"), unique=True)
    """The move of the pointer after which disagreement rose; each is proposed once."""
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Percents in steps of five: `before`, `after`, and of the rise `low` and `high`, in points."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(default="")
    """`went_back`, `kept`, or empty while nobody has decided."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DriftReport(Base):
    """What changed in one institution's texts in a week, against the eight before it: rounded shares, never a text."""

    __tablename__ = "drift_reports"
    __kept__ = Kept("models", "made_at")
    __table_args__ = (UniqueConstraint("institution_id", "until"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    """The first moment after the week, a Monday."""
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """`drift.Drift` as data; `{}` when too few wrote."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
