"""Moodle functions about the site, the course, its sections and its people."""

import json
from datetime import datetime
from typing import Any

from lti_tool.demo.campus.content import COURSE_ID
from lti_tool.demo.campus.moodle import FUNCTIONS, Parameters, function
from lti_tool.demo.campus.moodle_rights import assignments, discussions, forums, require_course
from lti_tool.demo.campus.records import Assignment, Forum, OtherModule
from lti_tool.demo.campus.state import Campus

SERVICE_USER_ID = 4
VERSION = "2024100706"
PLURALS = {"forum": "Forums", "assign": "Assignments", "workshop": "Workshops", "data": "Databases"}


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def picture(campus: Campus, size: str) -> str:
    return f"{campus.settings.base_url}/theme/image.php/boost/core/1/u/{size}"


@function("core_webservice_get_site_info", {}, {"serviceshortnames": "texts"})
def site_info(campus: Campus, _: Parameters) -> dict[str, Any]:
    root = campus.settings.base_url
    return {
        "sitename": "Sample campus",
        "username": "svc_reader",
        "firstname": "Reading",
        "lastname": "Account",
        "fullname": "Reading Account",
        "lang": "en",
        "userid": SERVICE_USER_ID,
        "siteurl": root,
        "userpictureurl": picture(campus, "f1"),
        "functions": [
            {"name": name, "version": VERSION}
            for name in FUNCTIONS
            if name not in campus.settings.moodle_without
        ],
        "downloadfiles": 0,
        "uploadfiles": 0,
        "release": "4.5.6 (Build: 20250811)",
        "version": VERSION,
        "mobilecssurl": "",
        "advancedfeatures": [{"name": "enablecompletion", "value": 1}, {"name": "messaging", "value": 1}],
        "usercanmanageownfiles": True,
        "userquota": 104857600,
        "usermaxuploadfilesize": 2097152,
        "userhomepage": 1,
        "userprivateaccesskey": "00000000000000000000000000000000",
        "siteid": 1,
        "sitecalendartype": "gregorian",
        "usercalendartype": "gregorian",
        "userissiteadmin": False,
        "theme": "boost",
        "limitconcurrentlogins": 0,
        "policyagreed": 0,
    }


@function("core_course_get_courses_by_field", {}, {"field": "text", "value": "text"})
def courses_by_field(campus: Campus, asked: Parameters) -> dict[str, Any]:
    own = {"id": str(COURSE_ID), "shortname": campus.content.short, "": ""}
    found = own.get(asked.get("field", "")) == asked.get("value", "")
    return {"courses": [_course(campus)] if found else [], "warnings": []}


def _course(campus: Campus) -> dict[str, Any]:
    instructor = campus.person("instructor")
    flags = {"showgrades": 1, "newsitems": 0, "maxbytes": 0, "showreports": 0, "visible": 1, "groupmode": 0}
    more = {"groupmodeforce": 0, "defaultgroupingid": 0, "enablecompletion": 1, "completionnotify": 0}
    return {
        "id": COURSE_ID,
        "fullname": campus.content.title,
        "displayname": campus.content.title,
        "shortname": campus.content.short,
        "courseimage": f"{campus.settings.base_url}/pluginfile.php/11/course/generated/course.svg",
        "categoryid": 1,
        "categoryname": "Category 1",
        "sortorder": 10002,
        "summary": "<p>Six weeks of algorithms for first-year students.</p>",
        "summaryformat": 1,
        "summaryfiles": [],
        "overviewfiles": [],
        "showactivitydates": False,
        "showcompletionconditions": True,
        "contacts": [{"id": instructor.id, "fullname": instructor.name}],
        "enrollmentmethods": ["manual"],
        "format": "topics",
        "startdate": seconds(campus.start),
        "enddate": 0,
        **flags,
        **more,
        "lang": "",
        "theme": "",
        "marker": 0,
        "filters": [{"filter": "urltolink", "localstate": 0, "inheritedstate": 1}],
        "courseformatoptions": [
            {"name": "hiddensections", "value": 1},
            {"name": "coursedisplay", "value": 0},
        ],
    }


@function("core_course_get_contents", {"courseid": "int"}, {"options": "options"})
def contents(campus: Campus, asked: Parameters) -> list[dict[str, Any]]:
    require_course(campus, asked["courseid"])
    return [_section(campus, number, name) for number, name in enumerate(campus.content.weeks)]


def _section(campus: Campus, number: int, name: str) -> dict[str, Any]:
    held: list[tuple[str, Forum | Assignment | OtherModule]] = [("forum", one) for one in forums(campus)]
    held += [("assign", one) for one in assignments(campus)]
    held += [(one.kind, one) for one in campus.content.others]
    modules = [_module(campus, kind, one) for kind, one in held if one.week == number]
    return {
        "id": number + 1,
        "name": name,
        "visible": 1,
        "summary": "",
        "summaryformat": 1,
        "section": number,
        "hiddenbynumsections": 0,
        "uservisible": True,
        "component": None,
        "itemid": None,
        "modules": modules,
    }


def _module(campus: Campus, kind: str, activity: Forum | Assignment | OtherModule) -> dict[str, Any]:
    due = seconds(activity.due) if isinstance(activity, Assignment) else 0
    custom: dict[str, Any] = {"duedate": due} if due else {"trackingtype": "1"}
    return {
        "id": activity.cmid,
        "url": f"{campus.settings.base_url}/mod/{kind}/view.php?id={activity.cmid}",
        "name": activity.name,
        "instance": activity.id,
        "contextid": activity.cmid + 21,
        "visible": int(getattr(activity, "visible", True)),
        "uservisible": True,
        "visibleoncoursepage": 1,
        "modicon": f"{campus.settings.base_url}/theme/image.php/boost/{kind}/1/monologo?filtericon=1",
        "modname": kind,
        "purpose": "assessment" if due else "collaboration",
        "branded": False,
        "modplural": PLURALS[kind],
        "availability": None,
        "indent": 0,
        "onclick": "",
        "afterlink": None,
        **({"activitybadge": []} if kind == "forum" else {}),
        "customdata": json.dumps(custom, separators=(",", ":")),
        "noviewlink": False,
        "completion": 0,
        "downloadcontent": 1,
        "dates": [{"label": "Due:", "timestamp": due, "dataid": "duedate"}] if due else [],
        "groupmode": int(getattr(activity, "separate_groups", False)),
    }


@function("core_course_get_updates_since", {"courseid": "int", "since": "int"})
def updates_since(campus: Campus, asked: Parameters) -> dict[str, Any]:
    """Strictly later than `since`; says nothing of edits and deletions of forum posts."""
    require_course(campus, asked["courseid"])
    rows = []
    for forum in forums(campus):
        threads = [posts for _, posts in discussions(campus, forum)]
        new = [posts[0].id for posts in threads if seconds(posts[-1].created) > asked["since"]]
        rows.append((forum.cmid, "discussions", new))
    for assignment in assignments(campus):
        written = [(s.id, s.versions[-1].at) for s in campus.submissions(assignment)]
        rows.append(
            (assignment.cmid, "usersubmissions", [n for n, at in written if seconds(at) > asked["since"]])
        )
    instances = [
        {"contextlevel": "module", "id": cmid, "updates": [{"name": name, "itemids": ids}]}
        for cmid, name, ids in rows
        if ids
    ]
    return {"instances": instances, "warnings": []}
