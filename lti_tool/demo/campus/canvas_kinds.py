"""What is special of a topic: anonymous, to be written in first, of sections or groups, announced, unpublished."""

from typing import Any

from lti_tool.demo.campus.canvas_answers import CanvasError, not_found
from lti_tool.demo.campus.records import Forum, Post
from lti_tool.demo.campus.state import Campus

GROUPS = {"A": 601, "B": 602}
CATEGORY = 31


def children(campus: Campus, forum: Forum) -> list[dict[str, int]]:
    """The topics of a group discussion's groups: each holds its group's entries, the root none of them."""
    if not forum.separate_groups:
        return []
    return [{"id": 1000 * forum.id + group, "group_id": group} for group in GROUPS.values()]


def special(campus: Campus, forum: Forum) -> dict[str, Any]:
    """The fields of a listed topic that differ from an ordinary one's."""
    kind = campus.settings.canvas.topics.get(forum.id, "")
    fields: dict[str, dict[str, Any]] = {
        "full_anonymity": {"anonymous_state": kind, "author": None, "user_name": None},
        "partial_anonymity": {"anonymous_state": kind, "author": None, "user_name": None},
        "initial_post": {"require_initial_post": True, "user_can_see_posts": False},
        "initial_post_unsaid": {"require_initial_post": True},
        "sections": {"is_section_specific": True},
        "announcement": {"is_announcement": True},
        "unpublished": {"published": False},
    }
    return fields.get(kind, {}) | ({"group_category_id": CATEGORY} if forum.separate_groups else {})


def require_readable(campus: Campus, forum: Forum) -> None:
    """Raise what Canvas answers to a read of the entries: 404 for anonymous topics, bare text before one's own post."""
    kind = campus.settings.canvas.topics.get(forum.id, "")
    if kind in ("full_anonymity", "partial_anonymity"):
        raise not_found()
    if kind in ("initial_post", "initial_post_unsaid"):
        raise CanvasError(403, "require_initial_post")


def entries_of(campus: Campus, forum: Forum, group_id: int | None = None) -> list[Post]:
    """Every entry written by now, deleted ones too, oldest first: of a group, or of the topic that all share."""
    now = campus.now()
    names = {number: name for name, number in GROUPS.items()}
    posts = [
        post
        for discussion in forum.discussions
        if not forum.separate_groups or discussion.group == (names[group_id] if group_id else None)
        for post in discussion.posts
        if not post.private and post.created <= now
    ]
    return sorted(posts, key=lambda post: (post.created, post.id))
