"""The pages of the campus: who to be, the course, its forums and reflections, and the frame of the tool."""

from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, send_from_directory, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lti_tool.demo.campus.claims import LINKS, RESOURCE_LINK_ID
from lti_tool.demo.campus.content import TOOL_CMID
from lti_tool.demo.campus.platform import campus
from lti_tool.demo.campus.records import Assignment, Forum, Person, Post
from lti_tool.demo.campus.state import current
from lti_tool.demo.campus.words import as_html, as_text
from lti_tool.errors import InvalidInputError, NotAllowedError, NotFoundError

COOKIE = "campus_user"

bp = Blueprint("pages", __name__)


@bp.before_app_request
def know_the_person() -> None:
    """Read who the visitor has chosen to be; an unknown name counts as nobody."""
    key = request.cookies.get(COOKIE)
    g.person = next((one for one in campus().content.people if one.key == key), None)


def person() -> Person:
    """Who is logged in, or NotAllowedError."""
    if g.person is None:
        raise NotAllowedError(_("Choose on the first page who you want to be."))
    found: Person = g.person
    return found


def is_staff() -> bool:
    return person().role != "student"


@bp.get("/")
def home() -> str:
    everyone = campus().people()
    named = {one.key: one for one in everyone}
    first = [named["visitor"], named["instructor"], named["admin"]]
    others = sorted((one for one in campus().students() if one.key != "visitor"), key=lambda one: one.given)
    return render_template("campus/home.html", first=first, others=others)


@bp.get("/as/<key>")
def arrive(key: str) -> Response:
    """The same as logging in, for an address that the demonstration prints."""
    return login(key)


@bp.post("/login/<key>")
def login(key: str) -> Response:
    """Become a person; anybody may be anybody on a sample campus."""
    chosen = campus().person(key)
    response = redirect(url_for("pages.course", id=2))
    response.set_cookie(COOKIE, chosen.key, samesite="Lax", httponly=True)
    return response


@bp.post("/logout")
def logout() -> Response:
    response = redirect(url_for("pages.home"))
    response.delete_cookie(COOKIE, samesite="Lax", httponly=True)
    return response


@bp.get("/course/view.php")
def course() -> str:
    person()
    sections = []
    for number, name in enumerate(campus().content.weeks):
        forums = [forum for forum in campus().forums(hidden=is_staff()) if forum.week == number]
        tasks = [task for task in campus().content.assignments if task.week == number]
        sections.append((number, name, [(forum, _count(forum)) for forum in forums], tasks))
    return render_template("campus/course.html", sections=sections, tool_cmid=TOOL_CMID)


def _count(forum: Forum) -> int:
    return sum(len(campus().posts(discussion)) for discussion in forum.discussions)


@bp.get("/mod/lti/view.php")
def tool() -> str:
    """One of the tool's links inside the course, in a frame named as Moodle names it."""
    person()
    link = request.args.get("link", RESOURCE_LINK_ID)
    if link not in LINKS:
        raise NotFoundError
    connected = campus().settings.tool is not None
    return render_template("campus/tool.html", connected=connected, link=link, title=LINKS[link][0])


@bp.get("/mod/lti/return.php")
def tool_return() -> Response:
    return redirect(url_for("pages.course", id=2))


@bp.get("/mod/forum/view.php")
def forum() -> str:
    person()
    found = _by_cmid(campus().forums(hidden=is_staff()))
    threads = [
        (one, posts) for one in found.discussions if (posts := campus().posts(one, private=is_staff()))
    ]
    threads.sort(key=lambda pair: (not pair[0].pinned, -pair[1][-1].created.timestamp()))
    return render_template("campus/forum.html", forum=found, threads=threads)


def _by_cmid(activities: list[Any]) -> Any:
    wanted = request.args.get("id", default=0, type=int)
    for activity in activities:
        if activity.cmid == wanted:
            return activity
    raise NotFoundError


@bp.get("/mod/forum/discuss.php")
def discussion() -> str:
    person()
    found = campus().discussion(request.args.get("d", default=0, type=int), hidden=is_staff())
    home = next(one for one in campus().content.forums if one.id == found.forum_id)
    posts = [
        post for post in campus().posts(found, private=True) if not post.private or _may_read_private(post)
    ]
    rows = [(post, _depth(post, posts), post.current(campus().now())) for post in _in_tree_order(posts)]
    answered = {post.parent for post in posts}
    return render_template(
        "campus/discussion.html", discussion=found, forum=home, rows=rows, answered=answered, staff=is_staff()
    )


def _may_read_private(post: Post) -> bool:
    """A private reply is for staff and for the student it answers."""
    _discussion, parent = campus().post(post.parent or post.id)
    return is_staff() or parent.author == person().key


def _depth(post: Post, posts: list[Post]) -> int:
    parents = {one.id: one.parent for one in posts}
    depth, above = 0, post.parent
    while above is not None:
        depth, above = depth + 1, parents.get(above)
    return depth


def _in_tree_order(posts: list[Post], parent: int | None = None) -> list[Post]:
    ordered = []
    for post in posts:
        if post.parent == parent:
            ordered += [post, *_in_tree_order(posts, post.id)]
    return ordered


@bp.get("/mod/forum/post.php")
def edit_post() -> str:
    """The form to change one's own post."""
    found, post = campus().post(request.args.get("edit", default=0, type=int))
    if post.author != person().key:
        raise NotAllowedError(_("Only its author can change a post."))
    text = as_text(post.current(campus().now()).html)
    return render_template("campus/edit.html", discussion=found, post=post, text=text)


@bp.post("/mod/forum/post.php")
def write_post() -> Response:
    """Reply to, change or delete a post, as the button says."""
    post_id = request.form.get("post", default=0, type=int)
    found, _post = campus().post(post_id)
    campus().discussion(found.id, hidden=is_staff())
    html = as_html(request.form.get("text", ""))
    match request.form.get("action"):
        case "reply":
            place = campus().reply(person().key, post_id, html).id
        case "edit":
            place = campus().edit(person().key, post_id, html).id
        case "delete":
            campus().delete(person().key, post_id)
            if not campus().posts(found):
                home = next(one for one in campus().content.forums if one.id == found.forum_id)
                return redirect(url_for("pages.forum", id=home.cmid))
            place = found.posts[0].id
        case _:
            raise InvalidInputError
    return redirect(url_for("pages.discussion", d=found.id, _anchor=f"p{place}"))


@bp.get("/mod/assign/view.php")
def reflection() -> str:
    """A student's own reflection with its form; for staff everybody's."""
    person()
    task: Assignment = _by_cmid(campus().content.assignments)
    rows = [
        (one, current(one, campus().now())) for one in campus().submissions(task) if one.status == "submitted"
    ]
    own = next((version for one, version in rows if one.author == person().key), None)
    text = as_text(own.html) if own else ""
    return render_template(
        "campus/reflection.html", task=task, rows=rows, own=own, text=text, staff=is_staff()
    )


@bp.post("/mod/assign/view.php")
def write_reflection() -> Response:
    task: Assignment = _by_cmid(campus().content.assignments)
    if is_staff():
        raise NotAllowedError(_("Reflections are written by students."))
    campus().submit(person().key, task.id, as_html(request.form.get("text", "")))
    return redirect(url_for("pages.reflection", id=task.cmid))


@bp.get("/webservice/pluginfile.php/<path:name>")
@bp.get("/pluginfile.php/<path:name>")
def picture(name: str) -> Response:
    """A picture that a post shows."""
    folder = f"{current_app.static_folder}/pictures"
    return send_from_directory(folder, name.rpartition("/")[2])
