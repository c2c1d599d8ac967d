"""What a campus consists of: people, forums with their posts, reflections with their submissions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["instructor", "administrator", "student"]


Choice = dict[str, bool] | Literal["never", "visitor"] | None
"""How a student means to answer the choice page: A to D and `earlier`, or `never`, or the visitor's seat.

Only the demonstration itself may know it; no address of the campus tells it.
"""


@dataclass(frozen=True)
class Person:
    id: int
    key: str
    given: str
    family: str
    email: str
    role: Role
    language: str
    group: str
    choice: Choice

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()

    @property
    def number(self) -> str:
        """The number on the campus card (a Moodle "ID number")."""
        return f"s22910{self.id + 36}" if self.role == "student" else ""


@dataclass(frozen=True)
class Version:
    at: datetime
    html: str


@dataclass
class Post:
    id: int
    key: str
    discussion_id: int
    author: str
    parent: int | None
    versions: list[Version]
    deleted_at: datetime | None = None
    private: bool = False

    @property
    def created(self) -> datetime:
        return self.versions[0].at

    def current(self, now: datetime) -> Version:
        """The last version written by `now`."""
        return [version for version in self.versions if version.at <= now][-1]


@dataclass
class Discussion:
    id: int
    key: str
    forum_id: int
    subject: str
    pinned: bool
    posts: list[Post]
    group: str | None = None
    """Whose it is where a forum keeps groups apart; None is for all participants."""


@dataclass
class Forum:
    id: int
    cmid: int
    key: str
    name: str
    kind: str
    """Moodle's type: general, single, eachuser, qanda, blog or news."""
    week: int
    visible: bool
    discussions: list[Discussion]
    separate_groups: bool = False
    opener: str = "instructor"
    """Whose topic it is in Canvas, where students open some; in Moodle all forums are the teacher's."""
    message: str = "<p>Questions and answers, one topic for all.</p>"
    """The opener's text, which stands in a Canvas topic itself."""


@dataclass
class Submission:
    id: int
    author: str
    """Of a group's text, "" in the row that holds the text and a member in each stub beside it."""
    versions: list[Version]
    status: Literal["submitted", "draft", "new", "reopened"] = "submitted"
    attempt: int = 0
    group: str | None = None


@dataclass
class Assignment:
    id: int
    cmid: int
    key: str
    name: str
    week: int
    due: datetime
    submissions: list[Submission]
    visible: bool = True
    blind: bool = False
    revealed: bool = False
    """Of a blind one: the graders may see the names by now."""
    team: bool = False


@dataclass
class OtherModule:
    """Something on the course page that holds students' texts and is no forum and no assignment."""

    id: int
    cmid: int
    kind: Literal["workshop", "data"]
    name: str
    week: int
