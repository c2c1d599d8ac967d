"""Ways in which an LMS fails, switched on by a test in the same process; no address reaches them.

`fail_next` plans failures of single calls; `paging` breaks every paged list until it is set back.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from flask import Response

Kind = Literal["unavailable", "timeout", "reset", "half", "not_json", "wrong_form", "slow_down", "refused"]
Paging = Literal["", "repeats", "endless"]
"""Every page is the first one again, or the last one is always followed by another."""
BODIES: dict[Kind, tuple[int, str, str]] = {
    "unavailable": (503, "text/html; charset=utf-8", "<!DOCTYPE html><title>Maintenance</title>"),
    "not_json": (200, "application/json", "<br />\n<b>Warning</b>: Undefined array key"),
    "wrong_form": (200, "application/json", '{"posts": 3, "view": "none", "discussions": {"0": null}}'),
    "slow_down": (429, "text/plain", "Too Many Requests"),
    "refused": (
        401,
        "application/json",
        '{"errors":[{"message":"Invalid access token."}]}',
    ),
}
"""Status, content type and body of what stands in for an answer. A face may have its own form of a refusal."""


@dataclass
class Faults:
    """Planned failures and a count of calls by function name, mutable while the campus runs."""

    calls: Counter[str] = field(default_factory=Counter)
    wait_seconds: float = 20.0
    """How long a call that times out keeps its caller waiting."""
    paging: Paging = ""
    _planned: deque[tuple[Kind, str | None]] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _released: threading.Event = field(default_factory=threading.Event)

    def fail_next(self, count: int = 1, kind: Kind = "unavailable", function: str | None = None) -> None:
        """Let the next `count` calls fail; with `function`, only calls of that name."""
        with self._lock:
            self._released.clear()
            self._planned.extend([(kind, function)] * count)

    def clear(self) -> None:
        """Forget what is planned, page as usual and let waiting calls end."""
        self.paging = ""
        with self._lock:
            self._planned.clear()
            self._released.set()

    def answer(
        self, function: str, produce: Callable[[], Response], refuse: Callable[[], Response] | None = None
    ) -> Response:
        """Count a call of `function` and answer it, or fail it as planned; `refuse` is the face's own "no"."""
        kind = self._take(function)
        if kind is None:
            return produce()
        if kind in ("half", "reset"):
            return _cut(produce(), 0.5 if kind == "half" else 0.0)
        if kind == "timeout":
            self._released.wait(self.wait_seconds)
            return Response("", 504)
        if kind == "refused" and refuse is not None:
            return refuse()
        return _instead(kind)

    def _take(self, function: str) -> Kind | None:
        with self._lock:
            self.calls[function] += 1
            for place, (kind, wanted) in enumerate(self._planned):
                if wanted in (None, function):
                    del self._planned[place]
                    return kind
        return None


def _instead(kind: Kind) -> Response:
    status, content_type, body = BODIES[kind]
    response = Response(body, status, content_type=content_type)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="canvas-lms"'
    return response


def _cut(response: Response, share: float) -> Response:
    """The first part of a page under the length of the whole one, as when a connection breaks."""
    whole = response.get_data()
    response.set_data(whole[: int(len(whole) * share)])
    response.headers["Content-Length"] = str(len(whole))
    return response
