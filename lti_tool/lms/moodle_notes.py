"""Notes of the check: rights that a reading account has or has not, and that nothing here needs. They are no faults."""

from collections.abc import Iterator
from typing import Any

from lti_tool.errors import UndertoneError
from lti_tool.lms.checking import failed
from lti_tool.lms.errors import LmsRefusedError, well_formed
from lti_tool.lms.moodle_calls import MoodleCalls
from lti_tool.lms.moodle_course import shown
from lti_tool.lms.protocol import CheckLine

PARTICIPANTS = "moodle/course:viewparticipants"
DETAILS = "moodle/user:viewdetails"
REVIEW = "moodle/course:enrolreview"
HIDDEN = "moodle/course:viewhiddenactivities"
PEOPLE = "core_enrol_get_enrolled_users"
Rows = list[dict[str, Any]]


def hidden(contents: Rows) -> str:
    """Whether the account sees what staff hide from students."""
    modules = [module for section in contents for module in section.get("modules", [])]
    if all(map(shown, contents)) and all(map(shown, modules)):
        return f"The account sees nothing hidden, as it should: it lacks {HIDDEN}, or nothing is hidden."
    return f"The account sees hidden activities. They are not read; leave {HIDDEN} off."


def people(calls: MoodleCalls, course_id: str, offered: set[str]) -> Iterator[CheckLine]:
    """Rights that nothing here needs, since the list of people comes by LTI: notes, never faults."""
    if PEOPLE not in offered:
        yield CheckLine(PARTICIPANTS, True, f"Not tried and not needed: {PEOPLE} is not in the service.")
        return
    asked = {"courseid": course_id, "options[0][name]": "userfields", "options[0][value]": "id,roles"}
    try:
        with well_formed():
            listed: Rows = calls.call(PEOPLE, asked)
            students = [
                one for one in listed if any(r["shortname"] == "student" for r in one.get("roles", []))
            ]
    except LmsRefusedError:
        yield CheckLine(PARTICIPANTS, True, f"Not given, and not needed: {PARTICIPANTS}.")
        return
    except UndertoneError as error:
        yield failed(PARTICIPANTS, error)
        return
    yield CheckLine(PARTICIPANTS, True)
    unseen = (
        f"Perhaps not given, and not needed: {DETAILS}. No student is among the people that the account sees."
    )
    yield CheckLine(DETAILS, True, "" if students else unseen)
    yield _active_only(calls, course_id)


def _active_only(calls: MoodleCalls, course_id: str) -> CheckLine:
    asked = {"courseid": course_id, "options[0][name]": "userfields", "options[0][value]": "id"}
    try:
        calls.call(PEOPLE, asked | {"options[1][name]": "onlyactive", "options[1][value]": "1"})
    except UndertoneError:
        return CheckLine(REVIEW, True, f"Not given, and not needed: {REVIEW}. Who is active is known by LTI.")
    return CheckLine(REVIEW, True)
