"""Canvas's pages: ten rows by default and a hundred at most, and links whose addresses callers follow as they are."""

import base64
import binascii
import json
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from lti_tool.demo.campus.canvas_answers import answer, not_found
from lti_tool.demo.campus.platform import campus

GAP = -1
"""Marks the empty page before the rows that begin at the other number."""


def paged(rows: list[Any]) -> Response:
    """One page of `rows`, in the form that the switches say."""
    switches, faults = campus().settings.canvas, campus().settings.faults
    size = min(max(request.args.get("per_page", default=10, type=int), 1), switches.longest_page)
    start, gap = _place(request.args.get("page", ""), size)
    step = max(1, size // 2) if switches.page_shape == "short" else size
    response = answer([] if gap else rows[start : start + step])
    following = start if gap else start + step
    links = {"current": _address(start, size, gap=gap)}
    if faults.paging == "repeats":
        links["next"] = _address(0, size)
    elif faults.paging == "endless":
        links["next"] = _address(following, size)
    elif gap or following < len(rows):
        into_gap = not gap and start == 0 and switches.page_shape == "empty_middle"
        links["next"] = _address(following, size, gap=into_gap)
    links["first"] = _address(0, size)
    if switches.last_link:
        links["last"] = _address(max(0, (len(rows) - 1) // step * step), size)
    response.headers[switches.link_header] = ",".join(
        f'<{_led_away(address) if name == "next" else address}>; rel="{name}"'
        for name, address in links.items()
    )
    return response


def _address(start: int, size: int, *, gap: bool = False) -> str:
    mark = (
        base64.urlsafe_b64encode(json.dumps([start, GAP] if gap else [start]).encode()).decode().rstrip("=")
    )
    numbered = campus().settings.canvas.paging == "numbers" and not gap and start % size == 0
    page = str(start // size + 1) if numbered else f"bookmark:{mark}"
    kept = [
        pair for pair in request.args.items(multi=True) if pair[0] not in ("page", "per_page", "access_token")
    ]
    query = urlencode([*kept, ("page", page), ("per_page", str(size))])
    return f"{campus().settings.base_url}{request.path}?{query}"


def _led_away(address: str) -> str:
    host = campus().settings.canvas.next_host
    return address.replace(campus().settings.base_url, host, 1) if host else address


def _place(told: str, size: int) -> tuple[int, bool]:
    """Where a page starts and whether it is an empty one: a page number, a bookmark of ours, or nothing."""
    if told in ("", "first"):
        return 0, False
    if told.isdigit():
        return max(0, int(told) - 1) * size, False
    try:
        mark = told.removeprefix("bookmark:")
        start, *rest = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        return int(start), rest == [GAP]
    except (ValueError, TypeError, binascii.Error) as error:
        raise not_found() from error
