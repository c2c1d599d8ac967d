"""The Canvas REST calls a pull makes, over the same course: bearer token, opaque links, trees of entries.

A forum is a topic; what opens a Moodle discussion is a top-level entry. Ids are those of Moodle's calls.
"""

import re
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, request

from lti_tool.demo.campus import canvas_tasks, canvas_topics
from lti_tool.demo.campus.canvas_answers import CanvasError, answer, near, not_found, unauthorised
from lti_tool.demo.campus.canvas_gate import includes, passed
from lti_tool.demo.campus.canvas_kinds import children, entries_of, require_readable
from lti_tool.demo.campus.canvas_paging import paged
from lti_tool.demo.campus.content import COURSE_ID
from lti_tool.demo.campus.platform import campus
from lti_tool.demo.campus.records import Forum, Post

bp = Blueprint("canvas", __name__, url_prefix="/api/v1")


def call(
    name: str, path: str, scope: str = ""
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Offer a GET: token, scope and a course in the path are checked; `canvas:name` may be made to fail.

    The scope is the path as Canvas writes it, unless another is given.
    """
    needed = scope or re.sub(r"<int:(\w+)>", r":\1", path)

    def register(produce: Callable[..., Response]) -> Callable[..., Response]:
        def checked(given: dict[str, int]) -> Response:
            if given.pop("course_id", COURSE_ID) != COURSE_ID:
                raise not_found()
            return produce(**given)

        def endpoint(**given: int) -> Response:
            told = {key: near(number) for key, number in given.items()}
            refused = unauthorised("Invalid access token.").response
            return campus().settings.faults.answer(
                f"canvas:{name}", lambda: passed(name, needed, lambda: checked(told)), lambda: refused
            )

        bp.add_url_rule(path, name, endpoint)
        return produce

    return register


def topic_of(topic_id: int) -> Forum:
    """The visible forum, else 404."""
    for forum in campus().forums():
        if forum.id == topic_id:
            return forum
    raise not_found()


@call("courses", "/courses")
def courses() -> Response:
    return paged([canvas_topics.course(campus())])


@call("course", "/courses/<int:course_id>", "/courses/:id")
def course() -> Response:
    return answer(canvas_topics.course(campus()))


@call("modules", "/courses/<int:course_id>/modules")
def modules() -> Response:
    return paged(canvas_topics.modules(campus(), "items" in includes()))


@call("module_items", "/courses/<int:course_id>/modules/<int:module_id>/items")
def module_items(module_id: int) -> Response:
    held = {row["id"]: row["items"] for row in canvas_topics.modules(campus(), with_items=True)}
    if module_id not in held:
        raise not_found()
    return paged(held[module_id])


@call("topics", "/courses/<int:course_id>/discussion_topics")
def topics() -> Response:
    """Announcements stand here as well, so that a caller has to look."""
    return paged(
        [canvas_topics.topic(campus(), forum, entries_of(campus(), forum)) for forum in campus().forums()]
    )


@call("view", "/courses/<int:course_id>/discussion_topics/<int:topic_id>/view")
def view(topic_id: int) -> Response:
    forum = topic_of(topic_id)
    require_readable(campus(), forum)
    return _view(topic_id, entries_of(campus(), forum))


@call("group_view", "/groups/<int:group_id>/discussion_topics/<int:topic_id>/view")
def group_view(group_id: int, topic_id: int) -> Response:
    for forum in campus().forums():
        if {"id": topic_id, "group_id": group_id} in children(campus(), forum):
            return _view(topic_id, entries_of(campus(), forum, group_id))
    raise not_found()


def _view(topic_id: int, posts: list[Post]) -> Response:
    """The tree, which may be old or not there yet; what it lacks comes apart from it when asked."""
    switches, now = campus().settings.canvas, campus().now()
    at = switches.trees.moment(topic_id, now, _changed(posts, now), switches.building, switches.stale_reads)
    if at is None:
        raise CanvasError(503, "")
    # The default leaves what was written live out of the tree, so that callers meet both lists.
    live = at == now and not switches.stale_reads
    new = [post for post in posts if post.created > at or (live and post.key.startswith("live"))]
    apart = new if "include_new_entries" in request.args else []
    if live:
        return answer(canvas_topics.view(campus(), [post for post in posts if post not in apart], apart, at))
    return answer(canvas_topics.view(campus(), [post for post in posts if post not in new], apart, at))


def _changed(posts: list[Post], now: datetime) -> datetime:
    """When something of a topic was last written, edited or deleted."""
    moments = [post.current(now).at for post in posts]
    moments += [post.deleted_at for post in posts if post.deleted_at is not None and post.deleted_at <= now]
    return max(moments, default=campus().start)


@call("entry_list", "/courses/<int:course_id>/discussion_topics/<int:topic_id>/entry_list")
def entry_list(topic_id: int) -> Response:
    """Entries by id, deleted ones included; one unknown id is a 404."""
    forum = topic_of(topic_id)
    require_readable(campus(), forum)
    known = {str(entry.id): entry for entry in entries_of(campus(), forum)}
    wanted = [str(near(int(one))) for one in request.args.getlist("ids[]")]
    if set(wanted) - set(known):
        raise not_found()
    return paged([canvas_topics.entry(campus(), known[one]) for one in sorted(wanted, key=int)])


@call("assignments", "/courses/<int:course_id>/assignments")
def assignments() -> Response:
    return paged([canvas_tasks.assignment(campus(), one) for one in campus().content.assignments])


@call("submissions", "/courses/<int:course_id>/students/submissions")
def submissions() -> Response:
    """A row for every student and assignment; `submitted_since` is strictly later than."""
    wanted = {str(near(int(one))) for one in request.args.getlist("assignment_ids[]")}
    if wanted - {str(one.id) for one in campus().content.assignments if one.visible}:
        raise CanvasError(403, {"error": "invalid assignment ids requested"})
    since = request.args.get("submitted_since")
    try:
        after = canvas_topics.parse_time(since) if since else None
    except ValueError as error:
        words = "Invalid datetime for submitted_since"
        raise CanvasError(400, {"errors": {"submitted_since": words}}) from error
    return paged(canvas_tasks.submissions(campus(), wanted, after, request.args.get("workflow_state")))


@call("users", "/courses/<int:course_id>/users")
def users() -> Response:
    enrollments = "enrollments" in includes()
    return paged(canvas_tasks.users(campus(), request.args.getlist("enrollment_type[]"), enrollments))
