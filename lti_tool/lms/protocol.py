"""What the rest of the tool knows of an LMS: a few frozen facts and one protocol."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

ActivityKind = Literal["forum", "reflection"]
Unreadable = Literal["", "anonymous", "initial_post", "blind", "team", "other_kind"]
"""Why an activity is listed and not read: authors hidden, the reading account would have to write first, hidden from
graders, written by groups, or of a kind that this tool does not read; empty for what is read."""
HALF = re.compile("[\ud800-\udfff]")
"""Half a character: JSON may hold it, no encoding and so no table does (RFC 8259, 8.2)."""


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
    changed_at: datetime | None = None
    """On the LMS's clock, when it says that something was last added; None when it does not say."""
    unreadable: Unreadable = ""
    author_id: str | None = None
    """Who opened it, where students can: the name is then that person's own text. Empty when nobody can tell; None
    where only staff can have named it."""

    def __post_init__(self) -> None:
        """Raise ValueError for an id that is none; a name is made one that can be kept."""
        _require_ids(self.external_id, self.url, self.cursor, self.author_id or "")
        for name in ("name", "section_name"):
            object.__setattr__(self, name, HALF.sub("\ufffd", getattr(self, name)))


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

    def __post_init__(self) -> None:
        """Raise ValueError or OverflowError for an id or a time that is none; a title is made one that can be kept."""
        _require_ids(self.external_id, self.author_id, self.thread_id or "", self.parent_id or "", self.url)
        for moment in (self.created_at, self.edited_at or self.created_at):
            moment.astimezone(UTC)
        object.__setattr__(self, "title", self.title and HALF.sub("\ufffd", self.title))


def _require_ids(first: str, *others: str) -> None:
    if not first or HALF.search("".join((first, *others))):
        raise ValueError("no id")


class Connector(Protocol):
    """Reads one LMS. Every method raises LmsUnavailableError or LmsRefusedError and holds no grade."""

    def check(self) -> list[CheckLine]:
        """Try what a reading needs; faults become lines, not errors. The first says whether the LMS answers at all."""
        ...

    def activities(self, course_id: str) -> list[ActivityFacts]:
        """Activities that hold students' texts; `course_id` is the LMS's own. Hidden ones are left out."""
        ...

    def posts(self, activity: ActivityFacts, since: datetime | None = None) -> Iterator[PostFacts]:
        """Every post of the activity.

        With `since`, posts that were added or changed at that moment or later come, as far as the LMS can tell,
        and others may. `since` is on the LMS's clock, an overlap already taken off. Ending without an error means
        that the read was complete, or complete as far as `since` goes: what is missing then says nothing of deletions.
        """
        ...
