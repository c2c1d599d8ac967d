"""What every call passes before it is answered, in Canvas's order: caller, bucket, token, scope, permission."""

from collections.abc import Callable

from flask import Response, request

from lti_tool.demo.campus.canvas_access import Token
from lti_tool.demo.campus.canvas_answers import CHALLENGE, CanvasError, no_permission, unauthorised
from lti_tool.demo.campus.platform import campus

ROOT = "url:GET|/api/v1"


def passed(name: str, scope: str, produce: Callable[[], Response]) -> Response:
    """The answer of `produce` under the caller's token, or the refusal; tells the rate limit as Canvas does."""
    switches = campus().settings.canvas
    try:
        told = _told_token()
        bucket = _bucket(told)
        if not switches.access.take(bucket, switches.clock()):
            raise _slow_down()
    except CanvasError as error:
        return error.response
    try:
        token = _token(told)
        if token.scopes is not None and f"{ROOT}{scope}" not in token.scopes:
            raise CanvasError(401, {"errors": [{"message": "Insufficient scopes on access token."}]})
        if name in switches.forbidden:
            raise no_permission()
        response = produce()
    except CanvasError as error:
        response = error.response
    response.headers["X-Request-Cost"] = str(switches.call_cost)
    remaining = switches.access.settle(bucket, switches.call_cost)
    response.headers["X-Rate-Limit-Remaining"] = str(round(remaining, 4))
    return response


def includes() -> list[str]:
    """What `include[]` asks for; silently nothing for a scoped key that may not include."""
    emptied = not campus().settings.canvas.allow_includes and _token(_told_token()).scopes is not None
    return [] if emptied else request.args.getlist("include[]")


def _told_token() -> str:
    if campus().settings.canvas.user_agent_required and not request.headers.get("User-Agent"):
        raise CanvasError(403, {"error": "Forbidden", "message": "Requests need a valid user agent."})
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        body = {"status": "unauthenticated", "errors": [{"message": "user authorization required"}]}
        raise CanvasError(401, body, CHALLENGE)
    return token


def _token(told: str) -> Token:
    switches = campus().settings.canvas
    found = switches.access.find(told, switches.clock())
    if found is None and told == campus().settings.canvas_token:
        found = Token(switches.scopes, None, "api")
    if found is None or not switches.key_on:
        raise unauthorised("Invalid access token.")
    if found.state == "revoked":
        raise unauthorised("Revoked access token.")
    return found


def _bucket(told: str) -> str:
    switches = campus().settings.canvas
    held = switches.access.tokens.get(told)
    return told if switches.bucket_per == "token" else f"client {held.client if held else 'api'}"


def _slow_down() -> CanvasError:
    switches = campus().settings.canvas
    headers = {"X-Rate-Limit-Remaining": "0.0"}
    if switches.throttle == "403":
        return CanvasError(403, "403 Forbidden (Rate Limit Exceeded)\n", headers)
    if switches.retry_after is not None:
        headers["Retry-After"] = str(switches.retry_after)
    return CanvasError(429, "429 Too Many Requests (Rate Limit Exceeded)\n", headers)
