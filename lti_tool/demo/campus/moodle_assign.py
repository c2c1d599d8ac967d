"""Moodle functions about assignments and their submissions."""

from typing import Any

from lti_tool.demo.campus.content import COURSE_ID
from lti_tool.demo.campus.moodle import Parameters, function
from lti_tool.demo.campus.moodle_course import seconds
from lti_tool.demo.campus.moodle_people import profile, standing
from lti_tool.demo.campus.moodle_rights import may, may_open, may_see_submissions, no_access
from lti_tool.demo.campus.records import Assignment, Submission
from lti_tool.demo.campus.state import Campus, current


@function(
    "mod_assign_get_assignments",
    {},
    {"courseids": "ints", "capabilities": "texts", "includenotenrolledcourses": "int"},
)
def assignments(campus: Campus, asked: Parameters) -> dict[str, Any]:
    """Assignments; none without `includenotenrolledcourses`, since the reading account is not enrolled."""
    if COURSE_ID not in asked.get("courseids", [COURSE_ID]):
        return {"courses": [], "warnings": []}
    if not asked.get("includenotenrolledcourses") or not may(campus, "moodle/course:view"):
        words = "User is not enrolled or does not have requested capability"
        warning = {"item": "course", "itemid": COURSE_ID, "warningcode": "2", "message": words}
        return {"courses": [], "warnings": [warning]}
    every = campus.assignments(hidden=True)
    course = {
        "id": COURSE_ID,
        "fullname": campus.content.title,
        "shortname": campus.content.short,
        "timemodified": seconds(campus.start),
        "assignments": [_assignment(campus, one) for one in every if may_open(campus, one)],
    }
    warnings = [no_access("module", one.cmid) for one in every if not may_open(campus, one)]
    return {"courses": [course], "warnings": warnings}


def _assignment(campus: Campus, assignment: Assignment) -> dict[str, Any]:
    zeros = (
        "nosubmissions submissiondrafts sendnotifications sendlatenotifications allowsubmissionsfromdate "
        "completionsubmit cutoffdate gradingduedate teamsubmission requireallteammemberssubmit "
        "teamsubmissiongroupingid blindmarking hidegrader revealidentities markingworkflow "
        "markingallocation markinganonymous requiresubmissionstatement preventsubmissionnotingroup "
        "timelimit submissionattachments"
    )
    return {
        "id": assignment.id,
        "cmid": assignment.cmid,
        "course": COURSE_ID,
        "name": assignment.name,
        **dict.fromkeys(zeros.split(), 0),
        "teamsubmission": int(assignment.team),
        "blindmarking": int(assignment.blind),
        "revealidentities": int(assignment.revealed),
        "sendstudentnotifications": 1,
        "duedate": seconds(assignment.due),
        "grade": 100,
        "timemodified": seconds(campus.start),
        "attemptreopenmethod": "untilpass",
        "maxattempts": 1,
        "configs": [
            {"plugin": plugin, "subtype": "assignsubmission", "name": name, "value": value}
            for plugin, name, value in (
                ("onlinetext", "enabled", "1"),
                ("onlinetext", "wordlimit", "0"),
                ("onlinetext", "wordlimitenabled", "0"),
                ("comments", "enabled", "0"),
            )
        ],
        "intro": "<p>What did you learn this week, and where were you stuck?</p>",
        "introformat": 1,
        "introfiles": [],
        "introattachments": [],
    }


@function(
    "mod_assign_get_submissions",
    {"assignmentids": "ints"},
    {"status": "text", "since": "int", "before": "int"},
)
def submissions(campus: Campus, asked: Parameters) -> dict[str, Any]:
    """Latest attempts, drafts included; unknown assignments are left out without a word."""
    found: list[dict[str, Any]] = []
    warnings: list[dict[str, Any]] = []
    for assignment in campus.content.assignments:
        if assignment.id not in asked["assignmentids"]:
            continue
        if not may_see_submissions(campus, assignment):
            warnings.append(no_access("assignment", assignment.id))
            continue
        rows = [row for row in campus.submissions(assignment) if _matches(campus, row, asked)]
        found.append(
            {"assignmentid": assignment.id, "submissions": [_submission(campus, row) for row in rows]}
        )
        if not rows:
            words = "No submissions found"
            warnings.append({"item": "module", "itemid": assignment.id, "warningcode": "3", "message": words})
    return {"assignments": found, "warnings": warnings}


def _matches(campus: Campus, row: Submission, asked: Parameters) -> bool:
    modified = seconds(current(row, campus.now()).at)
    before = asked.get("before", 0)
    return (
        asked.get("status", "") in ("", row.status)
        and modified >= asked.get("since", 0)
        and (before == 0 or modified <= before)
    )


def _submission(campus: Campus, row: Submission) -> dict[str, Any]:
    version = current(row, campus.now())
    text = {"name": "onlinetext", "description": "Online text submissions", "text": version.html}
    return {
        "id": row.id,
        "userid": campus.user_id(row.author) if row.author else 0,
        "attemptnumber": row.attempt,
        "timecreated": seconds(row.versions[0].at),
        "timemodified": seconds(version.at),
        "timestarted": None,
        "status": row.status,
        "groupid": 0 if row.group is None else 1 + "AB".index(row.group),
        "plugins": [
            {
                "type": "onlinetext",
                "name": "Online text",
                "fileareas": [{"area": "submissions_onlinetext", "files": []}],
                "editorfields": [{**text, "format": 0 if row.status in ("new", "reopened") else 1}],
            },
            {"type": "comments", "name": "Submission comments"},
        ],
        "gradingstatus": "notgraded",
    }


@function(
    "mod_assign_list_participants",
    {"assignid": "int", "groupid": "int", "filter": "text"},
    {"skip": "int", "limit": "int", "onlyids": "int", "includeenrolments": "int", "tablesort": "int"},
)
def participants(campus: Campus, asked: Parameters) -> list[dict[str, Any]]:
    """Who could submit."""
    assignment = campus.assignment(asked["assignid"])
    people = [person for person in campus.enrolled(suspended=False) if person.role == "student"]
    rows = []
    for person in people:
        own = campus.submission(assignment, person.key)
        done = own is not None and own.status == "submitted"
        rows.append(
            {
                **profile(campus, person),
                "suspended": False,
                "recordid": -1,
                **standing(campus, person),
                "submitted": done,
                "requiregrading": done,
                "grantedextension": False,
                "submissionstatus": own.status if own else "",
            }
        )
    return rows
