"""Moodle functions about people, and what other functions say of them."""

from typing import Any

from lti_tool.demo.campus.content import COURSE_ID
from lti_tool.demo.campus.moodle import Parameters, function, invalid_parameter
from lti_tool.demo.campus.moodle_course import picture
from lti_tool.demo.campus.moodle_rights import may, require, require_course
from lti_tool.demo.campus.records import Person
from lti_tool.demo.campus.state import Campus


def profile(campus: Campus, person: Person) -> dict[str, Any]:
    """What Moodle tells of a person to an account without rights to identities: no e-mail, no number."""
    return {
        "id": person.id,
        "firstname": person.given,
        "lastname": person.family,
        "fullname": person.name,
        "firstaccess": 0,
        "lastaccess": 0,
        "description": "",
        "descriptionformat": 1,
        "city": "",
        "country": "",
        "profileimageurlsmall": picture(campus, "f2"),
        "profileimageurl": picture(campus, "f1"),
    }


def standing(campus: Campus, person: Person) -> dict[str, Any]:
    """Roles, groups and course of an enrolled person."""
    role_id, short = (5, "student") if person.role == "student" else (3, "editingteacher")
    group = {"id": 1 + "AB".index(person.group), "name": f"Group {person.group}", "description": ""}
    return {
        **({"groups": [group]} if person.role == "student" else {}),
        "roles": [{"roleid": role_id, "name": "", "shortname": short, "sortorder": 0}],
        "enrolledcourses": [
            {"id": COURSE_ID, "fullname": campus.content.title, "shortname": campus.content.short}
        ],
    }


@function("core_enrol_get_enrolled_users", {"courseid": "int"}, {"options": "options"})
def enrolled_users(campus: Campus, asked: Parameters) -> list[dict[str, Any]]:
    require_course(campus, asked["courseid"])
    require(campus, "moodle/course:viewparticipants")
    options = asked.get("options", {})
    if set(options) - {
        "userfields",
        "limitfrom",
        "limitnumber",
        "sortby",
        "sortdirection",
        "groupid",
        "onlyactive",
    }:
        raise invalid_parameter()
    active = options.get("onlyactive") == "1"
    if active:
        require(campus, "moodle/course:enrolreview")
    people = [one for one in campus.enrolled(suspended=not active) if _shown(campus, one)]
    rows = [_enrolled(campus, person) for person in people]
    start = int(options.get("limitfrom", 0))
    number = int(options.get("limitnumber", 0)) or len(rows)
    fields = set(filter(None, options.get("userfields", "").split(",")))
    return [
        {k: v for k, v in row.items() if not fields or k in fields} for row in rows[start : start + number]
    ]


def _shown(campus: Campus, person: Person) -> bool:
    """Without the right to details only the contacts of the course are shown, and nothing says so."""
    return person.role == "instructor" or may(campus, "moodle/user:viewdetails")


def _enrolled(campus: Campus, person: Person) -> dict[str, Any]:
    row = {**profile(campus, person), "lastcourseaccess": 0, **standing(campus, person)}
    for group in row.get("groups", []):
        group["descriptionformat"] = 0
    return row


@function("core_user_get_users_by_field", {"field": "text", "values": "texts"})
def users_by_field(campus: Campus, asked: Parameters) -> list[dict[str, Any]]:
    if asked["field"] != "id":
        raise invalid_parameter()
    known = [p for p in campus.content.people if campus.gone.get(p.key) not in ("deleted", "unenrolled")]
    return [
        {**profile(campus, person), "suspended": False, "timezone": "99"}
        for person in known
        if str(person.id) in asked["values"] and person.role != "administrator" and _shown(campus, person)
    ]
