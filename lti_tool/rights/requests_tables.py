"""Requests of people to the data-protection staff (P42)."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, EncryptedText, Kept, Owned, UtcDateTime, new_id


class DataRequest(Base):
    """One request with its date and what was done about it; no name and no LMS id is kept."""

    __tablename__ = "data_requests"
    __kept__ = Kept("audit", "closed_at")
    __table_args__ = (Index("ix_data_requests_institution_id_state", "institution_id", "state"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"))
    kind: Mapped[str] = mapped_column(String(16))
    """One of `requests.KINDS`."""
    state: Mapped[str] = mapped_column(String(16), default="open")
    """`open`, `done` or `refused`."""
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_by: Mapped[str | None] = mapped_column(String(32))
    """Person id of the administrator; None for the command line."""
    notes: Mapped[str] = mapped_column("evidence", EncryptedText)
    """`evidence` as JSON, sealed: staff's words in it can tell of the person."""

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """What was done: `{"at", "act", …}` with counts, ids of this tool and words, in order of time."""
        found: list[dict[str, Any]] = json.loads(self.notes or "[]")
        return found

    @evidence.setter
    def evidence(self, lines: Sequence[dict[str, Any]]) -> None:
        self.notes = json.dumps(list(lines), ensure_ascii=False)


class DataRequestPerson(Base):
    """Whom a request is about: one row per course; gone with the person's way back, or when the request is closed."""

    __tablename__ = "data_request_people"
    __owned__ = Owned(purpose="access", keep="access")
    request_id: Mapped[str] = mapped_column(
        ForeignKey("data_requests.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
