"""What the tool asks of Canvas's REST API: one table, for the developer key, the authorisation and the check (S20).

Reading only, and of what could be read only what a pull uses: who is in a course comes with the launches' own key.
"""

import re
from dataclasses import dataclass

ROOT = "/api/v1"
FORM = "url:GET|"


@dataclass(frozen=True)
class Scope:
    """One scope as Canvas's developer keys name it, and what it is for, in words for the page and the check."""

    path: str
    use: str

    @property
    def name(self) -> str:
        return f"{FORM}{ROOT}{self.path}"

    @property
    def probe(self) -> str:
        """An address under the scope where nothing lies: no record of Canvas has the id 0."""
        return re.sub(r":\w+", "0", self.path)

    def covers(self, path: str) -> bool:
        return re.fullmatch(re.sub(r":\w+", "[^/]+", self.path), path) is not None


TABLE = (
    Scope("/courses/:course_id/modules", "Modules of the course"),
    Scope("/courses/:course_id/modules/:module_id/items", "Items of a module"),
    Scope("/courses/:course_id/discussion_topics", "Discussions of the course"),
    Scope("/courses/:course_id/discussion_topics/:topic_id/view", "Posts of a discussion"),
    Scope("/groups/:group_id/discussion_topics/:topic_id/view", "Posts of a group discussion"),
    Scope("/courses/:course_id/assignments", "Assignments of the course"),
    Scope("/courses/:course_id/students/submissions", "Submissions of an assignment"),
)
SCOPES = tuple(scope.name for scope in TABLE)


def scope_of(path: str) -> Scope | None:
    """The scope under which a path such as `/courses/7/assignments` is read; None for one that is not in the table."""
    return next((scope for scope in TABLE if scope.covers(path)), None)
