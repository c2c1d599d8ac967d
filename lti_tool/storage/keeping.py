"""How long each kind of data is kept (P62): defaults, ceilings, and the declaration that a table makes.

Ends of what a person wrote count from the end of the course, or of the person's stay in it when that is earlier (P43).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["texts", "scores", "alerts", "pool", "models", "proof", "audit", "operation_logs", "access"]


@dataclass(frozen=True)
class Limits:
    """Days that an institution may choose from."""

    default: int
    ceiling: int
    floor: int = 0


LIMITS: Mapping[Kind, Limits] = {
    "texts": Limits(30, 180),
    "scores": Limits(90, 180),
    "alerts": Limits(90, 180),
    "pool": Limits(730, 1095),
    "models": Limits(365, 730),
    "proof": Limits(
        6 * 365 + 2, 30 * 365
    ),  # the ceiling is the institution's limitation period, which we do not know
    "audit": Limits(365, 730),
    "operation_logs": Limits(184, 730, floor=184),  # six months at least: AI Act Art. 26(6)
    "access": Limits(730, 1095),
}
"""P62's table. `access` is ours: the lookup by which somebody reaches what is kept about them, and withdraws, stays as
long as a text in the training pool may."""
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Kept:
    """A table that belongs to nobody: its rows go when they are as old as their kind says.

    With `since` None the rows go by the end of the course that their `course_id` names.
    """

    kind: Kind
    since: str | None = None
