"""Canvas's OAuth2: the page that asks a person, codes, tokens of an hour, renewing that kills the one before.

A test in the same process sets `of(app)`; the demonstration needs none of it. Which token reads what is
`canvas_access`'s business.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo.campus.platform import campus

HOUR = 3600
CODE_SECONDS = 600
CHALLENGE = {"WWW-Authenticate": "Canvas OAuth 2.0"}

bp = Blueprint("canvas_tokens", __name__, url_prefix="/login/oauth2")


@dataclass
class Code:
    """A code that waits to be used once; `ends` is on the switches' clock."""

    asked: dict[str, str]
    ends: float


@dataclass
class DeveloperKey:
    """An API developer key and what was granted to it, mutable while the campus runs."""

    client_id: str = "10000000000007"
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    redirect_uris: set[str] = field(default_factory=set)
    on: bool = True
    acting_as: bool = False
    """An administrator acts as another user: `real_user` in the answer."""
    student_view: bool = False
    answers_refresh_token: bool = True
    codes: dict[str, Code] = field(default_factory=dict)
    grants: dict[str, str] = field(default_factory=dict)
    """Refresh token → the one access token that is good."""
    renewals: int = 0
    revocations: int = 0
    dead: set[str] = field(default_factory=set)
    """Access tokens that a renewal has killed."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The forms that the token endpoint was given."""


class _RefusedError(Exception):
    def __init__(self, status: int, error: str, description: str = "") -> None:
        super().__init__(error)
        self.status, self.said = status, {"error": error, "error_description": description}


def of(app: Flask) -> DeveloperKey:
    """The developer key of a campus."""
    found: DeveloperKey = app.extensions["canvas_key"]
    return found


def _key() -> DeveloperKey:
    return current_app.extensions["canvas_key"]  # type: ignore[no-any-return]


def _now() -> float:
    return campus().settings.canvas.clock()


@bp.get("/auth")
def ask() -> AnyResponse | str | tuple[Response, int]:
    """The page on which a person authorises; a wrong key or redirect address is told to nobody but the browser."""
    given = request.args.to_dict()
    if given.get("client_id") != _key().client_id:
        return _json({"error": "invalid_client", "error_description": "unknown client"}), 401
    if given.get("redirect_uri") not in _key().redirect_uris:
        return _json({"error": "invalid_request", "error_description": "redirect_uri does not match"}), 400
    if given.get("response_type") != "code":
        return _back(given, error="unsupported_response_type")
    if not _key().on:
        return _back(given, error="unauthorized_client")
    allowed = campus().settings.canvas.scopes
    missing = set(given.get("scope", "").split()) - (allowed or set())
    if allowed is not None and (missing or not given.get("scope")):
        return _back(given, error="invalid_scope", error_description=f"Missing: {' '.join(sorted(missing))}")
    return render_template("campus/canvas_authorise.html", given=given, scopes=given.get("scope", "").split())


@bp.post("/auth")
def answer() -> AnyResponse:
    """What the person pressed."""
    given = request.form.to_dict()
    if given.pop("answer", "") != "authorise":
        return _back(given, error="access_denied")
    code = secrets.token_hex(32)
    _key().codes[code] = Code(given, _now() + CODE_SECONDS)
    return _back(given, code=code)


@bp.post("/token")
def token() -> Response:
    return campus().settings.faults.answer("canvas:token", _token)


@bp.delete("/token")
def revoke() -> Response:
    return campus().settings.faults.answer("canvas:revoke", _revoke)


def _token() -> Response:
    form = request.form.to_dict()
    key = _key()
    key.asked.append(form)
    try:
        if not key.on or form.get("client_id") != key.client_id or form.get("client_secret") != key.secret:
            raise _RefusedError(401, "invalid_client", "unknown client")
        if form.get("grant_type") == "authorization_code":
            return _json(_granted(key, form))
        if form.get("grant_type") == "refresh_token":
            return _json(_renewed(key, form.get("refresh_token", "")))
        raise _RefusedError(400, "unsupported_grant_type", "The grant_type you requested is not supported")
    except _RefusedError as refused:
        answer = _json(refused.said, refused.status)
        answer.headers.update(CHALLENGE if refused.status == 401 else {})
        return answer


def _granted(key: DeveloperKey, form: dict[str, str]) -> dict[str, Any]:
    code = key.codes.pop(form.get("code", ""), None)
    if code is None or _now() >= code.ends:
        raise _RefusedError(400, "invalid_grant", "authorization_code not found")
    if form.get("redirect_uri") != code.asked.get("redirect_uri"):
        raise _RefusedError(400, "invalid_grant", "incorrect client")
    wanted, verifier = code.asked.get("code_challenge"), form.get("code_verifier", "")
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if wanted and made != wanted:
        raise _RefusedError(400, "invalid_grant", "code_verifier does not match")
    renewing, access = secrets.token_urlsafe(48), _issue(key)
    key.grants[renewing] = access
    answer = _answer(access) | ({"refresh_token": renewing} if key.answers_refresh_token else {})
    return answer | ({"real_user": {"id": 1, "name": "Canvas Admin"}} if key.acting_as else {})


def _renewed(key: DeveloperKey, renewing: str) -> dict[str, Any]:
    """In place: the access token before stops working at once, and the refresh token stays."""
    if renewing not in key.grants:
        raise _RefusedError(400, "invalid_request", "refresh_token not found")
    key.renewals += 1
    campus().settings.canvas.access.replace(key.grants[renewing])
    key.dead.add(key.grants[renewing])
    key.grants[renewing] = _issue(key)
    return _answer(key.grants[renewing])


def _issue(key: DeveloperKey) -> str:
    made = secrets.token_urlsafe(48)
    switches = campus().settings.canvas
    switches.access.admit(made, scopes=switches.scopes, ends=_now() + HOUR, client=key.client_id)
    return made


def _answer(access: str) -> dict[str, Any]:
    user = {
        "id": campus().user_id("instructor"),
        "name": "Reading Account",
        "global_id": f"1000000000{campus().user_id('instructor'):04}",
        "effective_locale": "en",
        "fake_student": _key().student_view,
    }
    return {
        "access_token": access,
        "token_type": "Bearer",
        "user": user,
        "canvas_region": "unknown",
        "expires_in": HOUR,
    }


def _revoke() -> Response:
    key, told = _key(), request.headers.get("Authorization", "").removeprefix("Bearer ")
    found = [renewing for renewing, access in key.grants.items() if access == told]
    if not found or campus().settings.canvas.access.find(told, _now()) is None:
        answer = _json({"errors": [{"message": "Invalid access token."}]}, 401)
        answer.headers["WWW-Authenticate"] = 'Bearer realm="canvas-lms"'
        return answer
    forget(key, found[0])
    key.revocations += 1
    return _json({})


def forget(key: DeveloperKey, renewing: str) -> None:
    """End a grant, as its owner does in their settings."""
    campus().settings.canvas.access.replace(key.grants.pop(renewing))


def _back(given: dict[str, str], **told: str) -> AnyResponse:
    more = told | ({"state": given["state"]} if "state" in given else {})
    return redirect(f"{given['redirect_uri']}?{urlencode(more)}")


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json; charset=utf-8")
