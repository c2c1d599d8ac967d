"""Moodle functions about forums, discussions and posts, as the reading account sees them."""

from datetime import datetime
from typing import Any

from lti_tool.demo.campus.content import COURSE_ID
from lti_tool.demo.campus.moodle import MoodleError, Parameters, function, invalid_parameter, not_accessible
from lti_tool.demo.campus.moodle_course import picture, seconds
from lti_tool.demo.campus.moodle_rights import (
    discussions,
    forums,
    may,
    posts,
    require_entry,
    require_forum,
    sees_hidden,
)
from lti_tool.demo.campus.records import Discussion, Forum, Post
from lti_tool.demo.campus.state import Campus
from lti_tool.errors import NotFoundError

REMOVED_SUBJECT = "This forum post has been removed"
REMOVED_MESSAGE = "The content of this forum post has been removed and can no longer be accessed."
NEVER = ("edit", "delete", "split", "reply", "export", "markasread", "markasunread")


@function("mod_forum_get_forums_by_courses", {}, {"courseids": "ints"})
def forums_by_courses(campus: Campus, asked: Parameters) -> list[dict[str, Any]]:
    rights = may(campus, "moodle/course:view") and may(campus, "mod/forum:viewdiscussion")
    wanted = rights and COURSE_ID in asked.get("courseids", [])
    return [_forum(campus, forum) for forum in forums(campus)] if wanted else []


def _forum(campus: Campus, forum: Forum) -> dict[str, Any]:
    zeros = (
        "duedate cutoffdate assessed assesstimestart assesstimefinish scale grade_forum "
        "grade_forum_notify maxbytes forcesubscribe rsstype rssarticles warnafter blockafter "
        "blockperiod completiondiscussions completionreplies completionposts lockdiscussionafter"
    )
    return {
        "id": forum.id,
        "course": COURSE_ID,
        "type": forum.kind,
        "name": forum.name,
        "intro": "",
        "introformat": 1,
        "introfiles": [],
        "lang": "",
        **dict.fromkeys(zeros.split(), 0),
        "maxattachments": 1,
        "trackingtype": 1,
        "timemodified": seconds(campus.start),
        "cmid": forum.cmid,
        "numdiscussions": len(discussions(campus, forum)),
        "cancreatediscussions": False,
        "istracked": False,
    }


@function(
    "mod_forum_get_forum_discussions",
    {"forumid": "int"},
    {"sortorder": "int", "page": "int", "perpage": "int", "groupid": "int"},
)
def forum_discussions(campus: Campus, asked: Parameters) -> dict[str, Any]:
    """Discussions of a forum, pinned first whatever the order; past the last page an empty list."""
    forum = next((one for one in campus.forums(hidden=True) if one.id == asked["forumid"]), None)
    if forum is None:
        words = f"Unable to find forum with id {asked['forumid']}"
        raise MoodleError("core\\exception\\moodle_exception", words, f"error/{words}")
    require_forum(campus, forum)
    order = asked.get("sortorder", 1)
    if order not in range(-1, 7):
        raise invalid_parameter()
    rows = [_discussion(campus, *one) for one in discussions(campus, forum)]
    field = {
        1: "timemodified",
        2: "timemodified",
        3: "created",
        4: "created",
        5: "numreplies",
        6: "numreplies",
    }
    rows.sort(key=lambda row: row[field.get(order, "timemodified")], reverse=order in (-1, 0, 1, 3, 5))
    rows.sort(key=lambda row: not row["pinned"])
    return {"discussions": _page(campus, rows, asked), "warnings": []}


def _page(campus: Campus, rows: list[dict[str, Any]], asked: Parameters) -> list[dict[str, Any]]:
    """A page, all of it without a size, or a page of a list that is broken (`Faults.paging`)."""
    page, size = max(asked.get("page", 0), 0), asked.get("perpage", 0)
    broken = campus.settings.faults.paging
    if size <= 0:
        return rows
    if broken == "repeats":
        return rows[:size]
    found = rows[page * size : (page + 1) * size]
    if broken == "endless" and rows and len(found) < size:
        return [{**rows[-1], "discussion": 1_000_000 + page * size + place} for place in range(size)]
    return found


def _discussion(campus: Campus, discussion: Discussion, written: list[Post]) -> dict[str, Any]:
    first, last = written[0], written[-1]
    version = first.current(campus.now())
    author, latest = _author(campus, first), _author(campus, last)
    return {
        "id": first.id,
        "name": discussion.subject,
        "groupid": -1 if discussion.group is None else 1 + "AB".index(discussion.group),
        # A new reply moves this; an edit does not.
        "timemodified": seconds(last.created),
        "usermodified": latest["id"],
        "timestart": 0,
        "timeend": 0,
        "discussion": discussion.id,
        "parent": 0,
        "userid": author["id"],
        "created": seconds(first.created),
        "modified": seconds(version.at),
        "mailed": 0,
        "subject": discussion.subject,
        "message": _message(campus, first),
        "messageformat": 1,
        "messagetrust": 0,
        "attachment": False,
        "totalscore": 0,
        "mailnow": 0,
        "userfullname": author["fullname"],
        "usermodifiedfullname": latest["fullname"],
        "userpictureurl": picture(campus, "f2"),
        "usermodifiedpictureurl": picture(campus, "f2"),
        "numreplies": len(written) - 1,
        "numunread": 0,
        "pinned": discussion.pinned,
        "locked": False,
        "starred": False,
        "canreply": False,
        "canlock": False,
        "canfavourite": True,
    }


