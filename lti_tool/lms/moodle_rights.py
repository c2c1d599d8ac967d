"""The check of a Moodle course: does the account have each right of the set-up guide, as far as the course shows it?

Some rights are missing with an error; others only make things disappear, and are told by what other answers count.
Where Moodle gives no way to be sure, the line says "perhaps".
"""

from collections.abc import Callable, Iterator
from typing import Any

from lti_tool.errors import UndertoneError
from lti_tool.lms.checking import failed
from lti_tool.lms.errors import well_formed
from lti_tool.lms.moodle_assignments import NO_ACCESS, SUBMISSIONS, assignments
from lti_tool.lms.moodle_calls import MoodleCalls, lacking
from lti_tool.lms.moodle_course import places
from lti_tool.lms.moodle_forums import GROUPS, NO_GROUP_SEEN, QUESTIONS, hides_answers, posts_of
from lti_tool.lms.moodle_listing import CONTENTS, FORUMS, Places
from lti_tool.lms.moodle_notes import HIDDEN, hidden, people
from lti_tool.lms.moodle_pages import MOST_ANSWERS_FIRST, NEWEST_POST_FIRST, page
from lti_tool.lms.protocol import CheckLine

ENTRY = "moodle/course:view"
READ = "mod/forum:viewdiscussion"
VIEW = "mod/assign:view"
GRADES = "mod/assign:viewgrades"
FORUMS_TRIED = 5
ROWS_TRIED = 10
Row = dict[str, Any]
Rows = list[Row]


def lines(calls: MoodleCalls, course_id: str, offered: set[str]) -> Iterator[CheckLine]:
    """A line for each right; `offered` are the functions of the service. What is read is dropped at once."""
    try:
        with well_formed():
            contents: Rows = calls.call(CONTENTS, {"courseid": course_id})
            seen = {key: one for key, one in places(contents, calls.base_url).items() if not one.barred}
    except UndertoneError as error:
        yield failed(ENTRY, error)
        return
    yield CheckLine(ENTRY, True)
    forums: Rows = []
    tasks: Rows = []
    yield _tried(READ, lambda: _reads(calls, course_id, seen, forums))
    yield _tried(QUESTIONS, lambda: _answers(calls, forums))
    yield _tried(GROUPS, lambda: _groups(calls, forums, seen))
    yield _tried(VIEW, lambda: _views(calls, course_id, seen, tasks))
    yield _tried(GRADES, lambda: _grades(calls, tasks))
    yield CheckLine(HIDDEN, True, hidden(contents))
    yield from people(calls, course_id, offered)


def _tried(right: str, attempt: Callable[[], str]) -> CheckLine:
    """The line of a right; `attempt` gives a note or raises."""
    try:
        with well_formed():
            return CheckLine(right, True, attempt())
    except UndertoneError as error:
        return failed(right, error)


def _reads(calls: MoodleCalls, course_id: str, seen: Places, forums: Rows) -> str:
    rows = calls.call(FORUMS, {"courseids[0]": course_id})
    listed = {str(row["id"]) for row in rows}
    forums += [row for row in rows if ("forum", str(row["id"])) in seen]
    if any(kind == "forum" and instance not in listed for kind, instance in seen):
        raise lacking(READ)
    counted = [row for row in forums if _counted(row) and not _separate(row, seen)]
    for row in counted[:FORUMS_TRIED]:
        found = page(calls, str(row["id"]), NEWEST_POST_FIRST, 1)
        if not found or not posts_of(calls, found[0].id):
            raise lacking(READ)
    return "" if counted else "Not tried: no forum of this course has a discussion."


def _answers(calls: MoodleCalls, forums: Rows) -> str:
    for row in [row for row in forums if row.get("type") == "qanda"][:FORUMS_TRIED]:
        for question in page(calls, str(row["id"]), MOST_ANSWERS_FIRST, ROWS_TRIED):
            if question.replies:
                if hides_answers(question, posts_of(calls, question.id)):
                    raise lacking(QUESTIONS)
                return ""
    return "Not tried: no question of this course has an answer."


def _groups(calls: MoodleCalls, forums: Rows, seen: Places) -> str:
    separate = [row for row in forums if _separate(row, seen)]
    for row in separate[:FORUMS_TRIED]:
        rows = page(calls, str(row["id"]), NEWEST_POST_FIRST, 100)
        if not rows and _counted(row):
            raise lacking(GROUPS)
        if any(one.of_group for one in rows):
            return ""
    unsure = lacking(GROUPS, perhaps=NO_GROUP_SEEN)
    if any(map(_counted, separate)):
        raise unsure
    if separate:
        return unsure.words
    return "Not tried: no forum of this course keeps groups apart."


def _counted(row: Row) -> int:
    return int(row.get("numdiscussions") or 0)


def _separate(row: Row, seen: Places) -> bool:
    return seen["forum", str(row["id"])].separate_groups


def _views(calls: MoodleCalls, course_id: str, seen: Places, tasks: Rows) -> str:
    rows, warnings = assignments(calls, course_id)
    listed = {str(row["id"]) for row in rows}
    tasks += [row for row in rows if ("assign", str(row["id"])) in seen]
    if any(kind == "assign" and instance not in listed for kind, instance in seen):
        raise lacking(VIEW)
    if not tasks and any(str(one.get("warningcode")) == NO_ACCESS for one in warnings):
        raise lacking(VIEW, perhaps="If all assignments of the course are hidden, all is well.")
    return "" if tasks else "Not tried: this course has no assignment."


def _grades(calls: MoodleCalls, tasks: Rows) -> str:
    for task in tasks[:1]:
        answer = calls.call(SUBMISSIONS, {"assignmentids[0]": str(task["id"])})
        if any(str(one.get("warningcode")) == NO_ACCESS for one in answer.get("warnings", [])):
            raise lacking(GRADES)
        return ""
    return "Not tried: no assignment of this course can be seen."
