"""Where the activities of a Canvas course stand: in which module, and whether that module is published."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.protocol import ActivityFacts, ActivityKind, Unreadable


@dataclass(frozen=True)
class Section:
    """A module; the default is "in no module", which hides nothing."""

    number: int | None = None
    name: str = ""
    hidden: bool = False

    def activity(
        self,
        external_id: str,
        kind: ActivityKind,
        name: str,
        url: str,
        *,
        due_at: datetime | None = None,
        changed_at: datetime | None = None,
        unreadable: Unreadable = "",
        author_id: str | None = None,
    ) -> ActivityFacts:
        return ActivityFacts(
            external_id,
            kind,
            name,
            self.number,
            self.name,
            due_at,
            url,
            changed_at=changed_at,
            unreadable=unreadable,
            author_id=author_id,
        )


def sections(calls: CanvasCalls, course_id: str) -> dict[tuple[str, str], Section]:
    """(item type, content id) → module. What stands in several is hidden only if all of them are."""
    placed: dict[tuple[str, str], Section] = {}
    for module in calls.pages(f"/courses/{course_id}/modules", {"include[]": ["items"]}):
        shown = bool(module.get("published", True))
        section = Section(int(module["position"]), str(module["name"]), hidden=not shown)
        for item in _items(calls, course_id, module):
            place = (str(item["type"]), str(item.get("content_id") or ""))
            if place not in placed or placed[place].hidden:
                placed[place] = section
    return placed


def _items(calls: CanvasCalls, course_id: str, module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A module with many items, or a key that may not include them, leaves them out of the list."""
    if module.get("items") is not None:
        yield from module["items"]
    else:
        yield from calls.pages(f"/courses/{course_id}/modules/{module['id']}/items")


def moment(told: str | None) -> datetime | None:
    """A time as Canvas writes it, ISO 8601 with a zone; ValueError for one without."""
    if not told:
        return None
    at = datetime.fromisoformat(told)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at
