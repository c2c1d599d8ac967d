"""Adds to a running campus what its content files do not have: further activities, discussions and group texts."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from lti_tool.demo.campus.content import Content
from lti_tool.demo.campus.records import (
    Assignment,
    Discussion,
    Forum,
    OtherModule,
    Post,
    Submission,
    Version,
)
from lti_tool.errors import InvalidInputError, NotFoundError

ForumKind = Literal["general", "single", "eachuser", "qanda", "blog", "news"]


class Building:
    """What a teacher sets up. `Campus` is one."""

    content: Content
    _lock: threading.RLock
    now: Callable[[], datetime]

    def forum(self, forum_id: int) -> Forum:
        """The forum, hidden ones included, or NotFoundError."""
        for forum in self.content.forums:
            if forum.id == forum_id:
                return forum
        raise NotFoundError

    def add_forum(
        self,
        name: str,
        kind: ForumKind = "general",
        *,
        week: int = 0,
        visible: bool = True,
        separate_groups: bool = False,
    ) -> Forum:
        """An empty forum of any of Moodle's types."""
        with self._lock:
            number = 1 + max(forum.id for forum in self.content.forums)
            forum = Forum(number, self._cmid(), f"forum{number}", name, kind, week, visible, [])
            forum.separate_groups = separate_groups
            self.content.forums.append(forum)
            return forum

    def open_topic(self, key: str, title: str, html: str) -> Forum:
        """A topic that a student opened, as Canvas lets them: its title and its message are that person's own."""
        with self._lock:
            made = self.add_forum(title)
            made.opener, made.message = key, written(html)
            return made

    def add_assignment(
        self, name: str, *, week: int = 0, visible: bool = True, blind: bool = False, team: bool = False
    ) -> Assignment:
        """An assignment with online text, due in a week. Set `revealed` on it to reveal the names of a blind one."""
        with self._lock:
            number = 1 + max(one.id for one in self.content.assignments)
            due = self.now() + timedelta(weeks=1)
            made = Assignment(number, self._cmid(), f"task{number}", name, week, due, [], visible, blind)
            made.team = team
            self.content.assignments.append(made)
            return made

    def add_other(self, kind: Literal["workshop", "data"], name: str, *, week: int = 0) -> OtherModule:
        """A workshop or a database on the course page. Its instance number can be a forum's as well, as in Moodle."""
        with self._lock:
            same = [one.id for one in self.content.others if one.kind == kind]
            made = OtherModule(1 + max(same, default=0), self._cmid(), kind, name, week)
            self.content.others.append(made)
            return made

    def open_discussion(
        self,
        key: str,
        forum_id: int,
        subject: str,
        html: str,
        *,
        pinned: bool = False,
        group: str | None = None,
    ) -> Discussion:
        """Begin a discussion as `key`; its opening post is `.posts[0]`. `group` is "A" or "B", or everybody's."""
        with self._lock:
            forum, number = self.forum(forum_id), next(self.content.next_id)
            version = Version(self.now(), written(html))
            opening = Post(next(self.content.next_id), f"live{number}", number, key, None, [version])
            made = Discussion(number, f"thread{number}", forum.id, subject, pinned, [opening], group)
            forum.discussions.append(made)
            return made

    def submit_as_group(self, keys: list[str], assignment_id: int, html: str, group: str) -> Submission:
        """A group's text as Moodle keeps it: one row without an author, and an empty stub for each member."""
        with self._lock:
            assignment = next(one for one in self.content.assignments if one.id == assignment_id)
            at, ids = self.now(), self.content.next_id
            text = Submission(next(ids), "", [Version(at, written(html))], group=group)
            stubs = [Submission(next(ids), key, [Version(at, "")]) for key in keys]
            assignment.submissions += [text, *stubs]
            return text

    def _cmid(self) -> int:
        content = self.content
        held: list[Forum | Assignment | OtherModule] = [
            *content.forums,
            *content.assignments,
            *content.others,
        ]
        return 1 + max(module.cmid for module in held)


def written(html: str) -> str:
    """The text, or InvalidInputError when there is none."""
    if not html.strip():
        raise InvalidInputError("There was no text. Nothing was saved.")
    return html
