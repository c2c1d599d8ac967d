"""What the campus's reading account may do in Moodle, and what Moodle does when it may not.

`settings.moodle_without` names the rights and functions that are missing. Some missing rights are errors, others only
make things disappear: each as it was seen on a real site.
"""

from typing import Any

from lti_tool.demo.campus.content import COURSE_ID
from lti_tool.demo.campus.moodle import MoodleError, missing_record, not_accessible
from lti_tool.demo.campus.records import Assignment, Discussion, Forum, Post
from lti_tool.demo.campus.state import Campus

CALLED = {
    "moodle/course:viewparticipants": "View participants",
    "moodle/course:enrolreview": "Review course enrolments",
}
"""Rights that Moodle names in an error's message, in its own words."""


def may(campus: Campus, right: str) -> bool:
    return right not in campus.settings.moodle_without


def require_course(campus: Campus, course_id: int) -> None:
    """Raise MoodleError for another course, or one that the account may not enter."""
    if course_id != COURSE_ID:
        raise missing_record("course")
    require_entry(campus)


def require_entry(campus: Campus) -> None:
    if not may(campus, "moodle/course:view"):
        raise not_accessible()


def require(campus: Campus, right: str) -> None:
    """Raise the error that names a missing right."""
    if not may(campus, right):
        words = f"Sorry, but you do not currently have permissions to do that ({CALLED[right]})."
        raise MoodleError("core\\exception\\required_capability_exception", "nopermissions", words)


def sees_hidden(campus: Campus) -> bool:
    return may(campus, "moodle/course:viewhiddenactivities")


def forums(campus: Campus) -> list[Forum]:
    """Forums on the course page, in the order of the course."""
    return campus.forums(hidden=sees_hidden(campus))


def assignments(campus: Campus) -> list[Assignment]:
    return campus.assignments(hidden=sees_hidden(campus))


def require_forum(campus: Campus, forum: Forum) -> None:
    """Raise MoodleError for a forum that the account cannot open."""
    require_entry(campus)
    if not (forum.visible or sees_hidden(campus)):
        raise not_accessible()
    if not may(campus, "mod/forum:viewdiscussion"):
        words = "You do not have permission to view discussions in this forum"
        raise MoodleError("core\\exception\\moodle_exception", "noviewdiscussionspermission", words)


def discussions(campus: Campus, forum: Forum) -> list[tuple[Discussion, list[Post]]]:
    """Discussions that stand, with the posts that count; those of groups only with the right to all groups."""
    private = may(campus, "mod/forum:readprivatereplies")
    return [
        (one, posts)
        for one in forum.discussions
        if sees_group(campus, forum, one) and (posts := campus.posts(one, private=private))
    ]


def sees_group(campus: Campus, forum: Forum, discussion: Discussion) -> bool:
    apart = forum.separate_groups and discussion.group is not None
    return not apart or may(campus, "moodle/site:accessallgroups")


def posts(campus: Campus, forum: Forum, discussion: Discussion) -> list[Post]:
    """Posts that the account is shown: none without the right to read, only the question of unanswered questions."""
    if not may(campus, "mod/forum:viewdiscussion") or not sees_group(campus, forum, discussion):
        return []
    found = campus.posts(discussion, private=may(campus, "mod/forum:readprivatereplies"))
    if forum.kind == "qanda" and not may(campus, "mod/forum:viewqandawithoutposting"):
        return [post for post in found if post.parent is None]
    return found


def may_open(campus: Campus, assignment: Assignment) -> bool:
    return (assignment.visible or sees_hidden(campus)) and may(campus, "mod/assign:view")


def may_see_submissions(campus: Campus, assignment: Assignment) -> bool:
    entered = may(campus, "moodle/course:view") and may_open(campus, assignment)
    return entered and may(campus, "mod/assign:viewgrades")


def no_access(item: str, number: int) -> dict[str, Any]:
    """The warning that stands in for something the account may not see."""
    words = "No access rights in module context"
    return {"item": item, "itemid": number, "warningcode": "1", "message": words}
