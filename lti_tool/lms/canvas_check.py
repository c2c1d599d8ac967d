"""What a reading of Canvas needs, tried call by call: scopes by name without a course, permissions in a course."""

from collections.abc import Callable

from lti_tool.errors import UndertoneError
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.canvas_scopes import TABLE, Scope
from lti_tool.lms.checking import failed
from lti_tool.lms.errors import LmsUnavailableError
from lti_tool.lms.protocol import CheckLine

THERE = frozenset({"canvas_not_shown", "canvas_missing_right"})
"""What Canvas answers for an address where nothing lies, once the key's scopes have let the call pass."""
NO_INCLUDES = (
    "“Allow Include Parameters” is off for the developer key. Reading works all the same, with one more call for each "
    "module of a course."
)


def scope_lines(calls: CanvasCalls) -> list[CheckLine]:
    """A line for Canvas itself, and one for each scope that the token lacks, by Canvas's own name of it."""
    first = _fault(calls, TABLE[0])
    if first.code not in (*THERE, "canvas_scopes"):
        return [failed("Canvas answers", first)]
    faults = [(TABLE[0], first)] + [(scope, _fault(calls, scope)) for scope in TABLE[1:]]
    found = [CheckLine("Canvas answers", True)]
    return found + [failed(scope.use, fault) for scope, fault in faults if fault.code not in THERE]


def include_line(calls: CanvasCalls, course: str) -> CheckLine | None:
    """Says that `include[]` is emptied: a scoped key without leave to include loses it without a word."""
    rows = calls.read(f"{course}/modules", {"include[]": ["items"], "per_page": 1})
    emptied = isinstance(rows, list) and bool(rows) and "items" not in rows[0]
    return CheckLine("Include parameters", True, NO_INCLUDES) if emptied else None


def line(name: str, attempt: Callable[[], object]) -> CheckLine:
    """Whether the attempt works; what it gives is dropped at once."""
    try:
        attempt()
    except UndertoneError as error:
        return failed(name, error)
    return CheckLine(name, True)


def _fault(calls: CanvasCalls, scope: Scope) -> UndertoneError:
    """What Canvas says where nothing lies: it looks at scopes before it looks for records."""
    try:
        calls.read(scope.probe)
    except UndertoneError as error:
        return error
    return LmsUnavailableError(code="lms_no_api")
