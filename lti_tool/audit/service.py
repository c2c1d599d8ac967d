"""Writing the log."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.audit.tables import AuditEvent


def record(
    session: Session,
    now: datetime,
    event: str,
    *,
    code: str = "",
    institution_id: str | None = None,
    registration_id: str | None = None,
    course_id: str | None = None,
    actor_id: str | None = None,
    subject_id: str | None = None,
    correlation_id: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    """Append one event. `facts` holds counts, codes and ids only (P37)."""
    session.add(
        AuditEvent(
            at=now,
            event=event,
            code=code,
            institution_id=institution_id,
            registration_id=registration_id,
            course_id=course_id,
            actor_id=actor_id,
            subject_id=subject_id,
            correlation_id=correlation_id,
            facts=facts or {},
        )
    )
