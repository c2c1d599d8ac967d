"""Pausing without withdrawing: what is kept stays, nothing new is read or scored, nothing is used (P41).

The choices stand, and so do the texts. What is written during a pause is never read.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.consent import ledger
from lti_tool.consent import service as consent
from lti_tool.consent.states import log_change
from lti_tool.consent.tables import ConsentState
from lti_tool.errors import NotAllowedError
from lti_tool.storage import journal


class NothingToPauseError(NotAllowedError):
    code = "nothing_to_pause"
    words = "Nothing of yours is read, so there is nothing to pause. Nothing was changed."


def is_paused(session: Session, person_id: str) -> bool:
    """Whether the person has paused."""
    state = session.get(ConsentState, person_id)
    return state is not None and state.paused


def pause(session: Session, now: datetime, person_id: str, language: str) -> bool:
    """Stop for a while; False when it was paused already. NothingToPauseError without A."""
    state = consent.lock(session, person_id)
    if not state.a:
        raise NothingToPauseError
    if state.paused:
        return False
    state.paused, state.pauses = True, [*state.pauses, [now.isoformat(), None]]
    _note(session, now, state, "paused", language)
    return True


def resume(session: Session, now: datetime, person_id: str, language: str) -> bool:
    """Go on from now; False when nothing was paused, as after a withdrawal."""
    state = consent.lock(session, person_id)
    if not state.paused:
        return False
    started = state.pauses[-1][0]
    state.paused, state.pauses = False, [*state.pauses[:-1], [started, now.isoformat()]]
    _note(session, now, state, "resumed", language)
    return True


def replay(
    session: Session, now: datetime, person_id: str, acts: Iterable[tuple[str, datetime]], language: str
) -> None:
    """Pause and resume again as the journal of erasures tells, at the times of then: (`paused` or `resumed`, time).

    Nothing where A is not granted any more. What is paused already, or goes on already, stays as it is.
    """
    state = consent.lock(session, person_id)
    for act, at in sorted(acts, key=lambda one: one[1]):
        if not state.a or state.paused == (act == "paused"):
            continue
        if act == "paused":
            state.pauses = [*state.pauses, [at.isoformat(), None]]
        else:
            state.pauses = [*state.pauses[:-1], [state.pauses[-1][0], at.isoformat()]]
        state.paused = act == "paused"
        _note(session, now, state, act, language)


def _note(session: Session, now: datetime, state: ConsentState, event: str, language: str) -> None:
    """A new revision, so that every job that looks twice sees it, a line in the ledger, and one in the log.

    And one in the journal: a backup of before must not bring back the reading that was paused (P62).
    """
    journal.note(session, event, state.person_id)
    state.revision += 1
    session.flush()
    ledger.write(session, now, state.person_id, state.course_id, "all", event, language)
    log_change(session, now, state, "all", event)
