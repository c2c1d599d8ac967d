"""Unsafe methods need a token bound to the launch and an origin that is ours (S8)."""

from urllib.parse import urlsplit

from flask import request
from itsdangerous import BadData, URLSafeTimedSerializer

from lti_tool.errors import NotAllowedError
from lti_tool.launch.sessions import ABSOLUTE
from lti_tool.storage import session_secrets

FIELD = "csrf_token"
HEADER = "X-Csrf-Token"


class ForgeryError(NotAllowedError):
    code = "forgery"
    words = (
        "Nothing was saved: the form did not come from a page of this tool that is still open. "
        "Open the page again and fill in the form there."
    )


def token(launch_id: str) -> str:
    return _signer().dumps(launch_id)


def origin_of(url: str) -> str:
    """`scheme://host[:port]` of an address, without a default port; empty when it has none."""
    parts = urlsplit(url)
    if not parts.scheme or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}" if port in (None, default) else f"{parts.scheme}://{host}:{port}"


def check(launch_id: str, base_url: str) -> None:
    """Raise ForgeryError unless the request comes from a page of this launch."""
    check_origin(base_url)
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    try:
        bound_to = _signer().loads(given, max_age=int(ABSOLUTE.total_seconds()))
    except BadData:
        raise ForgeryError from None
    if bound_to != launch_id:
        raise ForgeryError


def check_origin(base_url: str) -> None:
    """Raise ForgeryError unless the request comes from a page of ours.

    Under `no-referrer` a form sends `Origin: null`; then `Sec-Fetch-Site` must say same-origin.
    """
    origin = request.headers.get("Origin", "null")
    if origin == "null":
        if request.headers.get("Sec-Fetch-Site") != "same-origin":
            raise ForgeryError
    elif origin != origin_of(base_url):
        raise ForgeryError


def check_not_cross_site(base_url: str) -> None:
    """Raise ForgeryError when the browser says that the request comes from a page that is not ours.

    One that says nothing passes: this is for a step that has no session yet and must work in every browser.
    """
    if request.headers.get("Origin", "null") not in ("null", origin_of(base_url)):
        raise ForgeryError
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise ForgeryError


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(session_secrets(), salt="anti-forgery")
