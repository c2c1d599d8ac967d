"""Canvas by its REST API: discussion topics with all their entries, and assignments with online text."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lti_tool.errors import UndertoneError
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.canvas_course import Section, sections
from lti_tool.lms.checking import failed
from lti_tool.lms.errors import LmsUnavailableError, well_formed
from lti_tool.lms.protocol import ActivityFacts, CheckLine, PostFacts

SUBMITTED = frozenset({"submitted", "pending_review", "graded"})
"""Graded ones too: the grade itself is dropped with the rest of the row."""


class CanvasConnector:
    """A `Connector` for one course of a Canvas site; `activities` comes before `posts`."""

    def __init__(self, calls: CanvasCalls) -> None:
        self._calls = calls
        self._course = ""
        self._topics: dict[str, dict[str, Any]] = {}

    def check(self) -> list[CheckLine]:
        try:
            if not isinstance(self._calls.read("/courses", {"per_page": 1}), list):
                raise LmsUnavailableError(code="lms_no_api")
        except UndertoneError as error:
            return [failed("Canvas answers", error)]
        return [CheckLine("Canvas answers", True)]

    def activities(self, course_id: str) -> list[ActivityFacts]:
        with well_formed():
            self._course = f"/courses/{course_id}"
            placed = sections(self._calls, course_id)
            self._topics = {str(topic["id"]): topic for topic in self._readable_topics()}
            found = [self._forum(topic, placed) for topic in self._topics.values()]
            for row in self._calls.pages(f"{self._course}/assignments"):
                if _takes_text(row):
                    found.append(self._reflection(row, placed))
            return [facts for facts, section in found if not section.hidden]

    def posts(self, activity: ActivityFacts) -> Iterator[PostFacts]:
        with well_formed():
            if activity.kind == "reflection":
                yield from self._submissions(activity.external_id)
                return
            topic = self._topics[activity.external_id]
            yield from _opening(topic, activity.url)
            yield from self._entries(self._course, activity.external_id, activity.url)
            for child in topic.get("group_topic_children") or []:
                yield from self._entries(f"/groups/{child['group_id']}", str(child["id"]), activity.url)

    def _readable_topics(self) -> Iterator[dict[str, Any]]:
        """Published topics with known authors: Canvas hides those of anonymous ones from this API."""
        for topic in self._calls.pages(f"{self._course}/discussion_topics"):
            if topic.get("published") and not topic.get("anonymous_state") and not topic.get("root_topic_id"):
                yield topic

    def _forum(
        self, topic: dict[str, Any], placed: dict[tuple[str, str], Section]
    ) -> tuple[ActivityFacts, Section]:
        section = placed.get(("Discussion", str(topic["id"])), Section())
        url = f"{self._calls.base_url}{self._course}/discussion_topics/{topic['id']}"
        return section.activity(str(topic["id"]), "forum", str(topic["title"]), None, url), section

    def _reflection(
        self, row: dict[str, Any], placed: dict[tuple[str, str], Section]
    ) -> tuple[ActivityFacts, Section]:
        section = placed.get(("Assignment", str(row["id"])), Section())
        url = f"{self._calls.base_url}{self._course}/assignments/{row['id']}"
        due = _time(row["due_at"]) if row.get("due_at") else None
        return section.activity(str(row["id"]), "reflection", str(row["name"]), due, url), section

    def _entries(self, owner: str, topic_id: str, url: str) -> Iterator[PostFacts]:
        """The whole tree, and the entries that the cached tree does not hold yet."""
        view = self._calls.read(f"{owner}/discussion_topics/{topic_id}/view", {"include_new_entries": 1})
        if not isinstance(view["view"], list):
            raise LmsUnavailableError
        waiting = list(view["view"]) + list(view.get("new_entries") or [])
        while waiting:
            entry = waiting.pop(0)
            waiting += entry.get("replies") or []
            yield _entry(entry, topic_id, url)

    def _submissions(self, assignment_id: str) -> Iterator[PostFacts]:
        asked: dict[str, str | int | list[str]] = {
            "student_ids[]": "all",
            "assignment_ids[]": [assignment_id],
            "exclude_response_fields[]": ["preview_url", "attachments"],
        }
        address = f"{self._calls.base_url}{self._course}/assignments/{assignment_id}/submissions"
        for row in self._calls.pages(f"{self._course}/students/submissions", asked):
            online = row.get("submission_type") == "online_text_entry" and row.get("body")
            if online and row.get("workflow_state") in SUBMITTED and row.get("submitted_at"):
                yield _submission(row, address)


def _takes_text(row: dict[str, Any]) -> bool:
    """False for unpublished ones, group work, and where authors were promised not to be seen."""
    hidden = row.get("anonymous_grading") or row.get("anonymize_students") or row.get("group_category_id")
    return bool(
        row.get("published") and "online_text_entry" in row.get("submission_types", []) and not hidden
    )


def _opening(topic: dict[str, Any], url: str) -> Iterator[PostFacts]:
    """The topic itself is its author's text; Canvas does not tell when it was changed."""
    author, created = topic.get("author") or {}, topic.get("posted_at") or topic.get("created_at")
    if author.get("id") and created and topic.get("message"):
        yield PostFacts(
            external_id=f"topic-{topic['id']}",
            kind="forum",
            author_id=str(author["id"]),
            thread_id=str(topic["id"]),
            parent_id=None,
            title=str(topic["title"]),
            html=str(topic["message"]),
            created_at=_time(created),
            url=url,
        )


def _entry(entry: dict[str, Any], topic_id: str, url: str) -> PostFacts:
    created, updated = _time(entry["created_at"]), _time(entry["updated_at"])
    gone = bool(entry.get("deleted"))
    return PostFacts(
        external_id=str(entry["id"]),
        kind="forum",
        author_id="" if gone else str(entry["user_id"]),
        thread_id=topic_id,
        parent_id=str(entry.get("parent_id") or f"topic-{topic_id}"),
        title=None,
        html="" if gone else str(entry.get("message") or ""),
        created_at=created,
        edited_at=updated if updated > created else None,
        deleted=gone,
        url=f"{url}?entry_id={entry['id']}",
    )


def _submission(row: dict[str, Any], address: str) -> PostFacts:
    """The latest attempt; a new attempt keeps the id and moves the time, so it arrives as an edit."""
    return PostFacts(
        external_id=str(row["id"]),
        kind="reflection",
        author_id=str(row["user_id"]),
        thread_id=None,
        parent_id=None,
        title=None,
        html=str(row["body"]),
        created_at=_time(row["submitted_at"]),
        edited_at=_time(row["submitted_at"]),
        url=f"{address}/{row['user_id']}",
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
