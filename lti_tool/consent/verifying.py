"""Checking the ledger: every chain, every checkpoint, every published text and the file of seals (P25).

Of each chain the first line that does not fit is named in words.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from lti_tool.consent import chain, checkpoints, comparing, signing
from lti_tool.consent.comparing import Outside
from lti_tool.consent.faults import Fault, Kind
from lti_tool.consent.tables import ConsentEvent, LedgerCheckpoint, Wording

BATCH = 2000
Texts = frozenset[tuple[str, str]]
"""Hash and language of every published text."""


@dataclass(frozen=True)
class Report:
    """What was looked at, and what does not fit."""

    courses: int
    lines: int
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()
    is_begun: bool = True
    """Whether there is a file of seals."""

    @property
    def is_whole(self) -> bool:
        return not self.faults


def check(session: Session, course_id: str | None = None, seals: Path | None = None) -> Report:
    """Check one course, or all of them with texts and statements; with `seals`, also against that file."""
    outside = comparing.look(session, seals) if seals is not None else Outside()
    found = list(outside.faults)
    if course_id is None:
        found += _texts(session, outside)
        found += comparing.of_controllers(session, outside.known)
    known = outside.known.heads
    lines, chosen = 0, [course_id] if course_id else sorted({*checkpoints.courses(session), *known})
    for one in chosen:
        looked, fault = check_course(session, one, known.get(one))
        lines += looked
        if fault is not None:
            found.append(fault)
    return Report(len(chosen), lines, tuple(found), outside.notes, outside.is_begun)


def check_course(
    session: Session, course_id: str, outside: Mapping[int, str] | None = None
) -> tuple[int, Fault | None]:
    """How many lines were looked at, and the first fault of the chain; `outside`: its lines in the file of seals."""
    seals = checkpoints.of(session, course_id)
    for seal in seals:
        if not _is_signed(seal):
            return 0, Fault("checkpoint", seal.number, course_id)
    return _walk(session, course_id, seals, outside or {})


def _walk(
    session: Session, course_id: str, seals: list[LedgerCheckpoint], outside: Mapping[int, str]
) -> tuple[int, Fault | None]:
    """Follow the chain from its start, or from where it has expired up to."""
    pruned = max(
        (seal for seal in seals if seal.kind == "pruned"), key=lambda seal: seal.number, default=None
    )
    number, previous = (pruned.number, pruned.hash) if pruned else (0, chain.START)
    sealed = {**{seal.number: seal.hash for seal in seals}, **outside}
    texts, looked = _published(session), 0
    for line in _lines(session, course_id):
        number, looked = number + 1, looked + 1
        kind = _fault(line, number, previous, sealed.get(line.number), texts)
        if kind is not None:
            return looked, Fault(kind, number, course_id)
        previous = line.hash
    last = max(sealed, default=0)
    if last <= number:
        return looked, None
    return looked, Fault("cut" if last in {seal.number for seal in seals} else "lost", last, course_id)


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


def _fault(line: Row[Any], number: int, previous: str, sealed: str | None, texts: Texts) -> Kind | None:
    if line.number != number:
        return "missing"
    if line.hash != chain.line_hash(*tuple(line)[:-1]):
        return "changed"
    if line.previous_hash != previous:
        return "unlinked"
    if sealed not in (None, line.hash):
        return "rewritten"
    return None if (line.wording_sha256, line.language) in texts else "textless"


def _is_signed(seal: LedgerCheckpoint) -> bool:
    try:
        signing.check(checkpoints.content(seal), seal.signature)
    except signing.SignatureError:
        return False
    return True


def _published(session: Session) -> Texts:
    rows = session.execute(select(Wording.sha256, Wording.language))
    return frozenset((sha256, language) for sha256, language in rows)


def _texts(session: Session, outside: Outside) -> Iterator[Fault]:
    """Texts that are not what their hash says, and those that are not as they were sealed; each number once."""
    told = {fault.number: fault for fault in reversed([*comparing.of_texts(session, outside.known)])}
    for text in session.scalars(select(Wording)):
        if hashlib.sha256(signing.canonical(text.text)).hexdigest() != text.sha256:
            told[text.version] = Fault("wording", text.version)
    return iter(told[number] for number in sorted(told))
