"""Places of a course: sections with a name of their own, activities, and the course as a whole."""

import re
from collections.abc import Iterable

from lti_tool.disclosure.scopes import NO_END, UNREAD, Where
from lti_tool.ingest.tables import Activity
from lti_tool.insights.snapshot import Place

COURSE = Place("course", "", "")
NUMBER = re.compile(r"\A\D{0,12}\d{1,3}\s*(?:[:.–—-]\s*|$)")
"""The start of names such as "Week 3: Recursion" or "Topic 12", which says no more than the number."""


def section_name(activity: Activity) -> str:
    """The section's own name without its number; empty for the general section and for mere numbers."""
    return NUMBER.sub("", activity.section_name.strip(), count=1) if activity.section else ""


def places_of(activities: Iterable[Activity]) -> list[Place]:
    """The sections with a name and the activities of a course, whether or not anybody wrote there (P14)."""
    found: dict[Place, None] = {}
    for activity in activities:
        for place in (section_of(activity), Place("activity", activity.id, activity.name)):
            if place is not None:
                found.setdefault(place)
    return list(found)


def where(place: Place, first: int = UNREAD + 1, last: int = NO_END, source: str | None = None) -> Where:
    """The texts of a place, of these weeks."""
    section = place.key if place.kind == "section" else None
    activity = place.key if place.kind == "activity" else None
    return Where(first, last, source, section, activity)


def section_of(activity: Activity) -> Place | None:
    name = section_name(activity)
    return Place("section", str(activity.section), name) if name else None


def names_by_week(activities: Iterable[Activity]) -> dict[int, str]:
    """The name of the section that is a week's own."""
    return {row.section: name for row in activities if row.section and (name := section_name(row))}
