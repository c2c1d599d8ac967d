"""Discussion topics of a Canvas course, and the entries of each by its tree.

A topic tells when it was last replied to, and neither edits nor deletions. So with a moment to begin at, a topic
without a newer reply is not asked for, and one with newer replies is read whole: the tree is one call however large it
is, while the list of entries holds first-level ones only and would need a call for the replies of each.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.canvas_course import Section, moment
from lti_tool.lms.errors import LmsAccountError, LmsRefusedError, LmsUnavailableError, well_formed
from lti_tool.lms.protocol import ActivityFacts, PostFacts, Unreadable

Places = dict[tuple[str, str], Section]
STALE = timedelta(hours=1)
"""How late a change may show in the tree, which a job of Canvas's rebuilds; what comes later, a complete read finds."""


@dataclass(frozen=True)
class Topic:
    """What is kept of a listed topic until it is read."""

    facts: ActivityFacts
    opening: PostFacts | None
    children: tuple[tuple[str, str], ...]
    """(group id, topic id) of a group discussion, each with entries of its own."""
    replies: int = 0
    """How many the list counts; a tree without any is then not the topic's."""


def topics(calls: CanvasCalls, course: str, placed: Places) -> Iterator[Topic]:
    """Topics that students can see. Announcements are staff's and left out; a group's topic comes with its root."""
    for row in calls.pages(f"{course}/discussion_topics"):
        section = placed.get(("Discussion", str(row["id"])), Section())
        shown = row.get("published") and not section.hidden
        if shown and not row.get("is_announcement") and not row.get("root_topic_id"):
            yield _topic(calls.base_url + course, row, section)


def entries(calls: CanvasCalls, course: str, topic: Topic, since: datetime | None) -> Iterator[PostFacts]:
    """The topic's own text and every entry; with `since`, what was added, changed or deleted about then or later.

    A group whose entries cannot be read is passed over and raised at the end, so that no such read counts as complete.
    """
    if since and topic.facts.changed_at and topic.facts.changed_at < since:
        return
    start = since - STALE if since else None
    owners = [(course, topic.facts.external_id)]
    owners += [(f"/groups/{group}", child) for group, child in topic.children]
    met, fault = 0, None  # type: int, LmsRefusedError | LmsUnavailableError | None
    for owner, topic_id in owners:
        try:
            posts = _tree(calls, owner, topic_id, topic.facts.external_id)
        except LmsAccountError:
            raise
        except (LmsRefusedError, LmsUnavailableError) as error:
            fault = fault or error
            continue
        met += len(posts)
        yield from (post for post in posts if start is None or (post.edited_at or post.created_at) >= start)
    if topic.replies and not met and not fault:
        # Taken for the whole topic, it would delete every post of it.
        raise LmsUnavailableError(code="lms_malformed")
    if fault and not met:
        raise fault
    if topic.opening:
        # Whenever it was written: an edit of it shows nowhere, and it came with the list.
        yield topic.opening
    if fault:
        raise fault


def _topic(address: str, row: dict[str, Any], section: Section) -> Topic:
    children = tuple(
        (str(child["group_id"]), str(child["id"])) for child in row.get("group_topic_children") or []
    )
    facts = section.activity(
        str(row["id"]),
        "forum",
        str(row["title"]),
        f"{address}/discussion_topics/{row['id']}",
        # A group's replies do not show in the root topic.
        changed_at=None if children else moment(row.get("last_reply_at")),
        unreadable=_unreadable(row),
        author_id=_author(row, section),
    )
    replies = 0 if children else int(row.get("discussion_subentry_count") or 0)
    return Topic(facts, None if facts.unreadable else _opening(row, facts), children, replies)


def _author(row: dict[str, Any], section: Section) -> str | None:
    """Who opened the topic, so whose text its title is. A copied topic has no author: staff's where they placed it."""
    author = row.get("author") or {}
    if author.get("id"):
        return str(author["id"])
    by_staff = row.get("assignment_id") is not None or section.number is not None
    return None if by_staff and not row.get("anonymous_state") else ""


def _unreadable(row: dict[str, Any]) -> Unreadable:
    """Anonymous topics are kept out of this API; others are shown only to those who have written in them."""
    if row.get("anonymous_state"):
        return "anonymous"
    initial = row.get("require_initial_post") and row.get("user_can_see_posts") is False
    return "initial_post" if initial else ""


def _opening(row: dict[str, Any], facts: ActivityFacts) -> PostFacts | None:
    """The topic itself is its author's text; Canvas does not tell when it was changed."""
    author, created = row.get("author") or {}, moment(row.get("posted_at") or row.get("created_at"))
    if not author.get("id") or created is None or not row.get("message"):
        return None
    return PostFacts(
        external_id=f"topic-{facts.external_id}",
        kind="forum",
        author_id=str(author["id"]),
        thread_id=facts.external_id,
        parent_id=None,
        title=facts.name,
        html=str(row["message"]),
        created_at=created,
        url=facts.url,
    )


def _tree(calls: CanvasCalls, owner: str, topic_id: str, root_id: str) -> list[PostFacts]:
    """The cached tree, and the entries that it does not hold yet; of an entry in both, the newer state."""
    with well_formed():
        return list(_entries(calls, f"{owner}/discussion_topics/{topic_id}", topic_id, root_id))


def _entries(calls: CanvasCalls, path: str, topic_id: str, root_id: str) -> Iterator[PostFacts]:
    view = calls.read(f"{path}/view", {"include_new_entries": 1})
    if not isinstance(view["view"], list):
        raise LmsUnavailableError(code="lms_malformed")
    waiting, found = deque([*view["view"], *(view.get("new_entries") or [])]), dict[str, PostFacts]()
    while waiting:
        entry = waiting.popleft()
        waiting += entry.get("replies") or []
        post = _entry(entry, topic_id, root_id, calls.base_url + path)
        known = found.get(post.external_id)
        if known is None or _state(post) >= _state(known):
            found[post.external_id] = post
    yield from found.values()


def _state(post: PostFacts) -> tuple[bool, datetime]:
    """Deleted is for good."""
    return post.deleted, post.edited_at or post.created_at


def _entry(entry: dict[str, Any], topic_id: str, root_id: str, url: str) -> PostFacts:
    """A deleted entry has lost its author and its words; its replies stay."""
    created, updated = moment(entry["created_at"]), moment(entry["updated_at"])
    if created is None or updated is None:
        raise ValueError("an entry without a time")
    gone = bool(entry.get("deleted"))
    return PostFacts(
        external_id=str(entry["id"]),
        kind="forum",
        author_id="" if gone else str(entry["user_id"] or ""),
        thread_id=topic_id,
        parent_id=str(entry.get("parent_id") or f"topic-{root_id}"),
        title=None,
        html="" if gone else str(entry.get("message") or ""),
        created_at=created,
        edited_at=updated if updated > created else None,
        deleted=gone,
        url=f"{url}?entry_id={entry['id']}",
    )
