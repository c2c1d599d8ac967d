"""The campus as it stands at its clock: who is enrolled, which posts exist, what they say now.

Everything is in memory. What a person does through the pages and what a test does in the same process go
through the same methods. A history is made of these; each takes effect at `now()`, which `settings.now` moves, and both
faces show it at once:

- `open_discussion(key, forum_id, subject, html)`, `reply(key, parent_id, html)`: a post; both return what they made
- `edit(key, post_id, html)`: moves the post's own time and, as in Moodle, not its discussion's
- `delete(key, post_id)`, `delete_with_replies(post_id)`: by its author, or by staff with everything below it
- `submit(key, assignment_id, html)` (again: rewrites it; `status="draft"`: not handed in), `revert_to_draft`,
  `withdraw_submission`, `reopen` (a new, empty attempt), then `submit` again
- `leave(key, "unenrolled" | "suspended" | "deleted")`, `come_back(key)`; `forget(key)`: erased by the privacy tools
- `add_forum`, `open_topic`, `add_assignment`, `add_other`, `submit_as_group`: further activities (`building.py`)

What stands now: `forums()` → `forum.discussions` → `posts(discussion)`, `assignments()` → `submissions(task)`.
"""

import threading
from datetime import datetime
from typing import Literal

from lti_tool.demo.campus.building import Building, written
from lti_tool.demo.campus.content import Content, load
from lti_tool.demo.campus.records import Assignment, Discussion, Forum, Person, Post, Submission, Version
from lti_tool.demo.campus.settings import CampusSettings, six_weeks_before
from lti_tool.errors import NotAllowedError, NotFoundError

Gone = Literal["unenrolled", "suspended", "deleted"]