@function(
    "mod_forum_get_discussion_posts",
    {"discussionid": "int"},
    {"sortby": "text", "sortdirection": "text", "includeinlineattachments": "int"},
)
def discussion_posts(campus: Campus, asked: Parameters) -> dict[str, Any]:
    """Every post of a discussion but private replies, which the reading account may not see."""
    try:
        discussion = campus.discussion(asked["discussionid"], hidden=True)
    except NotFoundError as error:
        raise MoodleError("Error", None, "Call to a member function get_forum_id() on null") from error
    forum = next(one for one in campus.content.forums if one.id == discussion.forum_id)
    require_entry(campus)
    if not (forum.visible or sees_hidden(campus)):
        raise not_accessible()
    if asked.get("sortby", "created") not in ("created", "modified", "id"):
        raise invalid_parameter()
    rows = [_post(campus, discussion, post) for post in posts(campus, forum, discussion)]
    field = {"created": "id", "modified": "timemodified", "id": "id"}[asked.get("sortby", "created")]
    rows.sort(key=lambda row: row[field], reverse=asked.get("sortdirection", "DESC").upper() != "ASC")
    rating = {
        "contextid": forum.cmid + 21,
        "component": "mod_forum",
        "ratingarea": "post",
        "canviewall": None,
    }
    return {
        "posts": rows,
        "forumid": forum.id,
        "courseid": COURSE_ID,
        "ratinginfo": {**rating, "canviewany": None, "scales": [], "ratings": []},
        "warnings": [],
    }


def _post(campus: Campus, discussion: Discussion, post: Post) -> dict[str, Any]:
    removed = post.author in campus.forgotten
    subject = discussion.subject if post.parent is None else f"Re: {discussion.subject}"
    subject = REMOVED_SUBJECT if removed else subject
    view = f"{campus.settings.base_url}/mod/forum/discuss.php?d={discussion.id}"
    author = _author(campus, post)
    can = (
        "view",
        "edit",
        "delete",
        "split",
        "reply",
        "selfenrol",
        "export",
        "controlreadstatus",
        "canreplyprivately",
    )
    return {
        "id": post.id,
        "subject": subject,
        "replysubject": subject if subject.startswith("Re: ") else f"Re: {subject}",
        "message": _message(campus, post),
        "messageformat": 1,
        "author": author,
        "discussionid": discussion.id,
        "hasparent": post.parent is not None,
        "parentid": post.parent,
        "timecreated": None if removed else seconds(post.created),
        "timemodified": seconds(post.current(campus.now()).at),
        "unread": None,
        "isdeleted": removed,
        "isprivatereply": post.private,
        "haswordcount": False,
        "wordcount": None,
        "charcount": None,
        "capabilities": {name: name == "view" for name in can},
        "urls": {
            "view": f"{view}#p{post.id}",
            "viewisolated": f"{view}&parent={post.id}",
            "viewparent": f"{view}#p{post.parent}" if post.parent else None,
            **dict.fromkeys(NEVER),
            "discuss": view,
        },
        "attachments": [],
        "messageinlinefiles": [],
        "tags": [],
        "html": {
            "rating": None,
            "taglist": None,
            "authorsubheading": None if removed else _heading(author, post.created),
        },
    }


def _author(campus: Campus, post: Post) -> dict[str, Any]:
    person, gone = campus.person(post.author), campus.gone.get(post.author)
    group = {"id": 1 + "AB".index(person.group), "name": f"Group {person.group}", "urls": {"image": None}}
    return {
        "id": person.id,
        "fullname": "Deleted user" if gone == "deleted" else person.name,
        "isdeleted": gone == "deleted",
        "groups": [] if gone == "deleted" or person.role != "student" else [group],
        "urls": {
            "profile": f"{campus.settings.base_url}/user/view.php?id={person.id}&course={COURSE_ID}",
            "profileimage": picture(campus, "f1"),
        },
    }


def _message(campus: Campus, post: Post) -> str:
    if post.author in campus.forgotten:
        return REMOVED_MESSAGE
    files = f"{campus.settings.base_url}/webservice/pluginfile.php/22/mod_forum/post/{post.id}"
    return post.current(campus.now()).html.replace("@@PLUGINFILE@@", files)


def _heading(author: dict[str, Any], at: datetime) -> str:
    link = f'<a href="{author["urls"]["profile"]}">{author["fullname"]}</a>'
    words = f"{at:%A}, {at.day} {at:%B %Y}, {at:%I:%M %p}"
    return f'by {link} - <time datetime="{at.isoformat()}">{words}</time>'
