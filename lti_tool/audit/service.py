"""Writing the log."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.audit.tables import AuditEvent

WORD = re.compile(r"[\w .-]{0,80}", re.ASCII)
"""An id, a code, a digest or the name of a thing of ours. An address, an e-mail or a line end is none, so nothing that
came from outside can end a line or open a field where the log is read (S49)."""


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
    """Append one event. `facts` holds counts, codes and ids only (P37); ValueError when anything else is given."""
    ids = (institution_id, registration_id, course_id, actor_id, subject_id)
    if not all(_is_plain(value) for value in (event, code, correlation_id, *ids, *(facts or {}).values())):
        raise ValueError(f"the log takes counts, codes and ids, and {event!r} held something else")
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


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return bool(WORD.fullmatch(value))
    return value is None or isinstance(value, int | float)
