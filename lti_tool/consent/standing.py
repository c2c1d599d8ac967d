"""Which choices count at this moment, as a condition for queries: granted, and neither paused nor suspended."""

from typing import Literal, cast

from sqlalchemy import ColumnElement, and_, update
from sqlalchemy.orm import Session

from lti_tool.consent.tables import ConsentState

Letter = Literal["a", "b", "c", "d"]
LETTERS: tuple[Letter, ...] = ("a", "b", "c", "d")


def counts(*purposes: Letter) -> ColumnElement[bool]:
    """Whether a row of `ConsentState` grants every one of the purposes now; each of them needs A.

    The person's own pause (P41) and an unanswered material change of the wording (P18) hold it back.
    """
    needed = dict.fromkeys(("a", *purposes))
    granted = (column(one) for one in needed)
    open_ = (~ConsentState.suspended.contains(one.upper()) for one in needed)
    return and_(~ConsentState.paused, *granted, *open_)


def column(purpose: Letter) -> ColumnElement[bool]:
    """The column that holds the choice, whether or not it counts now."""
    columns: dict[Letter, ColumnElement[bool]] = {
        "a": ConsentState.a.expression,
        "b": ConsentState.b.expression,
        "c": ConsentState.c.expression,
        "d": ConsentState.d.expression,
    }
    return columns[purpose]


def suspend(session: Session, version: int, affects: str) -> None:
    """Hold back the purposes of everybody who granted them under an older wording; nobody's choice is changed."""
    for letter in affects:
        granted = column(cast(Letter, letter.lower()))
        session.execute(
            update(ConsentState)
            .where(granted, ConsentState.agreed_version < version)
            .where(~ConsentState.suspended.contains(letter))
            .values(suspended=ConsentState.suspended + letter, revision=ConsentState.revision + 1)
            .execution_options(synchronize_session="fetch")
        )
