"""What the rest of the tool knows of an LMS: a few frozen facts and one protocol."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

ActivityKind = Literal["forum", "reflection"]


@dataclass(frozen=True)
class CheckLine:
    """One line of a connection's check: what was tried, whether it works, and what to do when it does not."""

    name: str
    ok: bool
    words: str = ""


@dataclass(frozen=True)
class ActivityFacts:
    """A forum, or an assignment with online text, that students of the course can see."""

    external_id: str
    kind: ActivityKind
    name: str
    section: int | None = None
    section_name: str = ""
    due_at: datetime | None = None
    url: str = ""
    cursor: str = ""
    """The LMS's own mark of its state, such as a count of threads; empty means unknown."""


@dataclass(frozen=True)
class PostFacts:
    """One forum post or submission as the LMS gave it: in memory only, whoever wrote it."""

    external_id: str
    kind: ActivityKind
    author_id: str
    thread_id: str | None
    parent_id: str | None
    title: str | None
    """The thread's title, on its opening post only."""
    html: str
    created_at: datetime
    edited_at: datetime | None = None
    """None when it was never changed, or when the LMS does not say."""
    deleted: bool = False
    url: str = ""


class Connector(Protocol):
    """Reads one LMS. Every method raises LmsUnavailableError or LmsRefusedError and holds no grade."""

    def check(self) -> list[CheckLine]:
        """Try what a reading needs; faults become lines, not errors."""
        ...

    def activities(self, course_id: str) -> list[ActivityFacts]:
        """Activities that hold students' texts; `course_id` is the LMS's own. Hidden ones are left out."""
        ...

    def posts(self, activity: ActivityFacts) -> Iterator[PostFacts]:
        """Every post of the activity. Ending without an error means that the read was complete."""
        ...
