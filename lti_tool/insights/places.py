"""Places of a course: sections with a name of their own, activities, and the course as a whole."""

import re
from collections.abc import Iterable

from lti_tool.ingest.tables import Activity
from lti_tool.insights.material import Text
from lti_tool.insights.snapshot import Place

COURSE = Place("course", "", "")
NUMBER = re.compile(r"\A\D{0,12}\d{1,3}\s*(?:[:.–—-]\s*|$)")
"""The start of names such as "Week 3: Recursion" or "Topic 12", which says no more than the number."""


def section_name(activity: Activity) -> str:
    """The section's own name without its number; empty for the general section and for mere numbers."""
    return NUMBER.sub("", activity.section_name.strip(), count=1) if activity.section else ""


def places_of(texts: Iterable[Text]) -> dict[Place, list[Text]]:
    """The texts per section with a name and per activity; each text may stand under both."""
    found: dict[Place, list[Text]] = {}
    for text in texts:
        for place in (section_of(text.activity), Place("activity", text.activity.id, text.activity.name)):
            if place is not None:
                found.setdefault(place, []).append(text)
    return found


def section_of(activity: Activity) -> Place | None:
    name = section_name(activity)
    return Place("section", str(activity.section), name) if name else None


def names_by_week(texts: Iterable[Text]) -> dict[int, str]:
    """The name of the section that is a week's own."""
    return {
        text.week: name
        for text in texts
        if text.activity.section == text.week and (name := section_name(text.activity))
    }
