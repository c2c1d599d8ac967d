"""What the seals say together: how the ledger has to stand, also after a backup was put back (P25).

A backup takes the ledger back to what it was. What was sealed before holds on; what came later is missing, and the seal
that the restore wrote says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lti_tool.consent.seals import Seal


@dataclass
class Held:
    """What stands in the database at a moment."""

    courses: dict[str, list[Any]] = field(default_factory=dict)
    """Course id → number and hash of its last line, and how many lines were there."""
    wordings: dict[str, str] = field(default_factory=dict)
    """Number and language of a published text → digest of all that its row says."""
    controllers: dict[str, str] = field(default_factory=dict)
    """Institution id and number of the statement → digest of all that its row says."""


@dataclass
class Known:
    """What the seals say together."""

    heads: dict[str, dict[int, str]] = field(default_factory=dict)
    """Course id → number → hash of each line that was sealed."""
    wordings: dict[str, str] = field(default_factory=dict)
    controllers: dict[str, str] = field(default_factory=dict)

    def add(self, held: Held) -> None:
        """What was sealed first holds: nothing of it ever changes."""
        for course_id, (number, line_hash, _count) in held.courses.items():
            self.heads.setdefault(course_id, {}).setdefault(number, line_hash)
        self.wordings = {**held.wordings, **self.wordings}
        self.controllers = {**held.controllers, **self.controllers}

    def last(self, course_id: str) -> int:
        """The number of the course's last line that was sealed; 0 for none."""
        return max(self.heads.get(course_id, ()), default=0)

    def upto(self, held: Held) -> "Known":
        """What of it a database can hold that holds only this: the rest came later, and is missing."""
        ends = {one: held.courses[one][0] if one in held.courses else 0 for one in self.heads}
        heads = {one: {n: h for n, h in known.items() if n <= ends[one]} for one, known in self.heads.items()}
        return Known(
            {one: known for one, known in heads.items() if known},
            {one: digest for one, digest in self.wordings.items() if one in held.wordings},
            {one: digest for one, digest in self.controllers.items() if one in held.controllers},
        )


def known(found: Sequence[Seal]) -> Known:
    """What the seals say of the database as it has to be now."""
    said = Known()
    for place, seal in enumerate(found):
        held = held_by(seal)
        if seal.kind == "accepted":
            said = Known()
        elif seal.kind == "restored":
            said = known(_line_of(found[:place], datetime.fromisoformat(seal.held["backup_of"]))).upto(held)
        said.add(held)
    return said


def held_by(seal: Seal) -> Held:
    """What a seal names."""
    return Held(*(dict(seal.held.get(name, {})) for name in ("courses", "wordings", "controllers")))


def missing(before: Known, came_back: Held) -> dict[str, tuple[int, int]]:
    """Course id → first and last number of the lines that were sealed and are not in what came back."""
    ends = {one: came_back.courses[one][0] if one in came_back.courses else 0 for one in before.heads}
    return {one: (end + 1, before.last(one)) for one, end in ends.items() if before.last(one) > end}


def _line_of(found: Sequence[Seal], moment: datetime) -> Sequence[Seal]:
    """The seals of the database from which a backup of that moment was made: up to its next replacement."""
    for place, seal in enumerate(found):
        if seal.kind in ("restored", "accepted") and seal.at > moment:
            return found[:place]
    return found
