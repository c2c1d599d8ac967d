"""What a connection's check tries in a course, and its faults in words for the person who set it up."""

from typing import Protocol, runtime_checkable

from lti_tool.errors import UndertoneError
from lti_tool.lms.errors import LmsUnavailableError
from lti_tool.lms.protocol import ActivityFacts, CheckLine, Connector
from lti_tool.outbound.client import OutboundRefusedError

ANOTHER = (
    "Something answers at the LMS's address, but not as this kind of LMS does. Compare the kind and the address that "
    "were registered with the site's own, path included."
)
WORDS = {
    LmsUnavailableError.code: (
        "There is no answer at the LMS's address, or only errors. Is the site up and not in "
        "maintenance mode, and is the address right?"
    ),
    "lms_no_api": ANOTHER,
    "lms_malformed": ANOTHER,
    OutboundRefusedError.code: (
        "The LMS's address may not be called, so nothing was sent: it is plain http, on a port of its own or not "
        "public, and UNDERTONE_OUTBOUND_HOSTS does not name it."
    ),
}
"""By the error's code; a refusal says itself what to do."""


def failed(name: str, error: UndertoneError) -> CheckLine:
    """The check's line for an error."""
    return CheckLine(name, False, WORDS.get(error.code, error.words))


@runtime_checkable
class ChecksCourses(Protocol):
    """A connector that knows its LMS's rights by name."""

    def check_course(self, course_id: str) -> list[CheckLine]:
        """A line for each right that a reading of the course needs; most faults become lines."""
        ...


def course_lines(connector: Connector, course_id: str) -> list[CheckLine]:
    """Every kind of call that a reading of this course makes, each once; what is read is dropped at once."""
    name = "Sections and activities of the course"
    try:
        if isinstance(connector, ChecksCourses):
            return connector.check_course(course_id)
        activities = [one for one in connector.activities(course_id) if not one.unreadable]
    except UndertoneError as error:
        return [failed(name, error)]
    found = [CheckLine(name, True)]
    for kind, called in (("forum", "Posts of a forum"), ("reflection", "Submissions of an assignment")):
        first = next((activity for activity in activities if activity.kind == kind), None)
        if first is not None:
            found.append(_posts_line(connector, first, called))
    return found


def _posts_line(connector: Connector, activity: ActivityFacts, name: str) -> CheckLine:
    try:
        next(iter(connector.posts(activity)), None)
    except UndertoneError as error:
        return failed(name, error)
    return CheckLine(name, True)
