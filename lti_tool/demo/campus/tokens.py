"""Access tokens for the platform's services, in Moodle's words and media types (RFC 7523)."""

import json
import secrets
import time

import jwt
import requests
from flask import Blueprint, Response, render_template, request

from lti_tool.demo.campus.platform import ROSTER_SCOPE, campus, platform

TOKEN_SECONDS = 3600

bp = Blueprint("tokens", __name__)


class _RefusedError(Exception):
    """An OAuth error in Moodle's words."""


@bp.route("/mod/lti/token.php", methods=["GET", "POST"])
def token() -> Response:
    """An access token for a client assertion (RFC 7523); JSON under `text/html`, as Moodle sends it."""
    try:
        scopes = _granted(request.form.to_dict())
    except _RefusedError as refused:
        # Moodle writes this by hand: quotes inside the words stay unescaped.
        return _as_html(f'{{\n  "error" : "{refused}"\n}}', 400)
    except requests.RequestException:
        page = render_template("campus/error.html", title="Error", words="The keyset could not be read.")
        return Response(page, 404, content_type="text/html; charset=utf-8")
    value = secrets.token_hex(16)
    platform().tokens[value] = (time.time() + TOKEN_SECONDS, frozenset(scopes))
    answer = {
        "access_token": value,
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": " ".join(scopes),
    }
    return _as_html(json.dumps(answer), 200)


def _granted(form: dict[str, str]) -> list[str]:
    tool = campus().settings.tool
    if request.method != "POST" or not form.get("client_assertion") or not form.get("scope"):
        raise _RefusedError("invalid_request")
    if form.get("grant_type") != "client_credentials":
        raise _RefusedError("unsupported_grant_type")
    try:
        header = jwt.get_unverified_header(form["client_assertion"])
        subject = jwt.decode(form["client_assertion"], options={"verify_signature": False}).get("sub")
    except jwt.PyJWTError as error:
        raise _RefusedError("invalid_request") from error
    if tool is None or subject != tool.client_id:
        raise _RefusedError("invalid_client")
    if "kid" not in header:
        raise _RefusedError("error/Error: kid must be provided in JWT header.")
    if header.get("alg") != "RS256":
        raise _RefusedError("Algorithm not supported")
    _verify(form["client_assertion"], header["kid"], tool.keys_url)
    scopes = [scope for scope in form["scope"].split() if scope == ROSTER_SCOPE]
    if not scopes:
        raise _RefusedError("invalid_scope")
    return scopes


def _verify(assertion: str, kid: str, keys_url: str) -> None:
    """Check signature, `exp` and `iat` without leeway; the keyset is read again if a known key fails."""
    for fresh in (False, True):
        if fresh or kid not in platform().tool_keys:
            answer = requests.get(keys_url, timeout=5)
            answer.raise_for_status()
            platform().tool_keys = {key["kid"]: jwt.PyJWK(key, "RS256") for key in answer.json()["keys"]}
        if kid not in platform().tool_keys:
            raise _RefusedError('"kid" invalid, unable to lookup correct key')
        try:
            jwt.decode(
                assertion, platform().tool_keys[kid], algorithms=["RS256"], options={"verify_aud": False}
            )
            return
        except jwt.ExpiredSignatureError as error:
            raise _RefusedError("Expired token") from error
        except jwt.ImmatureSignatureError as error:
            raise _RefusedError("Cannot handle token with iat prior to now") from error
        except jwt.InvalidSignatureError as error:
            if fresh:
                raise _RefusedError("Signature verification failed") from error


def _as_html(body: str, status: int) -> Response:
    return Response(body, status, content_type="text/html; charset=utf-8")
