"""Scores, model versions and the serving pointer with its history (design decisions 4 and 5)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, EncryptedText, Owned, UtcDateTime, new_id

OF_ALL = text("institution_id IS NULL")


class Weights(Base):
    """An immutable adapter, also kept in the database so that any worker fetches it by hash."""

    __tablename__ = "weights"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    archive: Mapped[bytes] = mapped_column(LargeBinary)
    manifest: Mapped[dict[str, Any]]
    signature: Mapped[str] = mapped_column(String(64), default="")
    """Of the manifest, under a key that the database does not hold (`signing`, S39); empty is never accepted."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the archive was emptied because its time was over (P62); the row stays as a record of what served."""


class ModelVersion(Base):
    """A weights hash plus a calibration."""

    __tablename__ = "model_versions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    weights_hash: Mapped[str] = mapped_column(ForeignKey("weights.hash"), index=True)
    calibration: Mapped[dict[str, Any]]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("model_versions.id"))
    origin: Mapped[str]
    """`shipped`, `retrained` or `recalibrated` (the weights of its parent with another calibration)."""
    institution_id: Mapped[str | None] = mapped_column(ForeignKey("institutions.id"))
    """Whose texts it learnt from, besides those of its parent (P61); None for a shipped one, which learnt from none."""
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Serving(Base):
    """The history of the serving pointer; the newest row of an institution (else of None) serves."""

    __tablename__ = "servings"
    __table_args__ = (
        UniqueConstraint("institution_id", "number"),
        # NULL is never equal to NULL, so the installation's own numbers need their own rule.
        Index(
            "uq_servings_installation", "number", unique=True, sqlite_where=OF_ALL, postgresql_where=OF_ALL
        ),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    institution_id: Mapped[str | None] = mapped_column(ForeignKey("institutions.id"))
    number: Mapped[int]
    version_id: Mapped[str] = mapped_column(ForeignKey("model_versions.id"))
    who: Mapped[str]
    """`installation`, `nightly run`, `administrator` or `command line`."""
    why: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ModelPin(Base):
    """Somebody's decision that a version stays, whatever the night finds; in force until `ended_at`."""

    __tablename__ = "model_pins"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    institution_id: Mapped[str | None] = mapped_column(ForeignKey("institutions.id"), index=True)
    """Of whose pointer, as in `servings`."""
    version_id: Mapped[str] = mapped_column(ForeignKey("model_versions.id"))
    who: Mapped[str]
    """`administrator` or `command line`."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ModelSharing(Base):
    """An institution that lets others use what was trained on its texts, and uses theirs: both have to (P61)."""

    __tablename__ = "model_sharings"
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class CourseModel(Base):
    """The version that a course shows, flipped when all its posts are scored by it: nothing mixes two."""

    __tablename__ = "course_models"
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("model_versions.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Score(Base):
    """(post, text hash, weights hash) → ten logits; derived, so it may be thrown away and made again."""

    __tablename__ = "scores"
    __owned__ = Owned(
        purpose="A",
        export=("logits", "weights_hash", "scored_at"),
        keep="scores",
        held_at="scored_at",
        of_text=True,
    )
    __table_args__ = (
        UniqueConstraint("post_id", "text_hash", "weights_hash"),
        Index("ix_scores_weights_hash", "weights_hash"),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    text_hash: Mapped[str] = mapped_column(String(64))
    weights_hash: Mapped[str] = mapped_column(String(64))
    logits: Mapped[list[Any]]
    scored_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Explanation(Base):
    """Which passages of a text drove its labels, once somebody asked: places in the text, sealed, never words (P7)."""

    __tablename__ = "explanations"
    __owned__ = Owned(
        purpose="A",
        export=("weights_hash", "found", "asked_at"),
        keep="scores",
        held_at="asked_at",
        of_text=True,
    )
    __table_args__ = (UniqueConstraint("post_id", "text_hash", "weights_hash"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    text_hash: Mapped[str] = mapped_column(String(64))
    weights_hash: Mapped[str] = mapped_column(String(64))
    found: Mapped[str] = mapped_column(EncryptedText)
    """JSON: for each label the passages `towards` it and `away` from it as [start, end, share]."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
