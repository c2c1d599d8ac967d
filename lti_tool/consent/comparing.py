"""Holding the database against the file of seals: what the file knows and the database does not, and the other way."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent import anchoring, seals
from lti_tool.consent.faults import Fault
from lti_tool.consent.sealed import Known, held_by, known, missing
from lti_tool.consent.seals import Seal
from lti_tool.consent.tables import Controller, Wording

SHOWN = 5
NOT_BEGUN = "Nothing is sealed outside the database yet."


@dataclass(frozen=True)
class Outside:
    """What the file says."""

    known: Known = field(default_factory=Known)
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    """What is no fault and has to be known: backups that were put back, and what somebody answered for."""
    is_begun: bool = True


def look(session: Session, path: Path) -> Outside:
    """Read the file and hold it against what the database remembers of it."""
    remembered = anchoring.remembered(session)
    try:
        found = seals.read(path)
    except seals.SealsDamagedError as damaged:
        return Outside(faults=(Fault("seals_damaged", damaged.number),))
    if not found:
        if remembered:
            return Outside(faults=(Fault("seals_missing", max(remembered)),))
        return Outside(notes=(NOT_BEGUN,), is_begun=False)
    return Outside(known(found), tuple(_of_the_file(found, remembered)), tuple(_notes(found)))


def of_texts(session: Session, said: Known) -> Iterator[Fault]:
    """Published texts that are not as they were sealed, or are gone."""
    rows = {anchoring.wording_key(one): one for one in session.scalars(select(Wording))}
    for key, digest in sorted(said.wordings.items()):
        if key not in rows:
            yield Fault("wording_lost", int(key.split()[0]))
        elif anchoring.digest_of_wording(rows[key]) != digest:
            yield Fault("wording", rows[key].version)


def of_controllers(session: Session, said: Known) -> Iterator[Fault]:
    """Statements on who is responsible that are not as they were sealed, or are gone."""
    rows = {anchoring.controller_key(one): one for one in session.scalars(select(Controller))}
    for key, digest in sorted(said.controllers.items()):
        institution_id, number = key.rsplit(" ", 1)
        if key not in rows:
            yield Fault("controller_lost", int(number), institution_id=institution_id)
        elif anchoring.digest_of_controller(rows[key]) != digest:
            yield Fault("controller", int(number), institution_id=institution_id)


def _of_the_file(found: list[Seal], remembered: dict[int, str]) -> Iterator[Fault]:
    """A copy of before, or another installation's: its end is missing, or its lines are others."""
    lines = {seal.number: seal.hash for seal in found}
    for number, line_hash in sorted(remembered.items()):
        if lines.get(number, line_hash) != line_hash:
            yield Fault("seals_damaged", number)
            return
    if max(remembered, default=0) > found[-1].number:
        yield Fault("seals_short", max(remembered))


def _notes(found: list[Seal]) -> Iterator[str]:
    for place, seal in enumerate(found):
        if seal.kind == "accepted":
            yield f"Accepted as it stood on {seal.at:%Y-%m-%d %H:%M} UTC: {seal.held['reason']}"
        elif seal.kind == "restored":
            gone = missing(known(found[:place]), held_by(seal))
            of = seal.held["backup_of"][:16].replace("T", " ")
            yield f"A backup of {of} UTC was put back on {seal.at:%Y-%m-%d}. {_missing_words(gone)}"


def _missing_words(gone: dict[str, tuple[int, int]]) -> str:
    if not gone:
        return "No line that was sealed is missing."
    named = [f"lines {first} to {last} of course {one}" for one, (first, last) in sorted(gone.items())]
    more = f", and of {len(named) - SHOWN} more courses" if len(named) > SHOWN else ""
    return f"Lines that were written after it are missing: {', '.join(named[:SHOWN])}{more}."
