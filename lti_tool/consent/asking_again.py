"""A change of the wording (P18, U14): a material one pauses what it is about until asked again, others are told once.

The pause is a column of the person's consent row, set in the transaction that publishes the words, so that the next
pull and scoring already find it. The lines of the ledger follow: from the nightly job, or when the person comes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lti_tool.consent import ledger, wording
from lti_tool.consent.standing import LETTERS
from lti_tool.consent.states import locked, log_change
from lti_tool.consent.tables import ConsentEvent, ConsentState, Wording


@dataclass(frozen=True)
class Pending:
    """What a person has not yet been told about."""

    material: bool
    """Whether they must answer before what they had chosen counts again."""
    since: int
    """The number of the wording that they know."""


def pending(session: Session, person_id: str) -> Pending | None:
    """What the person has to be asked or told about; None when there is nothing.

    Nobody who granted nothing is disturbed (P12).
    """
    state = session.get(ConsentState, person_id)
    if state is None or not state.a:
        return None
    known = state.agreed_version
    if not state.suspended:
        known = max(known, newest_seen(session, person_id))
    if wording.current(session, wording.FIRST_LANGUAGE).version <= known:
        return None
    return Pending(bool(state.suspended), known)


def note(session: Session, now: datetime, person_id: str, course_id: str, language: str) -> None:
    """Record once that the person has seen the change: `re-asked` for a material one, else `shown`."""
    state = session.get(ConsentState, person_id)
    version = wording.current(session, language).version
    if state is None or newest_seen(session, person_id) >= version:
        return
    if state.suspended:
        tell(session, now, person_id, language)
    ledger.write(
        session, now, person_id, course_id, "all", "re-asked" if state.suspended else "shown", language
    )


def untold(session: Session) -> list[str]:
    """The ids of the people whose pause has no line in the ledger yet."""
    paused = select(ConsentState).where(ConsentState.suspended != "").order_by(ConsentState.person_id)
    return [state.person_id for state in session.scalars(paused) if _not_told(session, state)]


def tell(session: Session, now: datetime, person_id: str, language: str = "") -> int:
    """Write `paused` for each purpose that is held back and has no such line yet; return how many."""
    state = locked(session, person_id)
    if state is None:
        return 0
    letters = _not_told(session, state)
    for letter in letters:
        said_in = language or language_of(session, person_id)
        ledger.write(session, now, person_id, state.course_id, letter, "paused", said_in)
        log_change(session, now, state, letter, "paused", by_itself=True)
    return len(letters)


def answered(session: Session, now: datetime, state: ConsentState, language: str, *, whole: bool) -> None:
    """After an answer, which the locked `state` already holds: to the whole page of present words, or to one choice.

    To the whole page, what is still granted goes on, and that is written down; what was written in the meantime is
    never read. To one choice, what was held back stays so, as far as it is still granted.
    """
    held = list(_granted_of(state, state.suspended))
    if not whole:
        state.suspended = "".join(held)
        return
    state.suspended = ""
    since = _since(session, state.agreed_version)
    state.agreed_version = wording.current(session, language).version
    if "A" in held and since is not None:
        state.pauses = [*state.pauses, [since.isoformat(), now.isoformat()]]
    for letter in held:
        ledger.write(session, now, state.person_id, state.course_id, letter, "resumed", language)
        log_change(session, now, state, letter, "resumed")
    session.flush()


def _granted_of(state: ConsentState, letters: str) -> Iterator[str]:
    return (one.upper() for one in LETTERS if one.upper() in letters and getattr(state, one))


def _not_told(session: Session, state: ConsentState) -> list[str]:
    """Purposes without a `paused` line under a wording newer than the one that was agreed to."""
    lines = _lines(state.person_id).where(
        ConsentEvent.event == "paused", Wording.version > state.agreed_version
    )
    told = set(session.scalars(lines.with_only_columns(ConsentEvent.purpose)))
    return [letter for letter in _granted_of(state, state.suspended) if letter not in told]


def newest_seen(session: Session, person_id: str) -> int:
    """The number of the newest wording that was before the person, in any language; 0 for none."""
    own = _lines(person_id).where(ConsentEvent.event.in_(("shown", "re-asked")))
    return session.scalar(own.with_only_columns(func.max(Wording.version))) or 0


def _lines(person_id: str) -> Select[ConsentEvent]:
    same = (Wording.sha256 == ConsentEvent.wording_sha256) & (Wording.language == ConsentEvent.language)
    return select(ConsentEvent).join(Wording, same).where(ConsentEvent.person_id == person_id)


def _of_number(session: Session, version: int, language: str) -> Wording | None:
    found = session.scalars(select(Wording).where(Wording.version == version)).all()
    by_language = {one.language: one for one in found}
    return by_language.get(language) or by_language.get(wording.FIRST_LANGUAGE)


def _since(session: Session, agreed: int) -> datetime | None:
    """When the first material change after the agreed wording was published."""
    later = select(func.min(Wording.published_at)).where(Wording.version > agreed, Wording.kind == "material")
    return session.scalar(later)


def language_of(session: Session, person_id: str) -> str:
    """The language in which the person last dealt with the page."""
    own = select(ConsentEvent.language).where(ConsentEvent.person_id == person_id)
    newest = session.scalars(
        own.order_by(ConsentEvent.at.desc(), ConsentEvent.number.desc()).limit(1)
    ).first()
    return newest or wording.FIRST_LANGUAGE
