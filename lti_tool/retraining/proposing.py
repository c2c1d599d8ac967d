"""A proposal to go back: within a week of a promotion people disagree half as often again as before it (S44).

Nothing moves by itself. The figures that a page shows are percents in steps of five of at least as many authors as any
figure of a class needs (P49, P50); the security log has the version and no figure.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.disclosure import rules
from lti_tool.retraining.disagreement import Checked, checked, rise, share
from lti_tool.retraining.tables import RollbackProposal
from lti_tool.scoring import serving
from lti_tool.scoring.tables import Serving

WATCHED = timedelta(days=7)
"""So long after a move disagreement is compared with before."""
BEFORE = timedelta(days=28)
LEAST = 30
"""So many texts that the new version showed have to be checked."""
HALF_AGAIN = 1.5


def look(
    session: Session, now: datetime, k: int, institution_id: str | None = None
) -> RollbackProposal | None:
    """Propose to go back where that is called for: each move once, and only where there is something before it."""
    move = _newest(session, institution_id)
    if move is None or move.why == "rolled_back" or now >= move.at + WATCHED + timedelta(days=1):
        return None
    if serving.before(session, institution_id) is None or _of(session, move) is not None:
        return None
    figures = compare(*_windows(session, move, institution_id), k)
    return propose(session, now, move, figures, institution_id) if figures else None


def compare(before: Sequence[Checked], after: Sequence[Checked], k: int) -> dict[str, Any] | None:
    """The figures of a rise by half that chance does not explain; None where there is none or it may not be shown."""
    if len(after) < LEAST or not before or not (_may_show(before, k) and _may_show(after, k)):
        return None
    was, is_ = share(before), share(after)
    low, high = rise(was, is_)
    if is_.value < HALF_AGAIN * was.value or low <= 0:
        return None
    return {
        "before": rules.percent(was.part, was.whole),
        "after": rules.percent(is_.part, is_.whole),
        "low": rules.percent(low, 1),
        "high": rules.percent(high, 1),
    }


def propose(
    session: Session, now: datetime, move: Serving, figures: dict[str, Any], institution_id: str | None
) -> RollbackProposal:
    """Keep a proposal about a move of the pointer, and tell the security log."""
    row = RollbackProposal(scope=institution_id or "", serving_id=move.id, figures=figures, made_at=now)
    session.add(row)
    facts = {"version": move.version_id}
    record(session, now, "rollback_proposed", institution_id=institution_id, facts=facts)
    session.flush()
    return row


def open_proposal(session: Session, institution_id: str | None = None) -> RollbackProposal | None:
    """The proposal that waits for an answer, as long as the version that it is about serves."""
    move = _newest(session, institution_id)
    row = _of(session, move) if move is not None else None
    return row if row is not None and not row.answer else None


def answer(session: Session, now: datetime, said: str, institution_id: str | None = None) -> bool:
    """Note what was decided, `went_back` or `kept`; False when nothing waits."""
    row = open_proposal(session, institution_id)
    if row is None:
        return False
    row.answer, row.answered_at = said, now
    session.flush()
    return True


def _windows(
    session: Session, move: Serving, institution_id: str | None
) -> tuple[list[Checked], list[Checked]]:
    """What was checked of other versions before the move, and of its version in the week after it."""
    rows = checked(session, move.at - BEFORE, move.at + WATCHED, institution_id)
    before = [row for row in rows if row.at < move.at and row.version_id != move.version_id]
    return before, [row for row in rows if row.at >= move.at and row.version_id == move.version_id]


def _may_show(rows: Sequence[Checked], k: int) -> bool:
    """Every text in the queue is of an author who shares by name, so there is nobody to subtract."""
    authors = [row.author for row in rows]
    return len(set(authors)) >= k and not rules.dominated(authors)


def _newest(session: Session, institution_id: str | None) -> Serving | None:
    return next(iter(serving.history(session, institution_id)[-1:]), None)


def _of(session: Session, move: Serving) -> RollbackProposal | None:
    return session.scalars(select(RollbackProposal).where(RollbackProposal.serving_id == move.id)).first()
