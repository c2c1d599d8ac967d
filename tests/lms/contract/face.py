"""What the contract suite needs to know of an LMS, and what is common to both faces of the campus.

A face is plugged in by a context manager in `conftest.FACES`; its module says what is the LMS's own.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, Protocol

from lti_tool.demo.campus import Campus
from lti_tool.lms import Connector, PostFacts
from tests.lms.in_process import TOKEN, Clock, campus_in_process

Text = tuple[str, str, str]
"""Kind, author's id, and HTML as it was written."""
Fault = Literal["unavailable", "half", "reset", "not_json", "wrong_form", "slow_down", "refused"]


class Face(Protocol):
    """One LMS, as the suite sees it."""

    name: str
    root: str
    """Address of the LMS: links lead there."""
    secret: str
    course_id: str
    sections: dict[str, str]
    """Name of each activity that is read → name of its section."""
    unreadable: dict[str, str]
    """Name of each activity that is listed and not read → why (`ActivityFacts.unreadable`)."""
    forbidden: Collection[str]
    """Words out of texts that may not be read: drafts, hidden, private, deleted."""

    def connector(self, secret: str | None = None) -> Connector:
        """A new connector, with the right secret or another one."""
        ...

    def standing(self) -> set[Text]:
        """Every text that may be read now."""
        ...

    def also(self) -> set[Text]:
        """Texts that this LMS shows beside them, such as a topic's own message."""
        ...

    def fail(self, fault: Fault, after: int = 0, count: int = 99) -> None:
        """Let `count` calls fail, once `after` further ones have worked; `count` 0 ends all failing."""
        ...

    def calls(self) -> int:
        """How many calls there were so far."""
        ...

    def addresses(self) -> str:
        """Every address that was called, where they are known."""
        ...


@dataclass
class CampusFace:
    """What both faces of the campus have in common: a small course, and a clock that tests move."""

    name: str = ""
    clock: Clock = field(default_factory=Clock)
    secret: str = TOKEN
    course_id: str = "2"
    unreadable: dict[str, str] = field(default_factory=dict)
    forbidden: Collection[str] = ("only you can read", "Staff notes", "NOT HANDED IN", "HIDDEN")
    quick_sees_edits: bool = True
    """Whether a quick pass shows the edit of a reply."""
    replies_outlive: bool = False
    """Whether the replies to a deleted post stay."""

    def __post_init__(self) -> None:
        self.campus, self.client = campus_in_process(self.clock)
        furnish(self.campus)
        self.root = self.campus.settings.base_url
        self.sections = {forum.name: self._week(forum.week) for forum in self.campus.forums()}
        self.sections |= {task.name: self._week(task.week) for task in self.campus.assignments()}

    def connector(self, secret: str | None = None) -> Connector:
        raise NotImplementedError

    def standing(self) -> set[Text]:
        return written(self.campus)

    def also(self) -> set[Text]:
        return set()

    def fail(self, fault: Fault, after: int = 0, count: int = 99) -> None:
        first = len(self.client.addresses) + after + 1

        def before(number: int) -> None:
            if first <= number < first + count:
                self.campus.settings.faults.fail_next(1, fault)

        self.client.before = before

    def calls(self) -> int:
        return len(self.client.addresses)

    def addresses(self) -> str:
        return " ".join(self.client.addresses)

    def _week(self, number: int) -> str:
        return self.campus.content.weeks[number]


def furnish(campus: Campus) -> None:
    """Leave two forums (one with a private reply), a hidden one and two assignments; add what may not be read."""
    content = campus.content
    general = next(forum for forum in content.forums if forum.week == 0 and forum.visible)
    private = next(forum for forum in content.forums if _has_private(forum))
    content.forums = list({one.id: one for one in (private, general)}.values()) + [
        forum for forum in content.forums if not forum.visible
    ]
    content.assignments = content.assignments[:2]
    first, second = content.assignments
    campus.submit(first.submissions[0].author, first.id, "<p>NOT HANDED IN</p>", "draft")
    campus.submit(second.submissions[0].author, second.id, "<p>Written a second time.</p>")


def _has_private(forum: object) -> bool:
    return any(post.private for discussion in forum.discussions for post in discussion.posts)  # type: ignore[attr-defined]


def written(campus: Campus) -> set[Text]:
    """What stands in the campus's state, as both faces show it; embedded files have addresses of their own."""
    now = campus.now()
    posts = {
        ("forum", campus.roster_sub(post.author), post.current(now).html)
        for forum in campus.forums()
        for discussion in forum.discussions
        for post in campus.posts(discussion)
        if "PLUGINFILE" not in post.current(now).html
    }
    return posts | {
        ("reflection", campus.roster_sub(row.author), row.versions[-1].html)
        for task in campus.assignments()
        for row in campus.submissions(task)
        if row.status == "submitted" and row.author and not (task.blind or task.team)
    }


def texts(posts: Collection[PostFacts]) -> set[Text]:
    return {(post.kind, post.author_id, post.html) for post in posts if not post.deleted}


def read(connector: Connector, course_id: str = "2", **asked: object) -> list[PostFacts]:
    """Every post of every activity that is read."""
    return [
        post
        for activity in connector.activities(course_id)
        if not activity.unreadable
        for post in connector.posts(activity, **asked)  # type: ignore[arg-type]
    ]
