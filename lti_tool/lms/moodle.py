"""Moodle by its web services: forums of every type, and assignments with online text.

Moodle often answers a missing right with an empty list instead of an error. Taking such an answer for "all is
gone" would delete texts, so lists are held against what other answers say must be there.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from lti_tool.errors import UndertoneError
from lti_tool.lms.checking import failed
from lti_tool.lms.errors import LmsUnavailableError, well_formed
from lti_tool.lms.moodle_calls import MoodleCalls, missing_right
from lti_tool.lms.moodle_course import Place, places
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
DISCUSSIONS_A_PAGE = 100
MOST_PAGES = 500
OLDEST_FIRST = 4
"""By creation: a discussion that is opened while we page comes last and shifts nothing."""


class MoodleConnector:
    """A `Connector` for one Moodle site."""

    def __init__(self, calls: MoodleCalls) -> None:
        self._calls = calls

    def check(self) -> list[CheckLine]:
        try:
            with well_formed():
                site = self._calls.call("core_webservice_get_site_info")
                offered = {str(function["name"]) for function in site["functions"]}
        except UndertoneError as error:
            return [failed("Moodle answers", error)]
        return [CheckLine("Moodle answers", True)] + [
            CheckLine(
                name, name in offered, "" if name in offered else f"Add {name} to the external service."
            )
            for name in FUNCTIONS
        ]

    def activities(self, course_id: str) -> list[ActivityFacts]:
        with well_formed():
            return self._activities(course_id)

    def posts(self, activity: ActivityFacts) -> Iterator[PostFacts]:
        with well_formed():
            if activity.kind == "reflection":
                yield from self._submissions(activity)
                return
            discussions = self._discussions(activity.external_id)
            if not discussions and activity.cursor not in ("", "0"):
                raise missing_right("mod_forum_get_forum_discussions")
            for discussion in discussions:
                yield from self._discussion_posts(discussion)

    def _activities(self, course_id: str) -> list[ActivityFacts]:
        seen = places(
            self._calls.call("core_course_get_contents", {"courseid": course_id}), self._calls.base_url
        )
        forums = self._calls.call("mod_forum_get_forums_by_courses", {"courseids[0]": course_id})
        listed = {str(forum["id"]) for forum in forums}
        if any(kind == "forum" and instance not in listed for kind, instance in seen):
            raise missing_right("mod_forum_get_forums_by_courses")
        found = [_forum(forum, seen.get(("forum", str(forum["id"])))) for forum in forums]
        found += [
            _assignment(row, seen.get(("assign", str(row["id"])))) for row in self._assignments(course_id)
        ]
        return [facts for facts in found if facts is not None]

    def _assignments(self, course_id: str) -> list[dict[str, Any]]:
        asked: dict[str, str | int] = {"courseids[0]": course_id, "includenotenrolledcourses": 1}
        answer = self._calls.call("mod_assign_get_assignments", asked)
        if not answer["courses"]:
            raise missing_right("mod_assign_get_assignments")
        return [row for course in answer["courses"] for row in course["assignments"]]

    def _discussions(self, forum_id: str) -> list[str]:
        """Ids of every discussion of a forum, page by page."""
        found: dict[str, None] = {}
        for page in range(MOST_PAGES):
            asked: dict[str, str | int] = {
                "forumid": forum_id,
                "sortorder": OLDEST_FIRST,
                "page": page,
                "perpage": DISCUSSIONS_A_PAGE,
            }
            rows = self._calls.call("mod_forum_get_forum_discussions", asked)["discussions"]
            fresh = [str(row["discussion"]) for row in rows if str(row["discussion"]) not in found]
            found.update(dict.fromkeys(fresh))
            if not fresh or len(rows) < DISCUSSIONS_A_PAGE:
                return list(found)
        raise LmsUnavailableError("A forum had no end of pages, so it was not read.")

    def _discussion_posts(self, discussion_id: str) -> Iterator[PostFacts]:
        function = "mod_forum_get_discussion_posts"
        asked = {"discussionid": discussion_id, "sortby": "created", "sortdirection": "ASC"}
        rows = self._calls.call(function, asked)["posts"]
        if not rows:
            raise missing_right(function)
        for row in rows:
            if not row.get("isprivatereply"):
                yield self._post(row, discussion_id)

    def _post(self, row: dict[str, Any], discussion_id: str) -> PostFacts:
        opening = row.get("parentid") is None
        gone = bool(row.get("isdeleted") or row["author"].get("isdeleted"))
        created = row.get("timecreated") or row["timemodified"]
        return PostFacts(
            external_id=str(row["id"]),
            kind="forum",
            author_id=str(row["author"]["id"] or ""),
            thread_id=discussion_id,
            parent_id=None if opening else str(row["parentid"]),
            title=str(row["subject"]) if opening and not gone else None,
            html="" if gone else str(row["message"]),
            created_at=_time(created),
            edited_at=_edited(created, row["timemodified"]),
            deleted=gone,
            url=f"{self._calls.base_url}/mod/forum/discuss.php?d={discussion_id}#p{row['id']}",
        )

    def _submissions(self, activity: ActivityFacts) -> Iterator[PostFacts]:
        function = "mod_assign_get_submissions"
        answer = self._calls.call(function, {"assignmentids[0]": activity.external_id})
        if any(str(warning.get("warningcode")) == "1" for warning in answer.get("warnings", [])):
            raise missing_right(function)
        for assignment in answer["assignments"]:
            for row in assignment["submissions"]:
                text = _online_text(row)
                if row["status"] == "submitted" and row["userid"] and text:
                    yield _submission(row, text, activity.url)


def _forum(row: dict[str, Any], place: Place | None) -> ActivityFacts | None:
    if place is None:
        return None
    count = str(row.get("numdiscussions") or "")
    return place.activity(str(row["id"]), "forum", str(row["name"]), cursor=count)


def _assignment(row: dict[str, Any], place: Place | None) -> ActivityFacts | None:
    """None for hidden ones, for texts of several authors, and where authors were promised not to be seen."""
    blind = row.get("blindmarking") and not row.get("revealidentities")
    if place is None or blind or row.get("teamsubmission") or not _takes_text(row):
        return None
    due = _time(row["duedate"]) if row.get("duedate") else None
    return place.activity(str(row["id"]), "reflection", str(row["name"]), due)


def _takes_text(row: dict[str, Any]) -> bool:
    enabled = ("onlinetext", "assignsubmission", "enabled", "1")
    keys = ("plugin", "subtype", "name", "value")
    return any(tuple(str(entry.get(key)) for key in keys) == enabled for entry in row.get("configs", []))


def _online_text(row: dict[str, Any]) -> str:
    fields = [
        field
        for plugin in row.get("plugins", [])
        if plugin.get("type") == "onlinetext"
        for field in plugin.get("editorfields", [])
    ]
    return next((str(field["text"]) for field in fields if field.get("name") == "onlinetext"), "")


def _submission(row: dict[str, Any], text: str, url: str) -> PostFacts:
    return PostFacts(
        external_id=str(row["id"]),
        kind="reflection",
        author_id=str(row["userid"]),
        thread_id=None,
        parent_id=None,
        title=None,
        html=text,
        created_at=_time(row["timecreated"]),
        edited_at=_edited(row["timecreated"], row["timemodified"]),
        url=url,
    )


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _edited(created: int, modified: int) -> datetime | None:
    return _time(modified) if int(modified) > int(created) else None
