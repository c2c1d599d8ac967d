"""Recorded answers of Moodle, and modelled ones of Canvas, served over HTTP as they are.

Discussions whose posts were not recorded are answered from the recorded list of discussions, which holds each
opening post. A stage ("first", "delta", "gone") says which recording of a call comes first.
"""

import http.server
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lti_tool.lms.canvas import CanvasConnector
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.moodle import MoodleConnector
from lti_tool.lms.moodle_calls import MoodleCalls
from lti_tool.lms.throttling import Pace
from lti_tool.outbound.client import Client
from lti_tool.settings import Settings

HERE = Path(__file__).with_name("captured")
TOKEN = "0123456789abcdef0123456789abcdef"
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Served:
    """A small LMS on a free port; `fail` may answer a call in place of the recording."""

    answer: Callable[["Served", "http.server.BaseHTTPRequestHandler"], Reply]
    stage: str = "first"
    url: str = ""
    calls: Counter[str] = field(default_factory=Counter)
    paths: list[str] = field(default_factory=list)
    """Every address that was called, with its query."""
    fail: Callable[[str, int], Reply | None] = lambda name, number: None
    changes: dict[str, Any] = field(default_factory=dict)
    """Answers put in place of recorded ones, by call."""
    question: dict[str, Any] | None = None
    """A row for the discussion of the question-and-answer forum, which is counted and was not recorded."""


@contextmanager
def serving(lms: Served) -> Iterator[Served]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._reply()

        def do_GET(self) -> None:
            self._reply()

        def _reply(self) -> None:
            status, headers, body = lms.answer(lms, self)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    lms.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield lms
    finally:
        server.shutdown()
        server.server_close()


def settings_for(site: Served, **values: Any) -> Settings:
    """Settings that let the tool call the recording, which is private and plain http."""
    return Settings(environment="test", outbound_hosts=[urlsplit(site.url).netloc], **values)


def moodle_connector(site: Served, token: str = TOKEN) -> MoodleConnector:
    return MoodleConnector(MoodleCalls(Client(settings_for(site)), site.url, token))


def canvas_connector(site: Served, token: str = TOKEN) -> CanvasConnector:
    pace = Pace(sleep=lambda seconds: None)
    return CanvasConnector(CanvasCalls(Client(settings_for(site)), site.url, token, pace=pace))


def moodle(stage: str = "first") -> Served:
    return Served(_moodle, stage)


def canvas() -> Served:
    return Served(_canvas)


def recorded(folder: str, name: str) -> Any:
    """A recording's content, or None."""
    path = HERE / folder / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def _moodle(lms: Served, request: http.server.BaseHTTPRequestHandler) -> Reply:
    form = parse_qs(request.rfile.read(int(request.headers["Content-Length"])).decode())
    asked = {name: values[0] for name, values in form.items()}
    name = asked["wsfunction"]
    lms.paths.append(request.path)
    lms.calls[name] += 1
    failed = lms.fail(name, lms.calls[name])
    if failed is not None:
        return failed
    if asked.get("wstoken") != TOKEN or TOKEN in request.path or "Authorization" in request.headers:
        return _json(recorded("moodle", "error_invalid_token")["response"])
    if name in lms.changes:
        return _json(lms.changes[name](asked))
    return _json(_moodle_answer(lms, name, asked))


def _moodle_answer(lms: Served, name: str, asked: dict[str, str]) -> Any:
    if name == "mod_forum_get_forum_discussions":
        return _discussions(lms, asked)
    if name == "mod_forum_get_discussion_posts":
        return _posts(lms, asked["discussionid"])
    if name == "mod_assign_get_submissions":
        return _submissions(lms, asked)
    if name == "core_enrol_get_enrolled_users" and "onlyactive" in asked.values():
        return recorded("moodle", f"{name}_onlyactive_denied")["response"]
    return _staged(lms, name)["response"]


def _submissions(lms: Served, asked: dict[str, str]) -> Any:
    """As recorded; with `since`, those rows of it, which is what the recording with `since` shows."""
    name, number = "mod_assign_get_submissions", asked["assignmentids[0]"]
    answer = _staged(lms, name) if number == "1" else recorded("moodle", f"{name}_many")
    since = int(asked.get("since", 0))
    tasks = [
        {**task, "submissions": [row for row in task["submissions"] if row["timemodified"] >= since]}
        for task in answer["response"]["assignments"]
        if str(task["assignmentid"]) == number
    ]
    return {**answer["response"], "assignments": tasks}


