"""Which activities of a Moodle course hold students' texts, and which of them cannot be read and why."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from lti_tool.lms.errors import LmsRefusedError, LmsUnavailableError
from lti_tool.lms.moodle_assignments import ASSIGNMENTS, assignments, facts
from lti_tool.lms.moodle_calls import ERROR, MoodleCalls, missing_right
from lti_tool.lms.moodle_course import Place, places, time
from lti_tool.lms.moodle_forums import Forum
from lti_tool.lms.moodle_pages import newest_post, newest_rows
from lti_tool.lms.protocol import ActivityFacts

CONTENTS = "core_course_get_contents"
FORUMS = "mod_forum_get_forums_by_courses"
OTHER_KINDS = ("workshop", "data")
"""Students write there as well; this tool does not read it, and says so."""
RESTRICTED = "moodle_restricted"
"""Code of what students see and the account may not enter: often not open yet for anybody."""
RESTRICTED_WORDS = (
    "A restriction of access keeps the reading account out of this, so it was not read. Nothing that was read before "
    "is erased."
)
Places = dict[tuple[str, str], Place]


@dataclass
class Listing:
    """The activities of a course, and what a reading of each must know."""

    activities: list[ActivityFacts] = field(default_factory=list)
    forums: dict[str, Forum] = field(default_factory=dict)
    denied: dict[tuple[str, str], LmsRefusedError] = field(default_factory=dict)
    """(kind, id) of what stands on the course page and cannot be read → why."""

    group_seen: bool = False
    """Whether a forum has shown a group's discussion: then the account has the right to all groups."""

    def deny(self, activity: ActivityFacts, why: LmsRefusedError) -> None:
        """List an activity that cannot be read, so that nobody takes it for deleted."""
        self.activities.append(activity)
        self.denied[activity.kind, activity.external_id] = why


def listing(calls: MoodleCalls, course_id: str) -> Listing:
    """Everything on the course page that students see and write to. Raises LmsRefusedError, LmsUnavailableError."""
    seen = places(calls.call(CONTENTS, {"courseid": course_id}), calls.base_url)
    found = Listing()
    _forums(calls, course_id, seen, found)
    _assignments(calls, course_id, seen, found)
    for (modname, instance), place in seen.items():
        if modname in OTHER_KINDS:
            # Instance numbers are those of the kind: a workshop and an assignment can share one.
            external_id = f"{modname}-{instance}"
            found.activities.append(
                place.activity(external_id, "reflection", place.name, unreadable="other_kind")
            )
    return found


def _forums(calls: MoodleCalls, course_id: str, seen: Places, found: Listing) -> None:
    rows = calls.call(FORUMS, {"courseids[0]": course_id})
    for row, place in _placed(rows, "forum", seen):
        if place.barred:
            found.deny(place.activity(str(row["id"]), "forum", place.name), _left_out(place, FORUMS))
            continue
        forum = Forum(
            str(row["id"]),
            int(row.get("numdiscussions") or 0),
            questions=row.get("type") == "qanda",
            separate_groups=place.separate_groups,
        )
        found.forums[forum.id] = forum
        activity = place.activity(forum.id, "forum", str(row["name"]), cursor=str(forum.counted))
        found.activities.append(_with_change(calls, activity, forum, found))
    for instance, place in _unlisted(rows, "forum", seen):
        found.deny(place.activity(instance, "forum", place.name), _left_out(place, FORUMS))


def _assignments(calls: MoodleCalls, course_id: str, seen: Places, found: Listing) -> None:
    rows, _ = assignments(calls, course_id)
    for row, place in _placed(rows, "assign", seen):
        activity = facts(row, place)
        if activity is not None and place.barred and not activity.unreadable:
            found.deny(activity, _left_out(place, ASSIGNMENTS))
        elif activity is not None:
            found.activities.append(activity)
    for instance, place in _unlisted(rows, "assign", seen):
        found.deny(place.activity(instance, "reflection", place.name), _left_out(place, ASSIGNMENTS))


def _left_out(place: Place, function: str) -> LmsRefusedError:
    """Why a list has left it out, or would: a restriction of access, or a right that the function needs."""
    return LmsRefusedError(RESTRICTED_WORDS, code=RESTRICTED) if place.barred else missing_right(function)


def _with_change(calls: MoodleCalls, activity: ActivityFacts, forum: Forum, found: Listing) -> ActivityFacts:
    """With the time of the newest post. A forum that does not say stays readable: its own reading tells why."""
    if not forum.counted:
        return activity
    try:
        rows = newest_rows(calls, forum.id)
    except LmsRefusedError:
        return activity
    except LmsUnavailableError as error:
        if error.code != ERROR:
            raise
        return activity
    if forum.separate_groups:
        found.group_seen = found.group_seen or any(row.of_group for row in rows)
    newest = newest_post(rows)
    return activity if newest is None else replace(activity, changed_at=time(newest))


def _placed(rows: list[dict[str, Any]], modname: str, seen: Places) -> Iterator[tuple[dict[str, Any], Place]]:
    """Rows of what students see; what staff hide is not on the list of places."""
    for row in rows:
        place = seen.get((modname, str(row["id"])))
        if place is not None:
            yield row, place


def _unlisted(rows: list[dict[str, Any]], modname: str, seen: Places) -> Iterator[tuple[str, Place]]:
    """(instance, place) of what stands on the course page and is not among the rows."""
    listed = {str(row["id"]) for row in rows}
    for (name, instance), place in seen.items():
        if name == modname and instance not in listed:
            yield instance, place
