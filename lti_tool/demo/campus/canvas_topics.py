"""Canvas's records of the course, its modules, topics and entries, field by field."""

from datetime import UTC, datetime
from typing import Any

from lti_tool.demo.campus.canvas_kinds import children, special
from lti_tool.demo.campus.content import COURSE_ID
from lti_tool.demo.campus.records import Assignment, Forum, Person, Post
from lti_tool.demo.campus.state import Campus, is_deleted


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(told: str) -> datetime:
    """An ISO 8601 time with a zone, or ValueError."""
    at = datetime.fromisoformat(told)
    if at.tzinfo is None:
        raise ValueError(told)
    return at


def course(campus: Campus) -> dict[str, Any]:
    return {
        "id": COURSE_ID,
        "name": campus.content.title,
        "course_code": campus.content.short,
        "workflow_state": "available",
        "start_at": iso(campus.start),
        "end_at": None,
        "time_zone": "Etc/UTC",
    }


def modules(campus: Campus, with_items: bool) -> list[dict[str, Any]]:
    """A module for each section that holds something visible."""
    result = []
    for number, name in enumerate(campus.content.weeks):
        items = _items(campus, number)
        row = {
            "id": number + 1,
            "name": name,
            "position": number + 1,
            "unlock_at": None,
            "require_sequential_progress": False,
            "published": True,
            "items_count": len(items),
            "items_url": f"{_api(campus)}/modules/{number + 1}/items",
        }
        result.append({**row, "items": items} if with_items else row)
    return result


def _items(campus: Campus, week: int) -> list[dict[str, Any]]:
    held: list[tuple[str, str, Forum | Assignment]] = [
        ("Discussion", "discussion_topics", forum) for forum in campus.forums() if forum.week == week
    ]
    held += [("Assignment", "assignments", one) for one in campus.content.assignments if one.week == week]
    return [
        {
            "id": activity.cmid,
            "module_id": week + 1,
            "position": position,
            "title": activity.name,
            "indent": 0,
            "type": kind,
            "content_id": activity.id,
            "published": True,
            "html_url": f"{campus.settings.base_url}/courses/{COURSE_ID}/modules/items/{activity.cmid}",
            "url": f"{_api(campus)}/{path}/{activity.id}",
        }
        for position, (kind, path, activity) in enumerate(held, start=1)
    ]


def _api(campus: Campus) -> str:
    return f"{campus.settings.base_url}/api/v1/courses/{COURSE_ID}"


def person(campus: Campus, one: Person) -> dict[str, Any]:
    return {
        "id": one.id,
        "anonymous_id": f"{one.id:x}",
        "display_name": one.name,
        "avatar_image_url": f"{campus.settings.base_url}/images/messages/avatar-50.png",
        "html_url": f"{campus.settings.base_url}/courses/{COURSE_ID}/users/{one.id}",
        "pronouns": None,
    }


def topic(campus: Campus, forum: Forum, entries: list[Post]) -> dict[str, Any]:
    """A topic has no `updated_at`: edits and deletions do not show here."""
    opened, opener = iso(campus.start), campus.person(forum.opener)
    address = f"{campus.settings.base_url}/courses/{COURSE_ID}/discussion_topics/{forum.id}"
    absent = (
        "delayed_post_at assignment_id root_topic_id lock_at anonymous_state podcast_url group_category_id "
        "todo_date"
    )
    off = (
        "podcast_has_student_posts allow_rating only_graders_can_rate sort_by_rating is_section_specific "
        "require_initial_post can_unpublish locked comments_disabled pinned locked_for_user is_announcement"
    )
    row = {
        "id": forum.id,
        "title": forum.name,
        "last_reply_at": iso(entries[-1].created) if entries else opened,
        "created_at": opened,
        "posted_at": opened,
        **dict.fromkeys(absent.split()),
        "position": forum.id,
        "discussion_type": "threaded",
        **dict.fromkeys(off.split(), False),
        "user_name": opener.name,
        "discussion_subentry_count": sum(1 for entry in entries if not is_deleted(entry, campus.now())),
        "permissions": {"attach": False, "update": False, "reply": True, "delete": False},
        "user_can_see_posts": True,
        "read_state": "read",
        "unread_count": 0,
        "subscribed": False,
        "attachments": [],
        "published": True,
        "can_lock": False,
        "author": person(campus, opener),
        "html_url": address,
        "url": address,
        "can_group": False,
        "topic_children": [child["id"] for child in children(campus, forum)],
        "group_topic_children": children(campus, forum),
        "message": forum.message,
    }
    return row | special(campus, forum)


def entry(campus: Campus, post: Post, at: datetime | None = None) -> dict[str, Any]:
    """An entry as of `at` without its replies; a deleted one has lost its author and its words."""
    at = at or campus.now()
    version = post.current(at)
    author = campus.user_id(post.author)
    row: dict[str, Any] = {
        "id": post.id,
        "user_id": author,
        "parent_id": post.parent,
        "created_at": iso(post.created),
        "updated_at": iso(version.at),
        "rating_count": None,
        "rating_sum": None,
        "message": version.html.replace("@@PLUGINFILE@@", f"{campus.settings.base_url}/pluginfile.php"),
    }
    if version.at != post.created:
        row["editor_id"] = author
    if post.deleted_at is not None and is_deleted(post, at):
        del row["user_id"], row["message"]
        row |= {"deleted": True, "editor_id": author, "updated_at": iso(post.deleted_at)}
    return row


def view(campus: Campus, posts: list[Post], new: list[Post], at: datetime) -> dict[str, Any]:
    """Participants and the tree of entries as of `at`; `new` is a flat list beside it, as it stands now."""
    tree: list[dict[str, Any]] = []
    rows: dict[int, dict[str, Any]] = {}
    for post in posts:
        rows[post.id] = row = entry(campus, post, at)
        place = tree if post.parent is None else rows[post.parent].setdefault("replies", [])
        place.append(row)
    authors = dict.fromkeys(post.author for post in [*posts, *new] if not is_deleted(post, campus.now()))
    return {
        "unread_entries": [],
        "forced_entries": [],
        "entry_ratings": {},
        "participants": [person(campus, campus.person(key)) for key in authors],
        "view": tree,
        "new_entries": [entry(campus, post) for post in new],
    }
