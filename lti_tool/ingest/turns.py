"""In which order a pull reads its activities, and when it stops: what never answers takes no other's turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from lti_tool.errors import UndertoneError
from lti_tool.ingest import reasons
from lti_tool.ingest.tables import PullCursor
from lti_tool.lms.errors import LmsAccountError, LmsAskedToWaitError
from lti_tool.lms.protocol import ActivityFacts, Connector

DOWN = 2
"""So many activities without an answer, one after the other, and the LMS is asked whether it answers at all."""
MOST_SILENT = 6
"""So many of one pull, and the rest is left to the next: each takes a minute or two."""
NEVER = datetime.min.replace(tzinfo=UTC)

Key = tuple[str, str]
"""(kind, external id) of an activity."""


def key_of(facts: ActivityFacts) -> Key:
    return facts.kind, facts.external_id


def in_turn(
    listed: list[ActivityFacts], cursors: Mapping[Key, PullCursor], job_id: str
) -> list[ActivityFacts]:
    """What needs no call first, then what was not read for longest, then what failed the last time.

    Of the last in another order for each job, so that each has its turn, and the same when a job goes on.
    """

    def place(facts: ActivityFacts) -> tuple[int, datetime, str]:
        cursor = cursors[key_of(facts)]
        if facts.unreadable:
            return 0, NEVER, ""
        if cursor.fault in ("", reasons.NOT_REACHED):
            return 1, cursor.read_at or NEVER, ""
        return 2, NEVER, sha256(f"{job_id} {cursor.activity_id}".encode()).hexdigest()

    return sorted(listed, key=place)


@dataclass
class Silence:
    """Tells activities that do not answer from an LMS that does not."""

    answers: Callable[[], bool]
    """Asks the LMS for something cheap."""
    in_a_row: int = 0
    in_all: int = 0
    down: bool = False

    def ends(self, fault: UndertoneError | None) -> bool:
        """Whether the pull stops after this activity, which gave a fault or none."""
        if fault is None or not reasons.is_silence(fault):
            self.in_a_row = 0
            return isinstance(fault, LmsAccountError)
        if isinstance(fault, LmsAskedToWaitError):
            self.down = True
            return True
        self.in_a_row, self.in_all = self.in_a_row + 1, self.in_all + 1
        if self.in_a_row == DOWN:
            self.settle()
        return self.down or self.in_all >= MOST_SILENT

    def settle(self) -> None:
        """Ask, unless something else was answered since the last silence."""
        self.down = self.down or (self.in_a_row > 0 and not self.answers())
        self.in_a_row = 0


def answers(connector: Connector) -> bool:
    """Whether the LMS answers at all, by the first line of its check."""
    return any(line.ok for line in connector.check()[:1])
