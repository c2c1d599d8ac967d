"""What can be wrong with the ledger, in words that tell what to do (P25)."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "changed",
    "missing",
    "unlinked",
    "cut",
    "rewritten",
    "checkpoint",
    "textless",
    "lost",
    "wording",
    "wording_lost",
    "controller",
    "controller_lost",
    "seals_missing",
    "seals_short",
    "seals_damaged",
]
FIND_OUT = "Find out what happened. Then `undertone ledger accept --reason …` signs the ledger as it stands."
PUT_BACK = f"Put the newest copy of the file back (UNDERTONE_LEDGER_SEALS). Without one: {FIND_OUT}"
BY_HAND = "or an older copy of the database was put back by hand: `undertone restore` signs for that itself. "
WORDS: dict[Kind, str] = {
    "changed": "Line {number} of course {course} was changed after it was written.",
    "missing": "Line {number} of course {course} is missing.",
    "unlinked": "Line {number} of course {course} does not follow from the line before it.",
    "cut": "Course {course} had a line {number}, and the end of its chain is missing.",
    "rewritten": (
        "Line {number} of course {course} is not the one that was sealed at night. Either the chain was rewritten, "
        + BY_HAND
        + FIND_OUT
    ),
    "checkpoint": "A checkpoint of course {course} at line {number} is not signed by this installation.",
    "textless": "Line {number} of course {course} points to a published text that is not there.",
    "lost": (
        "The file of seals knows line {number} of course {course}, and the database does not. Either lines were "
        "deleted, " + BY_HAND + FIND_OUT
    ),
    "wording": "The published text number {number} was changed after it was published.",
    "wording_lost": "The published text number {number} was sealed, and is not there any more. " + FIND_OUT,
    "controller": "Statement {number} on who is responsible at {institution} was changed after it was sealed.",
    "controller_lost": (
        "Statement {number} on who is responsible at {institution} was sealed, and is not there any more. "
        + FIND_OUT
    ),
    "seals_missing": "The file of seals is missing; it had {number} lines. " + PUT_BACK,
    "seals_short": "The file of seals had {number} lines, and its end is missing. " + PUT_BACK,
    "seals_damaged": "Line {number} of the file of seals is not as it was written. " + PUT_BACK,
}
OF_THE_FILE: frozenset[Kind] = frozenset({"seals_missing", "seals_short", "seals_damaged"})
"""While one of these stands, nothing is added to the file."""


@dataclass(frozen=True)
class Fault:
    """The first thing that does not fit in a chain, a published text, a statement or the file of seals."""

    kind: Kind
    number: int
    course_id: str = ""
    institution_id: str = ""

    @property
    def words(self) -> str:
        return WORDS[self.kind].format(
            number=self.number, course=self.course_id, institution=self.institution_id
        )
