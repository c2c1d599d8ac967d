"""Checking the ledger: every chain, every checkpoint and every published text; the first broken line in words (P25)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from lti_tool.consent import chain, checkpoints, signing
from lti_tool.consent.tables import ConsentEvent, LedgerCheckpoint, Wording

Kind = Literal["changed", "missing", "unlinked", "cut", "rewritten", "checkpoint", "wording"]
BATCH = 2000
WORDS: dict[Kind, str] = {
    "changed": "Line {number} of course {course} was changed after it was written.",
    "missing": "Line {number} of course {course} is missing.",
    "unlinked": "Line {number} of course {course} does not follow from the line before it.",
    "cut": "Course {course} had a line {number}, and the end of its chain is missing.",
    "rewritten": "Line {number} of course {course} is not the one that was sealed at night.",
    "checkpoint": "A checkpoint of course {course} at line {number} is not signed by this installation.",
    "wording": "The published text number {number} was changed after it was published.",
}


@dataclass(frozen=True)
class Fault:
    """The first thing that does not fit in a chain, or in a published text (then `course_id` is empty)."""

    kind: Kind
    number: int
    course_id: str = ""

    @property
    def words(self) -> str:
        return WORDS[self.kind].format(number=self.number, course=self.course_id)


@dataclass(frozen=True)
class Report:
    """What was looked at, and what does not fit."""

    courses: int
    lines: int
    faults: tuple[Fault, ...]

    @property
    def is_whole(self) -> bool:
        return not self.faults


def check(session: Session, course_id: str | None = None) -> Report:
    """Check one course, or all of them and the published texts."""
    found = [] if course_id is not None else list(_texts(session))
    lines, chosen = 0, [course_id] if course_id is not None else checkpoints.courses(session)
    for one in chosen:
        looked, fault = check_course(session, one)
        lines += looked
        if fault is not None:
            found.append(fault)
    return Report(len(chosen), lines, tuple(found))


def check_course(session: Session, course_id: str) -> tuple[int, Fault | None]:
    """How many lines were looked at, and the first fault of the course's chain."""
    seals = checkpoints.of(session, course_id)
    for seal in seals:
        if not _is_signed(seal):
            return 0, Fault("checkpoint", seal.number, course_id)
    return _walk(session, course_id, seals)


def _walk(session: Session, course_id: str, seals: list[LedgerCheckpoint]) -> tuple[int, Fault | None]:
    """Follow the chain from its start, or from where it has expired up to."""
    pruned = max(
        (seal for seal in seals if seal.kind == "pruned"), key=lambda seal: seal.number, default=None
    )
    number, previous = (pruned.number, pruned.hash) if pruned else (0, chain.START)
    sealed = {seal.number: seal.hash for seal in seals if seal.number > number}
    looked = 0
    for line in _lines(session, course_id):
        number, looked = number + 1, looked + 1
        kind = _fault(line, number, previous, sealed.get(line.number))
        if kind is not None:
            return looked, Fault(kind, number, course_id)
        previous = line.hash
    cut = max(sealed, default=0)
    return looked, Fault("cut", cut, course_id) if cut > number else None


def _lines(session: Session, course_id: str) -> Iterator[Row[Any]]:
    """Plain rows in the order of the chain: objects would take twice as long."""
    table = ConsentEvent.__table__.c
    query = select(*(table[name] for name in COLUMNS), table.hash).where(table.course_id == course_id)
    return iter(session.execute(query.order_by(table.number).execution_options(yield_per=BATCH)))


COLUMNS = (
    "course_id",
    "number",
    "person_id",
    "purpose",
    "event",
    "wording_sha256",
    "language",
    "at",
    "previous_hash",
)
"""The arguments of `chain.line_hash`."""


def _fault(line: Row[Any], number: int, previous: str, sealed: str | None) -> Kind | None:
    if line.number != number:
        return "missing"
    if line.hash != chain.line_hash(*tuple(line)[:-1]):
        return "changed"
    if line.previous_hash != previous:
        return "unlinked"
    return "rewritten" if sealed not in (None, line.hash) else None


def _is_signed(seal: LedgerCheckpoint) -> bool:
    try:
        signing.check(checkpoints.content(seal), seal.signature)
    except signing.SignatureError:
        return False
    return True


def _texts(session: Session) -> Iterator[Fault]:
    for text in session.scalars(select(Wording).order_by(Wording.version, Wording.language)):
        if hashlib.sha256(signing.canonical(text.text)).hexdigest() != text.sha256:
            yield Fault("wording", text.version)
