"""An LMS in memory with the blind spots of Moodle or Canvas, and the connector that reads it.

Moodle: an edit moves no stamp but the post's own, a deletion leaves no trace, a submission can go back to draft with
its time unchanged. Canvas: deleted entries stay as tombstones, and the tree can be a stale one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lti_tool.lms.protocol import ActivityFacts, PostFacts, Unreadable

Face = Literal["moodle", "canvas"]


@dataclass
class Entry:
    """A post, or a submission; `shown` is what a stale tree still says of it."""

    number: int
    author: str
    html: str
    created: datetime
    edited: datetime | None = None
    deleted: bool = False
    submitted: bool = True
    forgotten: bool = False
    title: str | None = None
    shown: tuple[str, datetime | None, bool] | None = None


@dataclass
class Thread:
    number: int
    entries: list[Entry]

    def modified(self) -> datetime:
        """Moodle's stamp: of the last post that is there."""
        return max(entry.created for entry in self.entries)


@dataclass
class Place:
    """A forum of threads, or an assignment, whose one thread holds the submissions."""

    number: int
    kind: Literal["forum", "reflection"]
    name: str
    threads: list[Thread] = field(default_factory=list)
    visible: bool = True
    unreadable: Unreadable = ""

    def entries(self) -> list[Entry]:
        return [entry for thread in self.threads for entry in thread.entries]


class FakeLms:
    """Its state, changed by a history; offers `Connector`."""

    def __init__(self, face: Face) -> None:
        self.face, self.places = face, list[Place]()
        self.filters, self.stale = True, False
        self.before_call: Callable[[str], None] = lambda name: None
        """May raise a fault, or let the LMS change in the middle of a read."""

    def delete(self, entry: Entry) -> None:
        """As the LMS does it: Canvas keeps a tombstone, Moodle nothing."""
        if self.face == "canvas":
            entry.deleted = True
            return
        for place in self.places:
            for thread in place.threads:
                thread.entries = [one for one in thread.entries if one is not entry]
            place.threads = [one for one in place.threads if one.entries or place.kind == "reflection"]

    def grow_stale(self) -> None:
        """From here on Canvas's trees say what they say now, but for new entries beside them."""
        self.stale = self.face == "canvas"
        for place in self.places:
            for entry in place.entries():
                entry.shown = (entry.html, entry.edited, entry.deleted)

    def refresh(self) -> None:
        self.stale = False

    def check(self) -> list:
        return []

    def activities(self, course_id: str) -> list[ActivityFacts]:
        self.before_call("activities")
        return [self._facts(place) for place in self.places if place.visible]

    def posts(self, activity: ActivityFacts, since: datetime | None = None) -> Iterator[PostFacts]:
        place = next(place for place in self.places if str(place.number) == activity.external_id)
        for thread in list(place.threads):
            self.before_call("posts")
            yield from self._posts(place, thread, since if self.filters else None)

    def _facts(self, place: Place) -> ActivityFacts:
        stamps = [entry.created for entry in place.entries()]
        forum = place.kind == "forum"
        count = len(place.threads) if self.face == "moodle" else sum(not e.deleted for e in place.entries())
        return ActivityFacts(
            str(place.number),
            place.kind,
            place.name,
            cursor=str(count) if forum else "",
            changed_at=max(stamps) if forum and stamps else None,
            unreadable=place.unreadable,
        )

    def _posts(self, place: Place, thread: Thread, since: datetime | None) -> Iterator[PostFacts]:
        whole = self.face == "moodle" and place.kind == "forum"
        if not thread.entries or (whole and since is not None and thread.modified() < since):
            return
        for entry in list(thread.entries):
            html, edited, deleted = entry.html, entry.edited, entry.deleted
            if self.stale and entry.shown is not None:
                html, edited, deleted = entry.shown
            if not entry.submitted or (since is not None and not whole and (edited or entry.created) < since):
                continue
            gone = deleted or entry.forgotten
            yield PostFacts(
                external_id=str(entry.number),
                kind=place.kind,
                author_id="" if deleted else entry.author,
                thread_id=str(thread.number) if place.kind == "forum" else None,
                parent_id=None,
                title=None if gone else entry.title,
                html="" if gone else html,
                created_at=entry.created,
                edited_at=edited,
                deleted=gone,
                url=f"https://lms.example/{place.number}/{entry.number}",
            )
