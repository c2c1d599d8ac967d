"""Assignments of a Canvas course that take online text, and what was handed in.

A row of a submission carries its grade. Nothing of a row is kept but the fields of `PostFacts` (design: grades).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.canvas_course import Section, moment
from lti_tool.lms.canvas_topics import Places
from lti_tool.lms.protocol import ActivityFacts, PostFacts, Unreadable

SUBMITTED = frozenset({"submitted", "pending_review", "graded"})
TEXT = "online_text_entry"
UNWANTED = ["preview_url", "attachments", "score", "grade", "entered_score", "entered_grade"]
"""Fields that Canvas is asked to leave out; what it sends all the same is dropped."""


def tasks(calls: CanvasCalls, course: str, placed: Places) -> Iterator[ActivityFacts]:
    """Published assignments that take online text, those that are not read among them."""
    for row in calls.pages(f"{course}/assignments"):
        section = placed.get(("Assignment", str(row["id"])), Section())
        if row.get("published") and not section.hidden and TEXT in (row.get("submission_types") or []):
            yield section.activity(
                str(row["id"]),
                "reflection",
                str(row["name"]),
                f"{calls.base_url}{course}/assignments/{row['id']}",
                due_at=moment(row.get("due_at")),
                unreadable=_unreadable(row),
            )


def submissions(
    calls: CanvasCalls, course: str, facts: ActivityFacts, since: datetime | None
) -> Iterator[PostFacts]:
    """Each student's last attempt, if it is a text; one that is a text no longer comes as deleted."""
    asked: dict[str, str | int | list[str]] = {
        "student_ids[]": "all",
        "assignment_ids[]": [facts.external_id],
        "exclude_response_fields[]": UNWANTED,
    }
    if since:
        # Canvas gives what is strictly later, in whole seconds.
        asked["submitted_since"] = _told(since - timedelta(seconds=1))
    for row in calls.pages(f"{course}/students/submissions", asked):
        at = moment(row.get("submitted_at"))
        if at is not None and row.get("workflow_state") in SUBMITTED:
            yield _submission(row, at, facts.url)


def _unreadable(row: dict[str, Any]) -> Unreadable:
    """Authors were promised not to be seen, or the text is of several."""
    if row.get("anonymous_grading") or row.get("anonymize_students"):
        return "blind"
    return "team" if row.get("group_category_id") else ""


def _submission(row: dict[str, Any], at: datetime, url: str) -> PostFacts:
    """A new attempt keeps the id and moves the time, so it arrives as an edit."""
    is_text = row.get("submission_type") == TEXT and bool(row.get("body"))
    return PostFacts(
        external_id=str(row["id"]),
        kind="reflection",
        author_id=str(row["user_id"]),
        thread_id=None,
        parent_id=None,
        title=None,
        html=str(row["body"]) if is_text else "",
        created_at=at,
        edited_at=at if int(row.get("attempt") or 1) > 1 else None,
        deleted=not is_text,
        url=f"{url}/submissions/{row['user_id']}",
    )


def _told(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
