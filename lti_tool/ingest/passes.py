"""How an activity is read this time: all of it, what changed since a moment, or not at all, chosen by cost.

Neither LMS tells of an edit or a deletion in its lists, so only a complete read finds them all. What changed lately
is read completely several times a day, and everything else once a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from lti_tool.lms.protocol import ActivityFacts

OVERLAP = timedelta(minutes=15)
"""Read again before the moment up to which was read: clocks differ, and an LMS shows some things late."""
DAY = timedelta(days=1)
LIVELY = timedelta(days=3)
"""So long after its last change an activity is a lively one."""
LIVELY_EVERY = timedelta(hours=6)

Kind = Literal["complete", "changes", "nothing"]
Why = Literal["asked", "first", "people", "age", "back", "same", "empty", "since"]


@dataclass(frozen=True)
class Plan:
    """One read of one activity; `since` is on the LMS's clock, and there for changes alone."""

    kind: Kind
    why: Why
    since: datetime | None = None


class LastRead(Protocol):
    """What is known of the reads before (`PullCursor`)."""

    @property
    def newest_at(self) -> datetime | None: ...
    @property
    def read_at(self) -> datetime | None: ...
    @property
    def complete_at(self) -> datetime | None: ...
    @property
    def mark(self) -> str: ...
    @property
    def changed_at(self) -> datetime | None: ...
    @property
    def basis(self) -> str: ...


def plan(last: LastRead, facts: ActivityFacts, now: datetime, basis: str, *, complete: bool) -> Plan:
    """The cheapest read that loses nothing which the LMS can tell of.

    `basis` stands for who is readable and which names are removed: when it is another than at the last complete
    read, older posts may have come in reach, and texts are cleaned anew. `complete` asks for a complete read.
    """
    if complete:
        return Plan("complete", "asked")
    if last.complete_at is None or last.read_at is None:
        return Plan("complete", "first")
    if last.basis != basis:
        return Plan("complete", "people")
    if not last.complete_at <= now < last.complete_at + _every(last, facts, now):
        return Plan("complete", "age")
    if facts.changed_at and last.changed_at and facts.changed_at < last.changed_at:
        return Plan("complete", "back")
    if facts.changed_at is not None and (facts.changed_at, facts.cursor) == (last.changed_at, last.mark):
        return Plan("nothing", "same")
    if last.newest_at is None:
        return Plan("complete", "empty")
    # A long read sees a late post of one thread after it has left another, and a wrong stamp can lie years ahead:
    # nothing after the beginning of the read counts as seen.
    return Plan("changes", "since", min(last.newest_at, last.read_at) - OVERLAP)


def _every(last: LastRead, facts: ActivityFacts, now: datetime) -> timedelta:
    stamps = [stamp for stamp in (last.newest_at, facts.changed_at) if stamp is not None]
    return LIVELY_EVERY if stamps and max(stamps) > now - LIVELY else DAY
