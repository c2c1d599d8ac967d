"""The list of texts of one kind of writing, as the address narrows it (U21, U23)."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from lti_tool.ingest.tables import Activity
from lti_tool.insights.material import week_of
from lti_tool.insights.snapshot import SnapshotBody, Source
from lti_tool.launch.pages import CurrentLaunch
from lti_tool.review.texts import ReadableText, Where, readable
from model.labels import EMOTIONS

PER_PAGE = 20
MOST = 10_000
"""A larger number in an address means nothing."""


@dataclass(frozen=True)
class Filters:
    """What the address asks for; what it says wrongly is left out."""

    week: int | None = None
    activity: str = ""
    section: int | None = None
    label: str = ""
    page: int = 1

    def address(self, page: int) -> dict[str, Any]:
        """The parameters of another page of the same list."""
        return {name: value for name, value in asdict(self).items() if value} | {"page": page}


def filters(arguments: MultiDict[str, str]) -> Filters:
    label = arguments.get("label", "")
    return Filters(
        _number(arguments, "week"),
        arguments.get("activity", ""),
        _number(arguments, "section"),
        label if label in EMOTIONS else "",
        _number(arguments, "page") or 1,
    )


def _number(arguments: MultiDict[str, str], name: str) -> int | None:
    value = arguments.get(name, type=int)
    return value if value is not None and 0 <= value <= MOST else None


def vocabulary(kind: Source) -> dict[str, str]:
    """Reflections and forums are different writing, so they are spoken of differently (U21)."""
    if kind == "reflection":
        return {
            "heading": _("Reflections"),
            "subtitle": _("What students write about their own learning, week by week."),
            "what": _("Reflection"),
            "nothing": _("No shared reflection fits. Take away a filter, or look at another week."),
        }
    return {
        "heading": _("Forums"),
        "subtitle": _("What is asked and answered in the threads of this course."),
        "what": _("Forum"),
        "nothing": _("No shared post fits. Take away a filter, or look at another forum."),
    }


def texts(
    session: Session, launch: CurrentLaunch, body: SnapshotBody, kind: Source, wanted: Filters
) -> tuple[list[ReadableText], bool]:
    """At most `PER_PAGE` texts, and whether there are more."""
    found = readable(session, launch, Where(kind, wanted.activity or None, wanted.section))
    if wanted.week and body.weeks:
        first_day = datetime.combine(body.weeks[0].starts, time(), UTC)
        found = [t for t in found if week_of(t.activity, t.post.written_at, first_day) == wanted.week]
    if wanted.label:
        found = [text for text in found if text.shown and text.shown.reads_as(wanted.label)]
    first = (wanted.page - 1) * PER_PAGE
    return found[first : first + PER_PAGE], len(found) > first + PER_PAGE


def section_name(body: SnapshotBody, section: int | None) -> str:
    """The name of the part of the course that the address narrows to."""
    names = {topic.place.key: topic.place.name for topic in body.topics if topic.place.kind == "section"}
    if section is None:
        return ""
    return names.get(str(section)) or str(_("part %(number)s of the course", number=section))


def activities(session: Session, course_id: str, kind: Source) -> list[Activity]:
    """The forums or the reflections of the course, in its order."""
    query = select(Activity).where(Activity.course_id == course_id, Activity.kind == kind)
    return list(session.scalars(query.order_by(Activity.section, Activity.name)))
