"""The end of the proof (P27): lines older than the limitation period leave the start of a chain, behind a checkpoint.

The checkpoint is signed and keeps the hash of the last line that went, so the rest of the chain is still proved. The
database lets nothing else be deleted (`guards`).
"""

from datetime import datetime

from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.consent import checkpoints, verifying
from lti_tool.consent.guards import MAINTENANCE
from lti_tool.consent.tables import ConsentEvent, ConsentState
from lti_tool.errors import ConfigurationError, UndertoneError
from lti_tool.launch.tables import Course


class BrokenChainError(UndertoneError):
    code = "broken_chain"
    words = "The chain of this course is broken, so nothing of it is deleted. `undertone ledger verify` says where."


def prune(session: Session, now: datetime, course_id: str, before: datetime) -> int:
    """Delete the lines from the start of the chain that are older than `before`; return how many.

    It stops before the first line of somebody who still grants something. One course in one transaction. Raises
    BrokenChainError; ConfigurationError when PostgreSQL lacks the maintenance role.
    """
    session.execute(select(Course.id).where(Course.id == course_id).with_for_update(key_share=True))
    last = _last_to_go(session, course_id, before)
    if last is None:
        return 0
    if verifying.check_course(session, course_id)[1] is not None:
        raise BrokenChainError
    checkpoints.write(session, now, course_id, "pruned", last.number, last.hash)
    count = _delete(session, course_id, last.number)
    audit.record(
        session, now, "ledger_pruned", course_id=course_id, facts={"lines": count, "upto": last.number}
    )
    session.flush()
    return count


def _last_to_go(session: Session, course_id: str, before: datetime) -> ConsentEvent | None:
    """The line before the first one that stays, if there is one."""
    lines = select(ConsentEvent).where(ConsentEvent.course_id == course_id)
    granting = exists().where(ConsentState.person_id == ConsentEvent.person_id, ConsentState.a)
    stays = select(func.min(ConsentEvent.number)).where(ConsentEvent.course_id == course_id)
    first = session.scalar(stays.where((ConsentEvent.at >= before) | granting))
    if first is not None:
        lines = lines.where(ConsentEvent.number < first)
    return session.scalars(lines.order_by(ConsentEvent.number.desc()).limit(1)).first()


def _delete(session: Session, course_id: str, upto: int) -> int:
    """Under the maintenance role where the database has roles."""
    has_roles = session.get_bind().dialect.name == "postgresql"
    if has_roles:
        _take_role(session)
    gone = delete(ConsentEvent).where(ConsentEvent.course_id == course_id, ConsentEvent.number <= upto)
    count = session.execute(gone.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]
    if has_roles:
        session.execute(text("RESET ROLE"))
    return int(count)


def _take_role(session: Session) -> None:
    try:
        session.execute(text(f"SET LOCAL ROLE {MAINTENANCE}"))
    except DBAPIError:
        raise ConfigurationError(
            f"Expired lines of the ledger stay: PostgreSQL has no role {MAINTENANCE} that this account may take. "
            "docs/installing.md says how its administrator makes it."
        ) from None