class Campus(Building):
    """One running campus. `settings` may be changed while it runs."""

    def __init__(self, settings: CampusSettings) -> None:
        self.settings = settings
        self.start = settings.start or six_weeks_before(settings.now())
        self.content: Content = load(self.start)
        self.gone: dict[str, Gone] = {}
        """People who are no longer active in the course, by key."""
        self.forgotten: set[str] = set()
        """People whose posts were emptied through the LMS's privacy tools."""
        self._lock = threading.RLock()

    def now(self) -> datetime:
        return self.settings.now()

    # People

    def people(self) -> list[Person]:
        """Everybody with their intentions; for callers in this process only."""
        return list(self.content.people)

    def students(self) -> list[Person]:
        return [person for person in self.content.people if person.role == "student"]

    def person(self, key: str) -> Person:
        """The person called `key`, or NotFoundError."""
        for person in self.content.people:
            if person.key == key:
                return person
        raise NotFoundError

    def user_id(self, key: str) -> int:
        """The LMS's number of a person, in both LMSs' calls."""
        return self.person(key).id

    def roster_sub(self, key: str) -> str:
        """The `sub` of a person's launches, which is also their `user_id` in the roster."""
        return str(self.user_id(key))

    def enrolled(self, *, suspended: bool = True) -> list[Person]:
        """Students and the instructor who are in the course, ordered by id."""
        away = ("unenrolled", "deleted") if suspended else ("unenrolled", "deleted", "suspended")
        inside = [
            p for p in self.content.people if p.role != "administrator" and self.gone.get(p.key) not in away
        ]
        return sorted(inside, key=lambda person: person.id)

    def leave(self, key: str, how: Gone) -> None:
        """Take a person out of the course in one of the ways an LMS knows."""
        self.gone[self.person(key).key] = how

    def come_back(self, key: str) -> None:
        """Enrol someone again who was unenrolled or suspended: their submissions are there again."""
        self.gone.pop(self.person(key).key, None)

    def forget(self, key: str) -> None:
        """Empty a person's posts as Moodle's privacy tools do: rows stay, words go."""
        self.forgotten.add(self.person(key).key)

    # Forums

    def forums(self, *, hidden: bool = False) -> list[Forum]:
        return [forum for forum in self.content.forums if forum.visible or hidden]

    def discussion(self, discussion_id: int, *, hidden: bool = False) -> Discussion:
        """The discussion, or NotFoundError when it lies in a hidden forum or has not begun."""
        for forum in self.forums(hidden=hidden):
            for discussion in forum.discussions:
                if discussion.id == discussion_id and self.posts(discussion):
                    return discussion
        raise NotFoundError

    def posts(self, discussion: Discussion, *, private: bool = False) -> list[Post]:
        """Posts that exist now, oldest first; a deleted post takes its replies along."""
        now = self.now()
        there: dict[int, Post] = {}
        for post in sorted(discussion.posts, key=lambda post: (post.created, post.id)):
            written = post.created <= now and not is_deleted(post, now)
            if written and (post.parent is None or post.parent in there) and (private or not post.private):
                there[post.id] = post
        return list(there.values())

    def post(self, post_id: int) -> tuple[Discussion, Post]:
        """An existing post and its discussion, hidden forums included, or NotFoundError."""
        for forum in self.content.forums:
            for discussion in forum.discussions:
                for post in self.posts(discussion, private=True):
                    if post.id == post_id:
                        return discussion, post
        raise NotFoundError

    def reply(self, key: str, parent_id: int, html: str, *, private: bool = False) -> Post:
        """Write a reply as `key`; `html` is taken as it is."""
        with self._lock:
            discussion, parent = self.post(parent_id)
            number = next(self.content.next_id)
            version = Version(self.now(), written(html))
            post = Post(number, f"live{number}", discussion.id, key, parent.id, [version], private=private)
            discussion.posts.append(post)
            return post

    def edit(self, key: str, post_id: int, html: str) -> Post:
        """Change a person's own post, or NotAllowedError."""
        with self._lock:
            _, post = self._own(key, post_id)
            post.versions.append(Version(self.now(), written(html)))
            return post

    def delete(self, key: str, post_id: int) -> None:
        """Delete a person's own post. Only staff may delete one that was answered, as in Moodle."""
        with self._lock:
            discussion, post = self._own(key, post_id)
            answered = any(other.parent == post.id for other in self.posts(discussion, private=True))
            if answered and self.person(key).role == "student":
                raise NotAllowedError("This post was answered, so it can no longer be deleted.")
            post.deleted_at = self.now()

    def delete_with_replies(self, post_id: int) -> None:
        """Delete a post as staff does, with everything below it."""
        self.delete("instructor", post_id)

    def _own(self, key: str, post_id: int) -> tuple[Discussion, Post]:
        discussion, post = self.post(post_id)
        if post.author != key and self.person(key).role == "student":
            raise NotAllowedError("Only its author can change a post.")
        return discussion, post

    # Reflections

    def assignment(self, assignment_id: int) -> Assignment:
        """The assignment, hidden ones included, or NotFoundError."""
        for assignment in self.content.assignments:
            if assignment.id == assignment_id:
                return assignment
        raise NotFoundError

    def assignments(self, *, hidden: bool = False) -> list[Assignment]:
        return [one for one in self.content.assignments if one.visible or hidden]

    def submissions(self, assignment: Assignment) -> list[Submission]:
        """Rows that exist now, of people who are active in the course: each person's latest attempt."""
        now = self.now()
        latest: dict[tuple[str, str | None], Submission] = {}
        for row in assignment.submissions:
            if row.versions[0].at <= now and row.author not in self.gone:
                latest[row.author, row.group] = row
        return list(latest.values())

    def submission(self, assignment: Assignment, key: str) -> Submission | None:
        return next((row for row in self.submissions(assignment) if row.author == key), None)

    def submit(
        self, key: str, assignment_id: int, html: str, status: Literal["submitted", "draft"] = "submitted"
    ) -> Submission:
        """Write or rewrite a person's reflection."""
        with self._lock:
            assignment = self.assignment(assignment_id)
            version = Version(self.now(), written(html))
            row = self.submission(assignment, key)
            if row is None:
                row = Submission(next(self.content.next_id), key, [version], status)
                assignment.submissions.append(row)
            else:
                row.versions.append(version)
                row.status = status
            return row

    def revert_to_draft(self, key: str, assignment_id: int) -> None:
        """Give a submission back to be worked on, as staff does: text and time stay as they are."""
        self._submitted(key, assignment_id).status = "draft"

    def withdraw_submission(self, key: str, assignment_id: int) -> None:
        """Remove a submission as Moodle does: the row stays `new` and empty, its time unchanged."""
        with self._lock:
            row = self._submitted(key, assignment_id)
            row.versions = [*row.versions[:-1], Version(row.versions[-1].at, "")]
            row.status = "new"

    def reopen(self, key: str, assignment_id: int) -> Submission:
        """Allow another attempt: an empty row with an id of its own takes the place of the last one."""
        with self._lock:
            last = self._submitted(key, assignment_id)
            made = Submission(next(self.content.next_id), key, [Version(self.now(), "")], "reopened")
            made.attempt = last.attempt + 1
            self.assignment(assignment_id).submissions.append(made)
            return made

    def _submitted(self, key: str, assignment_id: int) -> Submission:
        row = self.submission(self.assignment(assignment_id), key)
        if row is None:
            raise NotFoundError
        return row


def is_deleted(post: Post, now: datetime) -> bool:
    return post.deleted_at is not None and post.deleted_at <= now


def current(submission: Submission, now: datetime) -> Version:
    """The last version of a submission written by `now`."""
    return [version for version in submission.versions if version.at <= now][-1]
