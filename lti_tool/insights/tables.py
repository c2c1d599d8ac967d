"""Course snapshots: what staff pages read (design decision 8)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, Kept, UtcDateTime, new_id


class Snapshot(Base):
    """Numbers, findings and the ids of texts that may be read, as of one moment; no text and no name."""

    __tablename__ = "snapshots"
    __kept__ = Kept("alerts")
    __table_args__ = (Index("ix_snapshots_course_id_built_at", "course_id", "built_at"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"))
    version_id: Mapped[str | None] = mapped_column(ForeignKey("model_versions.id"))
    body: Mapped[dict[str, Any]]
    built_at: Mapped[datetime] = mapped_column(UtcDateTime)
