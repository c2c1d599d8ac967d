"""What a person chose, what follows from it, and how every other part asks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.consent import ledger, wording
from lti_tool.consent.choices import (
    DECLINED,
    FIELDS,
    LEDGER_NAME,
    Choices,
    ChoicesRefusedError,
    Field,
    unmet_needs,
)
from lti_tool.consent.tables import ConsentEvent, ConsentState
from lti_tool.launch.tables import Person
from lti_tool.storage import Purpose, erase_by_purpose, erase_written_before

__all__ = [
    "DECLINED",
    "FIELDS",
    "Choices",
    "ChoicesRefusedError",
    "choices",
    "covers",
    "expire",
    "granted",
    "lapsed",
    "lock",
    "save",
    "show",
]

LAPSES_AFTER = timedelta(days=365)
"""Consent ends after twelve months (P19)."""


def choices(session: Session, person_id: str) -> Choices:
    """The person's current choices."""
    return _choices_of(session.get(ConsentState, person_id))


def lock(session: Session, person_id: str) -> ConsentState:
    """Lock the person's consent row until the transaction ends, and return it as it is now.

    Every write of a person's row calls this first and looks at the state again, and so does withdrawal:
    whichever comes second sees the other (P16). Without an answer the returned state grants nothing and
    belongs to no session.
    """
    return _locked(session, person_id) or ConsentState(
        person_id=person_id, a=False, earlier=False, b=False, c=False, d=False, revision=0
    )


def covers(state: ConsentState, written_at: datetime) -> bool:
    """Whether a text written then may be read: since A was granted, or before with the box for it (P20)."""
    return bool(state.a and state.a_since and (state.earlier or written_at >= state.a_since))


def granted(session: Session, course_id: str, purpose: Literal["a", "b", "c", "d"]) -> set[str]:
    """The ids of the people of the course who grant the purpose now."""
    column = {"a": ConsentState.a, "b": ConsentState.b, "c": ConsentState.c, "d": ConsentState.d}[purpose]
    return set(
        session.scalars(select(ConsentState.person_id).where(ConsentState.course_id == course_id, column))
    )


def granted_by(
    session: Session, course_id: str, purpose: Literal["a", "b", "c", "d"], moment: datetime
) -> set[str]:
    """The ids of the people of the course whose latest grant of the purpose was made at `moment` or before."""
    latest = func.max(ConsentEvent.at)
    query = (
        select(ConsentEvent.person_id)
        .where(ConsentEvent.course_id == course_id, ConsentEvent.purpose == LEDGER_NAME[purpose])
        .where(ConsentEvent.event == "granted")
        .group_by(ConsentEvent.person_id)
        .having(latest <= moment)
    )
    return set(session.scalars(query))


def show(session: Session, now: datetime, person_id: str, course_id: str, language: str) -> None:
    """Record that the person saw the wording; one line per wording, so that reloading adds none."""
    wording.publish(session, now)
    sha256 = wording.current(session, language).sha256
    seen = select(ConsentEvent.id).where(
        ConsentEvent.person_id == person_id,
        ConsentEvent.event == "shown",
        ConsentEvent.wording_sha256 == sha256,
    )
    if session.scalars(seen.limit(1)).first() is None:
        _write(session, now, person_id, course_id, "all", "shown", language)


def save(
    session: Session, now: datetime, person_id: str, course_id: str, choices: Choices, language: str
) -> ConsentState:
    """Keep the choices, do at once what a withdrawal says (P17), and write one ledger line per change.

    Raises ChoicesRefusedError when one of them needs A and A is not granted: nothing is turned on or off
    silently (U10).
    """
    if unmet := unmet_needs(choices):
        raise ChoicesRefusedError(unmet)
    wording.publish(session, now)
    state = _own_row(session, person_id, course_id)
    _change(session, now, state, choices, language, ended="withdrawn")
    return state


def lapsed(session: Session, now: datetime) -> list[str]:
    """The ids of the people whose consent is more than a year old (P19)."""
    query = select(ConsentState.person_id).where(ConsentState.a, ConsentState.a_since < now - LAPSES_AFTER)
    return list(session.scalars(query.order_by(ConsentState.person_id)))


def expire(session: Session, now: datetime, person_id: str) -> bool:
    """End the person's consent as a withdrawal does and let them be asked anew; False when it was renewed.

    One person per transaction: it locks the person's consent row and then the course's ledger, so two people in
    one transaction could wait for each other's.
    """
    state = lock(session, person_id)
    if not state.a or state.a_since is None or state.a_since >= now - LAPSES_AFTER:
        return False
    _change(session, now, state, DECLINED, wording.FIRST_LANGUAGE, ended="expired")
    state.answered_at = None
    session.flush()
    return True


def _change(
    session: Session, now: datetime, state: ConsentState, wanted: Choices, language: str, *, ended: str
) -> None:
    before = _choices_of(state)
    _erase(session, state, before, wanted)
    for field, event in _events(before, wanted, ended):
        _write(session, now, state.person_id, state.course_id, LEDGER_NAME[field], event, language)
    if not wanted.a:
        state.a_since = None
    elif not before.a:
        state.a_since = now
    for field in FIELDS:
        setattr(state, field, wanted.value(field))
    state.answered_at, state.revision = now, state.revision + 1
    session.flush()


def _erase(session: Session, state: ConsentState, before: Choices, wanted: Choices) -> None:
    """What lives by a withdrawn purpose goes in this transaction, not later (P17)."""
    for field in FIELDS:
        if before.value(field) and not wanted.value(field) and field != "earlier":
            erase_by_purpose(session, state.person_id, cast(Purpose, LEDGER_NAME[field]))
    if before.earlier and not wanted.earlier and wanted.a and state.a_since is not None:
        erase_written_before(session, state.person_id, state.a_since)


def _events(before: Choices, wanted: Choices, ended: str) -> Iterator[tuple[Field, str]]:
    for field in FIELDS:
        if wanted.value(field) and not before.value(field):
            yield field, "granted"
        elif before.value(field) and not wanted.value(field):
            yield field, ended
        elif not before.answered:
            yield field, "declined"


def _write(
    session: Session, now: datetime, person_id: str, course_id: str, purpose: str, event: str, language: str
) -> None:
    text = wording.current(session, language)
    ledger.append(
        session,
        now,
        course_id=course_id,
        person_id=person_id,
        purpose=purpose,
        event=event,
        wording_sha256=text.sha256,
        language=text.language,
    )


def _own_row(session: Session, person_id: str, course_id: str) -> ConsentState:
    """The person's locked row, made at the first answer; two first answers meet at the person's own row."""
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    state = _locked(session, person_id)
    if state is None:
        state = ConsentState(person_id=person_id, course_id=course_id)
        session.add(state)
        session.flush()
    return state


def _locked(session: Session, person_id: str) -> ConsentState | None:
    query = select(ConsentState).where(ConsentState.person_id == person_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _choices_of(state: ConsentState | None) -> Choices:
    if state is None:
        return Choices()
    return Choices(state.answered_at is not None, state.a, state.earlier, state.b, state.c, state.d)
