"""Ways in which an LMS fails, switched on by a test in the same process; no address reaches them."""

import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from flask import Response

Kind = Literal["unavailable", "timeout", "half"]


@dataclass
class Faults:
    """Planned failures and a count of calls by function name, mutable while the campus runs."""

    calls: Counter[str] = field(default_factory=Counter)
    wait_seconds: float = 20.0
    """How long a call that times out keeps its caller waiting."""
    _planned: deque[tuple[Kind, str | None]] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _released: threading.Event = field(default_factory=threading.Event)

    def fail_next(self, count: int = 1, kind: Kind = "unavailable", function: str | None = None) -> None:
        """Let the next `count` calls fail; with `function`, only calls of that name."""
        with self._lock:
            self._released.clear()
            self._planned.extend([(kind, function)] * count)

    def clear(self) -> None:
        """Forget what is planned and let waiting calls end."""
        with self._lock:
            self._planned.clear()
            self._released.set()

    def answer(self, function: str, produce: Callable[[], Response]) -> Response:
        """Count a call of `function` and answer it, or fail it as planned."""
        kind = self._take(function)
        if kind == "unavailable":
            return Response(
                "<!DOCTYPE html><title>Maintenance</title>", 503, content_type="text/html; charset=utf-8"
            )
        if kind == "timeout":
            self._released.wait(self.wait_seconds)
            return Response("", 504)
        response = produce()
        return _cut(response) if kind == "half" else response

    def _take(self, function: str) -> Kind | None:
        with self._lock:
            self.calls[function] += 1
            for place, (kind, wanted) in enumerate(self._planned):
                if wanted in (None, function):
                    del self._planned[place]
                    return kind
        return None


def _cut(response: Response) -> Response:
    """The first half of a page under the length of the whole one, as when a connection breaks."""
    whole = response.get_data()
    response.set_data(whole[: len(whole) // 2])
    response.headers["Content-Length"] = str(len(whole))
    return response
