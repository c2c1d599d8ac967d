"""Canvas by its REST API: discussion topics with all their entries, and assignments with online text."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.canvas_check import include_line, line, scope_lines
from lti_tool.lms.canvas_course import sections
from lti_tool.lms.canvas_tasks import submissions, tasks
from lti_tool.lms.canvas_topics import Topic, entries, topics
from lti_tool.lms.errors import LmsRefusedError, well_formed
from lti_tool.lms.protocol import ActivityFacts, CheckLine, PostFacts

NOT_READ = {
    "anonymous": "Anonymous discussions cannot be read: Canvas keeps them out of its API.",
    "initial_post": (
        "This discussion shows its posts only to those who have written in it, so it cannot be read. An account that "
        "is a teacher of the course need not write."
    ),
    "blind": "This assignment is graded anonymously, so it is not read: its authors were promised not to be seen.",
    "team": "This assignment is handed in by groups, so it is not read: nobody can tell whose words they are.",
}


class CanvasConnector:
    """A `Connector` for one course of a Canvas site; `activities` comes before `posts`."""

    def __init__(self, calls: CanvasCalls) -> None:
        self._calls = calls
        self._course = ""
        self._topics: dict[str, Topic] = {}

    def check(self) -> list[CheckLine]:
        """A line for Canvas itself, and one for each scope that the token lacks, by its name."""
        return scope_lines(self._calls)

    def check_course(self, course_id: str) -> list[CheckLine]:
        """A line for each kind of call in this course; raises when its activities cannot be listed."""
        activities = [facts for facts in self.activities(course_id) if not facts.unreadable]
        noted = include_line(self._calls, self._course)
        found = [CheckLine("Modules and activities of the course", True)] + ([noted] if noted else [])
        for kind, name in (
            ("forum", "Posts of a discussion"),
            ("reflection", "Submissions of an assignment"),
        ):
            first = next((facts for facts in activities if facts.kind == kind), None)
            if first is not None:
                found.append(line(name, partial(self._first, first)))
        groups = next((topic.children[0] for topic in self._topics.values() if topic.children), None)
        if groups is not None:
            path = f"/groups/{groups[0]}/discussion_topics/{groups[1]}/view"
            found.append(line("Posts of a group discussion", partial(self._calls.read, path)))
        return found

    def activities(self, course_id: str) -> list[ActivityFacts]:
        with well_formed():
            self._course = f"/courses/{course_id}"
            placed = sections(self._calls, course_id)
            listed = topics(self._calls, self._course, placed)
            self._topics = {topic.facts.external_id: topic for topic in listed}
            found = [topic.facts for topic in self._topics.values()]
            return found + list(tasks(self._calls, self._course, placed))

    def posts(self, activity: ActivityFacts, since: datetime | None = None) -> Iterator[PostFacts]:
        if activity.unreadable:
            raise LmsRefusedError(NOT_READ[activity.unreadable], code=f"canvas_{activity.unreadable}")
        with well_formed():
            if activity.kind == "reflection":
                yield from submissions(self._calls, self._course, activity, since)
            else:
                topic = self._topics[activity.external_id]
                yield from entries(self._calls, self._course, topic, since)

    def _first(self, facts: ActivityFacts) -> PostFacts | None:
        return next(self.posts(facts), None)
