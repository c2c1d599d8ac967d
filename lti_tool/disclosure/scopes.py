"""Where texts stand, and which of them a figure asks about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

NO_END = 1_000_000
UNREAD = 0
"""The week of texts that are counted and read as nothing: in a language that is not covered."""


@dataclass(frozen=True, order=True)
class Scope:
    """What texts have in common; None where they differ. One week where `first` and `last` are equal."""

    first: int
    last: int
    source: str | None = None
    section: str | None = None
    activity: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "first": self.first,
            "last": self.last,
            "source": self.source,
            "section": self.section,
            "activity": self.activity,
        }


@dataclass(frozen=True)
class Where:
    """What a figure asks about: texts of these weeks and, where given, of this source, section or activity."""

    first: int = UNREAD + 1
    last: int = NO_END
    source: str | None = None
    section: str | None = None
    activity: str | None = None

    def holds(self, scope: Scope) -> bool:
        """Whether everything in the scope is asked about."""
        return (
            self.first <= scope.first
            and scope.last <= self.last
            and self.source in (None, scope.source)
            and self.section in (None, scope.section)
            and self.activity in (None, scope.activity)
        )


def week(number: int, **more: Any) -> Where:
    """One week."""
    return Where(number, number, **more)


def levels(scope: Scope, latest: int) -> tuple[Scope | None, ...]:
    """Ever wider scopes in which a text may find its group, the narrowest first; None where there is none.

    Weeks that few wrote in are merged (P50), once a later week has texts: `latest` is the last week with any.
    """
    section = replace(scope, source=None, activity=None) if scope.section is not None else None
    merged = replace(scope, first=UNREAD + 1, last=NO_END) if UNREAD < scope.first < latest else None
    return (
        scope,
        section,
        replace(scope, section=None, activity=None),
        replace(scope, source=None, section=None, activity=None),
        merged,
        replace(merged, source=None, activity=None) if merged and section else None,
    )


def joined(wide: Scope, parts: Sequence[Scope]) -> Scope:
    """`wide` with the weeks that its parts really span."""
    return replace(wide, first=min(one.first for one in parts), last=max(one.last for one in parts))