def _staged(lms: Served, name: str) -> Any:
    stages = {"first": [], "delta": ["delta_"], "gone": ["gone_", "delta2_", "delta_"]}[lms.stage]
    return next(filter(None, (recorded("moodle", f"{stage}{name}") for stage in [*stages, ""])))


def _discussions(lms: Served, asked: dict[str, str]) -> Any:
    if asked["forumid"] == "4" and lms.question is not None and asked.get("page", "0") == "0":
        return {"discussions": [lms.question], "warnings": []}
    ends = {"1": "", "2": "_groups", "3": "_hidden_forum"}
    if asked["forumid"] not in ends:
        return {"discussions": [], "warnings": []}
    name = f"mod_forum_get_forum_discussions{ends[asked['forumid']]}"
    rows = (_staged(lms, name) if not ends[asked["forumid"]] else recorded("moodle", name))["response"]
    first, size = int(asked.get("page", 0)) * int(asked["perpage"]), int(asked["perpage"])
    return {**rows, "discussions": rows["discussions"][first : first + size]}


def _posts(lms: Served, discussion_id: str) -> Any:
    name = "mod_forum_get_discussion_posts"
    own = recorded("moodle", f"gone_{name}_{discussion_id}") if lms.stage == "gone" else _staged(lms, name)
    if own and own["request"]["form"]["discussionid"] == int(discussion_id):
        return own["response"]
    row = next(
        row
        for forum in "1234"
        for row in _discussions(lms, {"forumid": forum, "perpage": "1000"})["discussions"]
        if row["discussion"] == int(discussion_id)
    )
    author = {"id": row["userid"], "fullname": row["userfullname"], "isdeleted": False}
    times = {"timecreated": row["created"], "timemodified": row["modified"]}
    post = {"id": row["id"], "subject": row["subject"], "message": row["message"], "author": author, **times}
    return {"posts": [{**post, "parentid": None, "isdeleted": False, "isprivatereply": False}]}


def _canvas(lms: Served, request: http.server.BaseHTTPRequestHandler) -> Reply:
    path, query = urlsplit(request.path).path, parse_qs(urlsplit(request.path).query)
    lms.calls[path] += 1
    lms.paths.append(request.path)
    failed = lms.fail(path, lms.calls[path])
    if failed is not None:
        return failed
    if request.headers.get("Authorization") != f"Bearer {TOKEN}" or TOKEN in request.path:
        error = recorded("canvas", "errors")["token_expired"]
        return 401, error["headers"], json.dumps(error["body"]).encode()
    if path in lms.changes:
        return _json(lms.changes[path])
    return _canvas_answer(lms, path.removeprefix("/api/v1"), query)


def _canvas_answer(lms: Served, path: str, query: dict[str, list[str]]) -> Reply:
    course = "/courses/3107"
    if path == f"{course}/students/submissions":
        rows = recorded("canvas", "students_submissions")["_body"]
        page = int(query.get("page", ["0"])[0])
        wanted = [row for row in rows if str(row["assignment_id"]) in query.get("assignment_ids[]", ["5501"])]
        link = f'<{lms.url}/api/v1{path}?page={page + 1}&per_page=1>; rel="next"'
        # One row a page: the recordings are small, and pages have to be followed.
        return _json(wanted[page : page + 1], {"link": link} if page + 1 < len(wanted) else {})
    files = {
        course + "/discussion_topics": "discussion_topics",
        course + "/assignments": "assignments",
        course + "/modules": "modules",
        course + "/discussion_topics/9001/view": "discussion_view_stale_with_new_entries",
    }
    if path in files:
        return _json(recorded("canvas", files[path]))
    if path.endswith("/view") and "/0/" not in path:
        return _json({"participants": [], "view": [], "new_entries": []})
    return 404, {}, b'{"errors":[{"message":"The specified resource does not exist."}]}'


def _json(body: Any, headers: dict[str, str] | None = None) -> Reply:
    return 200, {"Content-Type": "application/json", **(headers or {})}, json.dumps(body).encode()
