"""Where the activities of a Moodle course stand: which section, and whether students can see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lti_tool.lms.protocol import ActivityFacts, ActivityKind, Unreadable

SEPARATE_GROUPS = 1


@dataclass(frozen=True)
class Place:
    """A visible module of a course page."""

    section: int
    section_name: str
    url: str
    name: str = ""
    cmid: str = ""
    separate_groups: bool = False
    barred: bool = False
    """Students see it, and a restriction of access keeps the account out."""

    def activity(
        self,
        external_id: str,
        kind: ActivityKind,
        name: str,
        due_at: datetime | None = None,
        cursor: str = "",
        changed_at: datetime | None = None,
        unreadable: Unreadable = "",
    ) -> ActivityFacts:
        here = self.section, self.section_name, due_at, self.url
        return ActivityFacts(external_id, kind, name, *here, cursor, changed_at, unreadable)


def places(contents: Iterable[dict[str, Any]], base_url: str) -> dict[tuple[str, str], Place]:
    """(module name, instance id) → place, from `core_course_get_contents`, without hidden ones.

    An account that sees hidden things is given them, marked `visible` 0: what staff hide from students is
    not read. Addresses are made here rather than taken from the answer, since pages link to them (S29).
    """
    return {
        (str(module["modname"]), str(module["instance"])): Place(
            int(section["section"]),
            str(section["name"]),
            f"{base_url}/mod/{module['modname']}/view.php?id={int(module['id'])}",
            str(module.get("name") or ""),
            str(module["id"]),
            module.get("groupmode") == SEPARATE_GROUPS,
            not (section.get("uservisible", True) and module.get("uservisible", True)),
        )
        for section in contents
        if shown(section)
        for module in section["modules"]
        if shown(module) and "instance" in module
    }


def shown(thing: dict[str, Any]) -> bool:
    """Whether students see a section or module. `uservisible` beside it tells of the account that asks."""
    return bool(thing.get("visible", 1))


def time(seconds: Any) -> datetime:
    """Moodle's times are Unix seconds. Raises ValueError or TypeError for anything else."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (OverflowError, OSError):
        raise ValueError from None


def edited(created: Any, modified: Any) -> datetime | None:
    """When something was changed after it was made, or None."""
    return time(modified) if int(modified) > int(created) else None
