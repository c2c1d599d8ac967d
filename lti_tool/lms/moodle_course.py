"""Where the activities of a Moodle course stand: which section, and whether students can see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lti_tool.lms.protocol import ActivityFacts, ActivityKind


@dataclass(frozen=True)
class Place:
    """A visible module of a course page."""

    section: int
    section_name: str
    url: str

    def activity(
        self,
        external_id: str,
        kind: ActivityKind,
        name: str,
        due_at: datetime | None = None,
        cursor: str = "",
    ) -> ActivityFacts:
        return ActivityFacts(
            external_id, kind, name, self.section, self.section_name, due_at, self.url, cursor
        )


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
        )
        for section in contents
        if _shown(section)
        for module in section["modules"]
        if _shown(module) and "instance" in module
    }


def _shown(thing: dict[str, Any]) -> bool:
    return bool(thing.get("visible", 1)) and bool(thing.get("uservisible", True))
