"""Canvas's records of assignments, submissions and members, field by field."""

from datetime import datetime
from typing import Any

from lti_tool.demo.campus.canvas_topics import iso
from lti_tool.demo.campus.content import COURSE_ID
from lti_tool.demo.campus.records import Assignment, Person, Submission
from lti_tool.demo.campus.state import Campus, current


def assignment(campus: Campus, one: Assignment) -> dict[str, Any]:
    return {
        "id": one.id,
        "course_id": COURSE_ID,
        "name": one.name,
        "description": "<p>What did you learn this week, and where were you stuck?</p>",
        "submission_types": ["online_text_entry"],
        "due_at": iso(one.due),
        "points_possible": 100.0,
        "published": one.visible,
        "workflow_state": "published" if one.visible else "unpublished",
        "anonymous_grading": one.blind,
        "anonymize_students": one.blind and not one.revealed,
        "group_category_id": 31 if one.team else None,
        "created_at": iso(campus.start),
        "updated_at": iso(campus.start),
        "html_url": f"{campus.settings.base_url}/courses/{COURSE_ID}/assignments/{one.id}",
    }


def submissions(
    campus: Campus, assignment_ids: set[str], after: datetime | None, state: str | None
) -> list[dict[str, Any]]:
    """Rows ordered by id; students who handed in nothing have a row too."""
    students = [one for one in campus.enrolled(suspended=False) if one.role == "student"]
    rows = []
    for task in campus.content.assignments:
        if assignment_ids and str(task.id) not in assignment_ids:
            continue
        for student in students:
            own = campus.submission(task, student.key)
            written = own is not None and own.status == "submitted"
            if after and (own is None or not written or current(own, campus.now()).at <= after):
                continue
            rows.append(_submission(campus, task, student, own if written else None))
    return [row for row in rows if state in (None, row["workflow_state"])]


def _submission(campus: Campus, task: Assignment, student: Person, own: Submission | None) -> dict[str, Any]:
    version = current(own, campus.now()) if own else None
    absent = (
        "url grade score graded_at grader_id excused late_policy_status points_deducted grading_period_id "
        "extra_attempts posted_at sticker custom_grade_status_id entered_grade entered_score"
    )
    late = version is not None and version.at > task.due
    page = f"{campus.settings.base_url}/courses/{COURSE_ID}/assignments/{task.id}/submissions/{student.id}"
    upload = student.id in campus.settings.canvas.uploads
    row = {
        "id": 1000 * task.id + student.id,
        "body": version.html if version and not upload else None,
        **dict.fromkeys(absent.split()),
        "submitted_at": iso(version.at) if version else None,
        "assignment_id": task.id,
        "user_id": student.id,
        "submission_type": ("online_upload" if upload else "online_text_entry") if version else None,
        "workflow_state": "submitted" if version else "unsubmitted",
        "grade_matches_current_submission": version is None,
        "attempt": sum(1 for one in own.versions if one.at <= campus.now()) if own else None,
        "cached_due_date": iso(task.due),
        "redo_request": False,
        "late": late,
        "missing": version is None and campus.now() > task.due,
        "seconds_late": int((version.at - task.due).total_seconds()) if version and late else 0,
        "preview_url": f"{page}?preview=1&version=0",
    }
    return row | (campus.settings.canvas.scores if version else {})


def users(campus: Campus, wanted: list[str], enrollments: bool) -> list[dict[str, Any]]:
    """Active members, narrowed to `enrollment_type[]` when given."""
    kinds = {"student": ("student", "StudentEnrollment"), "instructor": ("teacher", "TeacherEnrollment")}
    rows = []
    for one in campus.enrolled(suspended=False):
        short, kind = kinds[one.role]
        if wanted and short not in wanted:
            continue
        row = {
            "id": one.id,
            "name": one.name,
            "created_at": iso(campus.start),
            "sortable_name": ", ".join(filter(None, (one.family, one.given))),
            "short_name": one.name,
        }
        enrollment = {
            "id": 20000 + one.id,
            "user_id": one.id,
            "course_id": COURSE_ID,
            "type": kind,
            "role": kind,
            "course_section_id": 1,
            "enrollment_state": "active",
            "limit_privileges_to_course_section": False,
        }
        rows.append({**row, "enrollments": [enrollment]} if enrollments else row)
    return rows
