"""The Moodle REST endpoint: token, function, parameters in PHP style, and errors inside a 200 body."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from flask import Blueprint, Response, request

from lti_tool.demo.campus.platform import campus
from lti_tool.demo.campus.state import Campus
from lti_tool.errors import NotFoundError

Parameters = dict[str, Any]
Kind = Literal["int", "text", "ints", "texts", "options"]

bp = Blueprint("moodle", __name__)


class MoodleError(Exception):
    """An exception of Moodle's; without a code where Moodle sends none."""

    def __init__(self, exception: str, code: str | None, message: str) -> None:
        super().__init__(message)
        self.body = {"exception": exception, "errorcode": code, "message": message}
        if code is None:
            del self.body["errorcode"]


@dataclass(frozen=True)
class Function:
    call: Callable[[Campus, Parameters], Any]
    needed: dict[str, Kind]
    optional: dict[str, Kind]


FUNCTIONS: dict[str, Function] = {}


def function(
    name: str, needed: dict[str, Kind] | None = None, optional: dict[str, Kind] | None = None
) -> Callable[[Callable[[Campus, Parameters], Any]], Callable[[Campus, Parameters], Any]]:
    """Offer a web-service function that takes exactly these parameters."""

    def register(call: Callable[[Campus, Parameters], Any]) -> Callable[[Campus, Parameters], Any]:
        FUNCTIONS[name] = Function(call, needed or {}, optional or {})
        return call

    return register


def invalid_parameter() -> MoodleError:
    return MoodleError(
        "core\\exception\\invalid_parameter_exception", "invalidparameter", "Invalid parameter value detected"
    )


def not_accessible() -> MoodleError:
    return MoodleError(
        "core\\exception\\require_login_exception", "requireloginerror", "Course or activity not accessible."
    )


def missing_record(table: str) -> MoodleError:
    return MoodleError(
        "dml_missing_record_exception", "invalidrecord", f"Can't find data record in database table {table}."
    )


@bp.post("/webservice/rest/server.php")
def server() -> Response:
    """Answer one call; every fault that Moodle knows comes with status 200."""
    name = request.form.get("wsfunction", "")
    return campus().settings.faults.answer(name, lambda: _answer(name), _refused)


def unknown_token() -> MoodleError:
    return MoodleError("core\\exception\\moodle_exception", "invalidtoken", "Invalid token - token not found")


def no_service() -> MoodleError:
    return MoodleError("webservice_access_exception", "accessexception", "Access control exception")


def _refused() -> Response:
    return Response(json.dumps(unknown_token().body), content_type="application/json")


def _answer(name: str) -> Response:
    try:
        body = _call(name)
    except MoodleError as error:
        body = error.body
    except NotFoundError:
        body = missing_record("course_modules").body
    return Response(json.dumps(body), content_type="application/json")


def _call(name: str) -> Any:
    form = request.form.to_dict()
    if form.pop("wstoken", "") != campus().settings.service_token:
        raise unknown_token()
    form.pop("wsfunction", None)
    form.pop("moodlewsrestformat", None)
    if not re.fullmatch(r"(core|mod)_[a-z]+_[a-z_]+", name):
        raise missing_record("external_functions")
    if name not in FUNCTIONS or name in campus().settings.moodle_without:
        raise no_service()
    return FUNCTIONS[name].call(campus(), _parameters(FUNCTIONS[name], form))


def _parameters(asked: Function, form: dict[str, str]) -> Parameters:
    """Typed parameters; MoodleError for a missing, malformed or unknown one."""
    given = _nested(form)
    known = {**asked.needed, **asked.optional}
    if set(given) - set(known) or set(asked.needed) - set(given):
        raise invalid_parameter()
    return {name: _typed(value, known[name]) for name, value in given.items()}


def _nested(form: dict[str, str]) -> dict[str, Any]:
    """PHP's reading of names: `ids[0]=2` is a list, `options[0][name]=x` a list of records."""
    result: dict[str, Any] = {}
    for full, value in form.items():
        name, keys = full.split("[", 1)[0], re.findall(r"\[([^]]*)]", full)
        if not keys:
            result[name] = value
        elif len(keys) == 1:
            result.setdefault(name, {})[keys[0]] = value
        else:
            result.setdefault(name, {}).setdefault(keys[0], {})[keys[1]] = value
    return result


def _typed(value: Any, kind: Kind) -> Any:
    try:
        match kind:
            case "int":
                return int(value)
            case "ints":
                return [int(one) for one in value.values()]
            case "texts":
                return [str(one) for one in value.values()]
            case "options":
                return {row["name"]: row["value"] for row in value.values()}
            case "text" if isinstance(value, str):
                return value
    except (TypeError, ValueError, AttributeError, KeyError):
        pass
    raise invalid_parameter()
