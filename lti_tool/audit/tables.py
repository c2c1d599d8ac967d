"""The security and access log: one append-only table (S49)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy import event as orm_event
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.errors import UndertoneError
from lti_tool.storage import Base, UtcDateTime, new_id


class AppendOnlyError(UndertoneError):
    code = "append_only"
    words = "What the log holds is never changed."


class AuditEvent(Base):
    """What happened, to which ids, when; never a text, a token, a name or a claim (P37)."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_event_at", "event", "at"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[str]
    code: Mapped[str] = mapped_column(default="")
    institution_id: Mapped[str | None] = mapped_column(String(32))
    registration_id: Mapped[str | None] = mapped_column(String(32))
    course_id: Mapped[str | None] = mapped_column(String(32))
    actor_id: Mapped[str | None] = mapped_column(String(32))
    subject_id: Mapped[str | None] = mapped_column(String(32), index=True)
    correlation_id: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)


def _refuse(*_: object) -> None:
    raise AppendOnlyError


for _change in ("before_update", "before_delete"):
    orm_event.listen(AuditEvent, _change, _refuse)
