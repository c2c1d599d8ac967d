"""Canvas's answers as JSON, ids as the caller asked for them, and its refusals."""

import json
from typing import Any

from flask import Response, request

from lti_tool.demo.campus.platform import campus

STRING_IDS = "application/json+canvas-string-ids"
FAR = 10_000_000_000_000_000
"""Added to every id where records live on another shard."""
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="canvas-lms"'}


class CanvasError(Exception):
    """A refusal; `body` is JSON, or text as it is."""

    def __init__(
        self, status: int, body: dict[str, Any] | str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(status)
        text = body if isinstance(body, str) else json.dumps(body)
        kind = "text/plain" if headers and "X-Rate-Limit-Remaining" in headers else "application/json"
        self.response = Response(text, status, content_type=f"{kind}; charset=utf-8")
        self.response.headers.update(headers or {})


def answer(body: Any) -> Response:
    """The body with ids as numbers, or as strings for callers whose numbers are too short for them."""
    if campus().settings.canvas.far_ids:
        body = _changed(body, lambda number: number + FAR)
    if STRING_IDS in request.headers.get("Accept", ""):
        body = _changed(body, str)
    return Response(json.dumps(body), content_type="application/json; charset=utf-8")


def near(number: int) -> int:
    """The id here of an id that was told with `far_ids`."""
    return number - FAR if number >= FAR else number


def not_found() -> CanvasError:
    return CanvasError(404, {"errors": [{"message": "The specified resource does not exist."}]})


def unauthorised(message: str) -> CanvasError:
    return CanvasError(401, {"errors": [{"message": message}]}, CHALLENGE)


def no_permission() -> CanvasError:
    words = "user not authorized to perform that action"
    status = int(campus().settings.canvas.permission)
    return CanvasError(status, {"status": "unauthorized", "errors": [{"message": words}]})


def _changed(body: Any, change: Any) -> Any:
    if isinstance(body, list):
        return [_changed(one, change) for one in body]
    if not isinstance(body, dict):
        return body
    ids = {name for name, value in body.items() if name.endswith("id") and isinstance(value, int)}
    return {name: change(value) if name in ids else _changed(value, change) for name, value in body.items()}
