"""The posts of one Moodle forum, whatever its type."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lti_tool.errors import UndertoneError
from lti_tool.lms.errors import LmsUnavailableError
from lti_tool.lms.moodle_calls import ERROR, MoodleCalls, lacking, missing_right
from lti_tool.lms.moodle_course import edited, time
from lti_tool.lms.moodle_pages import MOST_ROUNDS, Discussion, discussions, unusable
from lti_tool.lms.protocol import PostFacts

Row = dict[str, Any]
POSTS = "mod_forum_get_discussion_posts"
QUESTIONS = "mod/forum:viewqandawithoutposting"
GROUPS = "moodle/site:accessallgroups"
NO_GROUP = "moodle_no_group"
"""Code of a forum with groups in which nobody writes, or nobody that the account sees: a note more than a fault."""
NO_GROUP_SEEN = "A forum keeps groups apart and shows nothing of them. If none has written yet, all is well."
MOST_DOUBTS = 20
"""Discussions that may fail in one reading: some vanish while it goes on, but not many."""


@dataclass(frozen=True)
class Forum:
    """What must be known of a forum to judge what it shows."""

    id: str
    counted: int = 0
    """Discussions, by the forum's own row."""
    questions: bool = False
    """A question-and-answer forum, where answers are hidden from who did not answer."""
    separate_groups: bool = False


@dataclass
class ForumReading:
    """One pass over a forum, during which discussions may be split or vanish."""

    calls: MoodleCalls
    forum: Forum
    group_seen: bool = False
    """Whether any forum of the course has shown a group's discussion, which takes the right to all groups."""
    _seen: set[str] = field(default_factory=set)
    _doubts: dict[str, UndertoneError | None] = field(default_factory=dict)
    """Discussions that were not read as listed, and the error if they are still there."""

    def posts(self, since: datetime | None) -> Iterator[PostFacts]:
        """Every post; with `since`, every post of the discussions that were opened or answered since.

        A quick pass sees no edit of a reply and no deletion: Moodle's lists keep no trace of them. Raises
        LmsRefusedError for what is empty because a right is missing, also after some posts have come.
        """
        listed = discussions(self.calls, self.forum.id, self.forum.counted)
        if not listed and self.forum.counted:
            raise nothing_shown(separate_groups=self.forum.separate_groups)
        least = None if since is None else int(since.timestamp())
        yield from self._read(
            {key: row for key, row in listed.items() if least is None or row.moved >= least}
        )
        yield from self._settle(listed)
        if self.forum.separate_groups:
            self._require_groups(listed)

    def _require_groups(self, listed: dict[str, Discussion]) -> None:
        """Raise LmsRefusedError unless a group's discussion was seen, here or in another forum that keeps them apart.

        Where groups see each other nothing is told by it, so such forums do not count.
        """
        self.group_seen = self.group_seen or any(one.of_group for one in listed.values())
        if not self.group_seen:
            code = "moodle_missing_right" if self.forum.counted else NO_GROUP
            raise lacking(GROUPS, perhaps=NO_GROUP_SEEN, code=code)

    def _read(self, rows: dict[str, Discussion]) -> Iterator[PostFacts]:
        for key, row in rows.items():
            for post in self._posts_of(key, row):
                if post.external_id not in self._seen:
                    self._seen.add(post.external_id)
                    yield post

    def _posts_of(self, key: str, row: Discussion) -> list[PostFacts]:
        """Nothing, and a doubt, for a discussion that may have vanished since it was listed."""
        try:
            rows = posts_of(self.calls, key)
        except LmsUnavailableError as error:
            if error.code != ERROR or len(self._doubts) >= MOST_DOUBTS:
                raise
            self._doubts[key] = error
            return []
        if not rows:
            self._doubts[key] = missing_right(POSTS)
        elif len(rows) <= row.replies:
            if self.forum.questions and hides_answers(row, rows):
                raise lacking(QUESTIONS)
            self._doubts[key] = None
        return [_post(one, key, self.calls.base_url) for one in rows if not one.get("isprivatereply")]

    def _settle(self, listed: dict[str, Discussion]) -> Iterator[PostFacts]:
        """Doubts about what is gone are forgotten; posts that were split off meanwhile are read where they are now.

        What was split off can be in doubt as well, so it goes on until nothing is.
        """
        known = set(listed)
        for _ in range(MOST_ROUNDS):
            doubts, self._doubts = self._doubts, {}
            if not doubts:
                return
            still = discussions(self.calls, self.forum.id)
            for key, doubt in doubts.items():
                if doubt is not None and key in still:
                    raise doubt
            yield from self._read({key: row for key, row in still.items() if key not in known})
            known |= still.keys()
        if self._doubts:
            raise unusable("A forum changed faster than it could be read, so it was not read to its end.")


def nothing_shown(*, separate_groups: bool) -> UndertoneError:
    """The refusal for a forum that counts discussions and shows none: it is listed, so groups are the nearer reason."""
    return lacking(GROUPS) if separate_groups else missing_right("mod_forum_get_forum_discussions")


def posts_of(calls: MoodleCalls, discussion_id: str) -> list[Row]:
    """The rows of a discussion, opening post first; one answer holds them all."""
    asked = {"discussionid": discussion_id, "sortby": "created", "sortdirection": "ASC"}
    rows: list[Row] = calls.call(POSTS, asked)["posts"]
    return rows


def hides_answers(question: Discussion, posts: list[Row]) -> bool:
    """Whether a question counts answers and shows none."""
    return question.replies > 0 and all(post.get("parentid") is None for post in posts)


def _post(row: Row, discussion_id: str, base_url: str) -> PostFacts:
    """Removed posts and those of deleted accounts come without their text."""
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
        created_at=time(created),
        edited_at=edited(created, row["timemodified"]),
        deleted=gone,
        url=f"{base_url}/mod/forum/discuss.php?d={discussion_id}#p{row['id']}",
    )
