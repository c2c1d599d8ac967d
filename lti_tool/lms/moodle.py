"""Moodle by its web services: forums of every type, and assignments with online text.

Moodle often answers a missing right with an empty list instead of an error. Taking such an answer for "all is
gone" would delete texts, so lists are held against what other answers say must be there.
"""

from collections.abc import Iterator
from datetime import datetime

from lti_tool.errors import UndertoneError
from lti_tool.lms import moodle_assignments, moodle_listing, moodle_rights
from lti_tool.lms.checking import failed
from lti_tool.lms.errors import LmsRefusedError, well_formed
from lti_tool.lms.moodle_calls import MoodleCalls
from lti_tool.lms.moodle_forums import Forum, ForumReading
from lti_tool.lms.moodle_listing import Listing
from lti_tool.lms.protocol import ActivityFacts, CheckLine, PostFacts

FUNCTIONS = (
    "core_webservice_get_site_info",
    "core_course_get_contents",
    "mod_forum_get_forums_by_courses",
    "mod_forum_get_forum_discussions",
    "mod_forum_get_discussion_posts",
    "mod_assign_get_assignments",
    "mod_assign_get_submissions",
)


class MoodleConnector:
    """A `Connector` for one Moodle site. `posts` uses what `activities` learned of a forum, and does without."""

    def __init__(self, calls: MoodleCalls) -> None:
        self._calls, self._listing = calls, Listing()

    def check(self) -> list[CheckLine]:
        try:
            offered = self._offered()
        except UndertoneError as error:
            return [failed("Moodle answers", error)]
        return [CheckLine("Moodle answers", True)] + [
            CheckLine(
                name, name in offered, "" if name in offered else f"Add {name} to the external service."
            )
            for name in FUNCTIONS
        ]

    def check_course(self, course_id: str) -> list[CheckLine]:
        """A line for each right of the set-up guide, by Moodle's own name, as far as this course shows it."""
        return list(moodle_rights.lines(self._calls, course_id, self._offered()))

    def activities(self, course_id: str) -> list[ActivityFacts]:
        with well_formed():
            self._listing = moodle_listing.listing(self._calls, course_id)
            return self._listing.activities

    def posts(self, activity: ActivityFacts, since: datetime | None = None) -> Iterator[PostFacts]:
        with well_formed():
            if activity.unreadable:
                raise LmsRefusedError("This activity is not read.", code="lms_not_read")
            if (activity.kind, activity.external_id) in self._listing.denied:
                raise self._listing.denied[activity.kind, activity.external_id]
            if activity.kind == "reflection":
                yield from moodle_assignments.submissions(self._calls, activity, since)
                return
            counted = int(activity.cursor) if activity.cursor.isdecimal() else 0
            forum = self._listing.forums.get(activity.external_id) or Forum(activity.external_id, counted)
            reading = ForumReading(self._calls, forum, self._listing.group_seen)
            yield from reading.posts(since)
            self._listing.group_seen = reading.group_seen

    def _offered(self) -> set[str]:
        """Names of the functions of the account's service."""
        with well_formed():
            site = self._calls.call("core_webservice_get_site_info")
            return {str(function["name"]) for function in site["functions"]}
