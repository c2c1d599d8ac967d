"""Canvas's OAuth2 by the wire: where a browser is sent, and what the token endpoint answers (RFC 6749, RFC 7636).

Nothing here knows a database. No error holds a code, a token or a text of Canvas.
"""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from lti_tool.launch.service_tokens import TOKEN, seconds_of
from lti_tool.lms.canvas_oauth_words import CanvasOauthError
from lti_tool.lms.canvas_scopes import SCOPES
from lti_tool.outbound.client import Answer, Client, OutboundFailedError

PATH = "/login/oauth2"
SLOW_DOWN = 429
HOUR = 3600
"""Seconds that an access token lives where Canvas does not say; a 401 tells as well."""


@dataclass(frozen=True)
class Key:
    """An API developer key and the Canvas that it belongs to."""

    base_url: str
    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Grant:
    """What Canvas gave: an access token that ends, and what it is renewed with."""

    access_token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str = field(default="", repr=False)
    """Empty in the answer to a renewal: Canvas keeps the one that there is."""
    user_id: str = ""
    user_name: str = field(default="", repr=False)
    """For the page that follows, never kept."""


def authorise_address(base_url: str, client_id: str, redirect_uri: str, state: str, verifier: str) -> str:
    """Where a browser asks a person for exactly our scopes.

    `force_login` lets the person sign in as the reading account although they are signed in as themselves.
    """
    asked = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": " ".join(SCOPES),
        "purpose": "Undertone",
        "force_login": "1",
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
    }
    return f"{base_url}{PATH}/auth?{urlencode(asked)}"


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, 4.2)."""
    made = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def exchange(client: Client, now: datetime, key: Key, code: str, redirect_uri: str, verifier: str) -> Grant:
    """The grant of a code. Raises CanvasOauthError, or OutboundFailedError when Canvas is away."""
    asked = {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    grant = _asked(client, now, key, "authorization_code", asked)
    if not grant.refresh_token:
        raise CanvasOauthError("no_refresh_token")
    return grant


def refresh(client: Client, now: datetime, key: Key, refresh_token: str) -> Grant:
    """A fresh access token; from now on Canvas takes no earlier one. Raises as `exchange` does."""
    return _asked(client, now, key, "refresh_token", {"refresh_token": refresh_token})


def revoke(client: Client, key: Key, access_token: str) -> bool:
    """End the whole grant; False when Canvas does not know the access token. Raises OutboundFailedError."""
    answer = client.delete(f"{key.base_url}{PATH}/token", {"Authorization": f"Bearer {access_token}"})
    if answer.status not in (200, 204, 401):
        raise OutboundFailedError
    return answer.status != 401


def _asked(client: Client, now: datetime, key: Key, grant_type: str, more: dict[str, str]) -> Grant:
    asked = {"grant_type": grant_type, "client_id": key.client_id, "client_secret": key.secret, **more}
    answer = client.post(f"{key.base_url}{PATH}/token", asked)
    if answer.status >= 500 or answer.status == SLOW_DOWN:
        raise OutboundFailedError
    if answer.status != 200:
        raise CanvasOauthError(_why(answer))
    return _grant(_object(answer), now)


def _why(answer: Answer) -> str:
    """Our code of a refusal, by status and `error` first: descriptions may be translated."""
    if 300 <= answer.status < 400:
        return "other_host"
    if answer.status not in (400, 401, 403):
        return "no_oauth"
    said = _object(answer)
    error, description = said.get("error"), str(said.get("error_description", ""))
    if error == "invalid_client" or answer.status == 401:
        return "key"
    if error == "invalid_grant" and description == "incorrect client":
        return "other_key"
    if description == "refresh_token not found":
        return "grant_gone"
    return "code" if error == "invalid_grant" else "no_oauth"


def _object(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; an empty one for anything else, such as another site's page."""
    try:
        said = answer.json()
    except OutboundFailedError:
        return {}
    return said if isinstance(said, dict) else {}


def _grant(said: dict[str, Any], now: datetime) -> Grant:
    access, renewing = said.get("access_token"), said.get("refresh_token") or ""
    user = said.get("user")
    if not isinstance(access, str) or not TOKEN.fullmatch(access):
        raise CanvasOauthError("no_oauth")
    if not isinstance(renewing, str) or (renewing and not TOKEN.fullmatch(renewing)):
        raise CanvasOauthError("no_oauth")
    user = user if isinstance(user, dict) else {}
    if said.get("real_user"):
        raise CanvasOauthError("masquerade", access)
    if user.get("fake_student"):
        raise CanvasOauthError("test_student", access)
    return Grant(
        access,
        now + timedelta(seconds=seconds_of(said.get("expires_in")) or HOUR),
        renewing,
        str(user.get("id") or ""),
        str(user.get("name") or ""),
    )
