"""Moodle's assignments with online text, and what was handed in there."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lti_tool.lms.errors import LmsUnavailableError
from lti_tool.lms.moodle_calls import MoodleCalls, missing_right
from lti_tool.lms.moodle_course import Place, edited, time
from lti_tool.lms.protocol import ActivityFacts, PostFacts, Unreadable

ASSIGNMENTS = "mod_assign_get_assignments"
SUBMISSIONS = "mod_assign_get_submissions"
NO_ACCESS = "1"
"""A warning's code for "No access rights in module context"."""
Row = dict[str, Any]


def assignments(calls: MoodleCalls, course_id: str) -> tuple[list[Row], list[Row]]:
    """Assignments of a course, and warnings. Without the flag an account that is not enrolled gets none."""
    asked: dict[str, str | int] = {"courseids[0]": course_id, "includenotenrolledcourses": 1}
    answer = calls.call(ASSIGNMENTS, asked)
    rows = [row for course in answer["courses"] for row in course["assignments"]]
    return rows, list(answer.get("warnings", []))


def facts(row: Row, place: Place) -> ActivityFacts | None:
    """None for one that takes no online text."""
    if not _takes_text(row):
        return None
    due = time(row["duedate"]) if row.get("duedate") else None
    return place.activity(str(row["id"]), "reflection", str(row["name"]), due, unreadable=_unreadable(row))


def submissions(calls: MoodleCalls, activity: ActivityFacts, since: datetime | None) -> Iterator[PostFacts]:
    """The latest attempt of everyone who handed in; with `since`, what was changed at that moment or later.

    A quick pass does not see that a submission was removed or given back as a draft: its time does not move. Raises
    LmsRefusedError when a right is missing.
    """
    asked: dict[str, str | int] = {"assignmentids[0]": activity.external_id}
    if since is not None:
        asked["since"] = int(since.timestamp())
    answer = calls.call(SUBMISSIONS, asked)
    if any(str(warning.get("warningcode")) == NO_ACCESS for warning in answer.get("warnings", [])):
        raise missing_right(SUBMISSIONS)
    own = [one for one in answer["assignments"] if str(one["assignmentid"]) == activity.external_id]
    if not own:
        words = "Moodle says nothing of an assignment that it had listed, so nothing was changed."
        raise LmsUnavailableError(words, code="lms_malformed")
    for row in own[0]["submissions"]:
        text = _online_text(row)
        if row["status"] == "submitted" and row["userid"] and text:
            yield _submission(row, text, activity.url)


def _unreadable(row: Row) -> Unreadable:
    """Authors were promised not to be seen, or a text is that of several people."""
    if row.get("blindmarking") and not row.get("revealidentities"):
        return "blind"
    return "team" if row.get("teamsubmission") else ""


def _takes_text(row: Row) -> bool:
    enabled = ("onlinetext", "assignsubmission", "enabled", "1")
    keys = ("plugin", "subtype", "name", "value")
    return any(tuple(str(entry.get(key)) for key in keys) == enabled for entry in row.get("configs", []))


def _online_text(row: Row) -> str:
    fields = [
        field
        for plugin in row.get("plugins", [])
        if plugin.get("type") == "onlinetext"
        for field in plugin.get("editorfields", [])
    ]
    return next((str(field["text"]) for field in fields if field.get("name") == "onlinetext"), "")


def _submission(row: Row, text: str, url: str) -> PostFacts:
    return PostFacts(
        external_id=str(row["id"]),
        kind="reflection",
        author_id=str(row["userid"]),
        thread_id=None,
        parent_id=None,
        title=None,
        html=text,
        created_at=time(row["timecreated"]),
        edited_at=edited(row["timecreated"], row["timemodified"]),
        url=url,
    )
