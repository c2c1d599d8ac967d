"""The security log as lines on standard error too, so that a collector ships it off the host (S49).

A line is written when its row is committed; what was rolled back is never told.
"""

import json
import logging
import sys
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, object_session

from lti_tool.audit.tables import AuditEvent

log = logging.getLogger("undertone.events")
log.addHandler(logging.NullHandler())
log.propagate = False
WAITING = "events to tell"


def write_out() -> None:
    """Write events of this process from now on; calling it twice changes nothing."""
    if not any(type(handler) is logging.StreamHandler for handler in log.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)


def line(row: AuditEvent) -> str:
    """One JSON object: JSON writes control characters as escapes, so no value can begin a line of its own."""
    told = {column.key: getattr(row, column.key) for column in AuditEvent.__table__.columns}
    return json.dumps({name: value for name, value in told.items() if value} | {"at": row.at.isoformat()})


@event.listens_for(AuditEvent, "after_insert")
def _keep(_mapper: Any, _connection: Any, row: AuditEvent) -> None:
    session = object_session(row)
    if session is not None and log.isEnabledFor(logging.INFO):
        session.info.setdefault(WAITING, []).append(line(row))


@event.listens_for(Session, "after_commit")
def _tell(session: Session) -> None:
    for words in session.info.pop(WAITING, ()):
        log.info(words)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(WAITING, None)
