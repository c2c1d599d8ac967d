"""The Canvas REST calls a pull makes, over the same course: bearer token, opaque links, trees of entries.

A forum is a topic; what opens a Moodle discussion is a top-level entry. Ids are those of Moodle's calls.
"""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from lti_tool.demo.campus import canvas_tasks, canvas_topics
from lti_tool.demo.campus.content import COURSE_ID
from lti_tool.demo.campus.platform import campus
from lti_tool.demo.campus.records import Forum, Post

LONGEST_PAGE = 100
STRING_IDS = "application/json+canvas-string-ids"

bp = Blueprint("canvas", __name__, url_prefix="/api/v1")


class CanvasError(Exception):
    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.response = _json(body, status)
        self.response.headers.update(headers or {})


def _json(body: Any, status: int = 200) -> Response:
    told = _with_string_ids(body) if STRING_IDS in request.headers.get("Accept", "") else body
    return Response(json.dumps(told), status, content_type="application/json; charset=utf-8")


def _with_string_ids(body: Any) -> Any:
    """The same with ids as strings, for callers whose numbers are too short for them."""
    if isinstance(body, list):
        return [_with_string_ids(one) for one in body]
    if not isinstance(body, dict):
        return body
    ids = {name for name, value in body.items() if name.endswith("id") and isinstance(value, int)}
    return {name: str(value) if name in ids else _with_string_ids(value) for name, value in body.items()}


def not_found() -> CanvasError:
    return CanvasError(404, {"errors": [{"message": "The specified resource does not exist."}]})


def call(name: str, path: str) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Offer a GET: the token and a course in the path are checked; `canvas:name` may be made to fail."""

    def register(produce: Callable[..., Response]) -> Callable[..., Response]:
        def checked(given: dict[str, int]) -> Response:
            try:
                _check_token()
                if given.pop("course_id", COURSE_ID) != COURSE_ID:
                    raise not_found()
                return produce(**given)
            except CanvasError as error:
                return error.response

        def endpoint(**given: int) -> Response:
            return campus().settings.faults.answer(f"canvas:{name}", lambda: checked(given))

        bp.add_url_rule(path, name, endpoint)
        return produce

    return register


def _check_token() -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    challenge = {"WWW-Authenticate": 'Bearer realm="canvas-lms"'}
    if scheme != "Bearer":
        body = {"status": "unauthenticated", "errors": [{"message": "user authorization required"}]}
        raise CanvasError(401, body, challenge)
    if token != campus().settings.canvas_token:
        raise CanvasError(401, {"errors": [{"message": "Invalid access token."}]}, challenge)
    if not request.headers.get("User-Agent"):
        raise CanvasError(403, {"error": "Forbidden", "message": "Requests need a valid user agent."})


def paged(rows: list[Any]) -> Response:
    """One page of `rows`, ten by default and a hundred at most; the links hold marks, not numbers."""
    size = min(max(request.args.get("per_page", default=10, type=int), 1), LONGEST_PAGE)
    start = _bookmark(request.args.get("page", ""))
    response = _json(rows[start : start + size])
    following = {"next": start + size} if start + size < len(rows) else {}
    places = {"current": start, **following, "first": 0}
    links = [f'<{_address(place, size)}>; rel="{relation}"' for relation, place in places.items()]
    response.headers["Link"] = ",".join(links)
    response.headers["X-Request-Cost"] = "0.1"
    response.headers["X-Rate-Limit-Remaining"] = "598.9"
    return response


def _address(start: int, size: int) -> str:
    mark = base64.urlsafe_b64encode(json.dumps([start]).encode()).decode().rstrip("=")
    kept = [
        pair for pair in request.args.items(multi=True) if pair[0] not in ("page", "per_page", "access_token")
    ]
    query = urlencode([*kept, ("page", f"bookmark:{mark}"), ("per_page", str(size))])
    return f"{campus().settings.base_url}{request.path}?{query}"


def _bookmark(told: str) -> int:
    """Where a page starts: a bookmark of ours, or nothing, or `first`."""
    if told in ("", "first", "1"):
        return 0
    try:
        mark = told.removeprefix("bookmark:")
        return int(json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))[0])
    except (ValueError, TypeError, IndexError, binascii.Error) as error:
        raise not_found() from error


def topic_of(topic_id: int) -> Forum:
    """The visible forum, else 404."""
    for forum in campus().forums():
        if forum.id == topic_id:
            return forum
    raise not_found()


def entries_of(forum: Forum) -> list[Post]:
    """Every entry written by now, deleted ones too, oldest first."""
    now = campus().now()
    posts = [post for discussion in forum.discussions for post in discussion.posts if not post.private]
    return sorted((post for post in posts if post.created <= now), key=lambda post: (post.created, post.id))


@call("courses", "/courses")
def courses() -> Response:
    return paged([canvas_topics.course(campus())])


@call("course", "/courses/<int:course_id>")
def course() -> Response:
    return _json(canvas_topics.course(campus()))


@call("modules", "/courses/<int:course_id>/modules")
def modules() -> Response:
    return paged(canvas_topics.modules(campus(), "items" in request.args.getlist("include[]")))


@call("module_items", "/courses/<int:course_id>/modules/<int:module_id>/items")
def module_items(module_id: int) -> Response:
    held = {row["id"]: row["items"] for row in canvas_topics.modules(campus(), with_items=True)}
    if module_id not in held:
        raise not_found()
    return paged(held[module_id])


@call("topics", "/courses/<int:course_id>/discussion_topics")
def topics() -> Response:
    return paged([canvas_topics.topic(campus(), forum, entries_of(forum)) for forum in campus().forums()])


@call("view", "/courses/<int:course_id>/discussion_topics/<int:topic_id>/view")
def view(topic_id: int) -> Response:
    """The whole tree; live entries come apart from it when asked, as while Canvas rebuilds it."""
    apart = "include_new_entries" in request.args
    return _json(canvas_topics.view(campus(), entries_of(topic_of(topic_id)), apart))


@call("entry_list", "/courses/<int:course_id>/discussion_topics/<int:topic_id>/entry_list")
def entry_list(topic_id: int) -> Response:
    """Entries by id, deleted ones included; one unknown id is a 404."""
    known = {str(entry.id): entry for entry in entries_of(topic_of(topic_id))}
    wanted = request.args.getlist("ids[]")
    if set(wanted) - set(known):
        raise not_found()
    return paged([canvas_topics.entry(campus(), known[one]) for one in sorted(wanted, key=int)])


@call("assignments", "/courses/<int:course_id>/assignments")
def assignments() -> Response:
    return paged([canvas_tasks.assignment(campus(), one) for one in campus().content.assignments])


@call("submissions", "/courses/<int:course_id>/students/submissions")
def submissions() -> Response:
    """A row for every student and assignment; `submitted_since` is strictly later than."""
    wanted = set(request.args.getlist("assignment_ids[]"))
    if wanted - {str(one.id) for one in campus().content.assignments}:
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
    enrollments = "enrollments" in request.args.getlist("include[]")
    return paged(canvas_tasks.users(campus(), request.args.getlist("enrollment_type[]"), enrollments))
