"""What a person chose, what follows from it, and how every other part asks."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.consent import asking_again, ledger, standing, wording
from lti_tool.consent.choices import (
    DECLINED,
    FIELDS,
    LEDGER_NAME,
    Choices,
    ChoicesMovedError,
    ChoicesRefusedError,
    CourseOverError,
    Field,
    NotTheirsError,
    unmet_needs,
)
from lti_tool.consent.errors import OldWordingError
from lti_tool.consent.states import locked, log_change
from lti_tool.consent.tables import ConsentEvent, ConsentState, TrainingWithdrawal
from lti_tool.launch import courses
from lti_tool.launch.tables import Course, Person
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
    "leave_training",
    "lock",
    "mark",
    "save",
    "show",
]

LAPSES_AFTER = timedelta(days=365)
"""Consent ends after twelve months, or with the course (P19)."""


def choices(session: Session, person_id: str) -> Choices:
    """The person's current choices."""
    return _choices_of(session.get(ConsentState, person_id))


def lock(session: Session, person_id: str) -> ConsentState:
    """Lock the person's consent row until the transaction ends, and return it as it is now.

    Every write of a person's row calls this first and looks at the state again, and so does withdrawal:
    whichever comes second sees the other (P16). Without an answer the returned state grants nothing and
    belongs to no session.
    """
    return locked(session, person_id) or ConsentState(
        person_id=person_id,
        a=False,
        earlier=False,
        b=False,
        c=False,
        d=False,
        revision=0,
        paused=False,
        pauses=[],
        suspended="",
    )


def covers(state: ConsentState, written_at: datetime) -> bool:
    """Whether a text written then may be read: since A was granted, or before with the box for it (P20).

    Not while the person has paused, nor what was written in a pause (P41).
    """
    if not state.reads or state.a_since is None or state.in_a_pause(written_at):
        return False
    return state.earlier or written_at >= state.a_since


def granted(session: Session, course_id: str, purpose: Literal["a", "b", "c", "d"]) -> set[str]:
    """The ids of the people of the course who grant the purpose now and have not paused (P41)."""
    own = select(ConsentState.person_id).where(ConsentState.course_id == course_id)
    return set(session.scalars(own.where(standing.counts(purpose))))


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
    session: Session,
    now: datetime,
    person_id: str,
    course_id: str,
    choices: Choices,
    language: str,
    drawn_from: int | None = None,
    *,
    whole: bool = True,
) -> ConsentState:
    """Keep the choices, do at once what a withdrawal says (P17), and write one ledger line per change.

    `drawn_from` is the revision that the form showed. Raises ChoicesRefusedError when a choice needs A and A is not
    granted: nothing is turned on or off silently (U10); ChoicesMovedError when the form is out of date and asks for
    something else than what stands; CourseOverError for a Yes in a course that has ended; NotTheirsError.
    `whole`: the form was the choice page with the present words, else one choice; then OldWordingError for a Yes while
    a change of the words waits for an answer (P18).
    """
    if unmet := unmet_needs(choices):
        raise ChoicesRefusedError(unmet)
    wording.publish(session, now)
    state = _own_row(session, person_id, course_id)
    present = _choices_of(state)
    if drawn_from is not None and drawn_from != state.revision and choices != present:
        raise ChoicesMovedError(present)
    if _more_than(present, choices) and courses.has_ended(session, now, course_id):
        raise CourseOverError
    if not whole and state.suspended and _more_than(present, choices):
        raise OldWordingError
    _change(session, now, state, choices, language, ended="withdrawn")
    asking_again.answered(session, now, state, language, whole=whole)
    return state


def lapsed(session: Session, now: datetime) -> list[str]:
    """The ids of the people whose consent is more than a year old, or whose course has ended (P19)."""
    query = select(ConsentState.person_id).join(Course, Course.id == ConsentState.course_id)
    ended = or_(ConsentState.a_since < now - LAPSES_AFTER, courses.over(now))
    return list(session.scalars(query.where(ConsentState.a, ended).order_by(ConsentState.person_id)))


def expire(session: Session, now: datetime, person_id: str) -> bool:
    """End the person's consent as a withdrawal does and let them be asked anew; False when it was renewed.

    One person per transaction: it locks the person's consent row and then the course's ledger, so two people in
    one transaction could wait for each other's.
    """
    state = lock(session, person_id)
    if not state.a or state.a_since is None:
        return False
    if state.a_since >= now - LAPSES_AFTER and not courses.has_ended(session, now, state.course_id):
        return False
    _change(session, now, state, DECLINED, wording.FIRST_LANGUAGE, ended="expired")
    state.answered_at = None
    session.flush()
    return True


def leave_training(session: Session, now: datetime, person_id: str) -> None:
    """Note that models which learnt from the person's texts until now have to go (P17).

    For an erasure too: it takes the texts away without a choice being changed.
    """
    session.add(TrainingWithdrawal(person_id=person_id, at=now))
    session.flush()


def mark(session: Session, course_id: str, *, hold: bool = False) -> str:
    """What stands chosen in the course, as a digest to compare; with `hold` it stays so until the transaction ends.

    What was computed from a course is written only while its mark is still the same, so that nothing of somebody who
    has withdrawn is written later (P16).
    """
    query = select(ConsentState.person_id, ConsentState.revision).where(ConsentState.course_id == course_id)
    query = query.order_by(ConsentState.person_id)
    rows = session.execute(query.with_for_update(read=True) if hold else query)
    return hashlib.sha256("\n".join(f"{one} {revision}" for one, revision in rows).encode()).hexdigest()


def _change(
    session: Session, now: datetime, state: ConsentState, wanted: Choices, language: str, *, ended: str
) -> None:
    before = _choices_of(state)
    if before.answered and before == wanted:
        log_change(session, now, state, "all", "unchanged")
        return
    _erase(session, state, before, wanted)
    if ended == "withdrawn" and _takes_from_training(before, wanted):
        leave_training(session, now, state.person_id)
    for field, event in _events(before, wanted, ended):
        _write(session, now, state.person_id, state.course_id, LEDGER_NAME[field], event, language)
        log_change(session, now, state, LEDGER_NAME[field], event, by_itself=event == "expired")
    if not wanted.a:
        state.a_since, state.paused, state.pauses, state.suspended = None, False, [], ""
    elif not before.a:
        state.a_since = now
    for field in FIELDS:
        setattr(state, field, wanted.value(field))
    state.answered_at, state.revision = now, state.revision + 1
    session.flush()


def _takes_from_training(before: Choices, wanted: Choices) -> bool:
    """Whether texts that models may have learnt from are taken back: C itself, or with it the earlier texts (P17)."""
    return before.c and (not wanted.c or (before.earlier and not wanted.earlier))


def _more_than(before: Choices, wanted: Choices) -> bool:
    return any(wanted.value(field) and not before.value(field) for field in FIELDS)


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
    theirs = select(Person.course_id).where(Person.id == person_id).with_for_update(key_share=True)
    if session.scalar(theirs) != course_id:
        raise NotTheirsError
    state = locked(session, person_id)
    if state is None:
        state = ConsentState(person_id=person_id, course_id=course_id)
        session.add(state)
        session.flush()
    return state


def _choices_of(state: ConsentState | None) -> Choices:
    if state is None:
        return Choices()
    answered = state.answered_at is not None
    return Choices(answered, state.a, state.earlier, state.b, state.c, state.d, state.revision)
