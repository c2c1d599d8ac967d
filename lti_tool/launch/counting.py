"""Counting the requests of the views that `launch.limits` marks, and the answer to one too many (S46).

Counts lie in the memory of the process, or in a storage that all processes share (`UNDERTONE_LIMITS_STORAGE`). While
that storage does not answer, each process counts in its own memory: nobody is shut out, and nobody is let loose.
"""

import hmac
import json
import math
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial, wraps
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_limiter import Limiter, RateLimitExceeded, RequestLimit
from limits import RateLimitItemPerSecond
from sqlalchemy.exc import SQLAlchemyError

from lti_tool import audit
from lti_tool.errors import UndertoneError
from lti_tool.launch import error_pages, headers, origins, pages
from lti_tool.launch.counts import Counts
from lti_tool.launch.limits import Key, Limit, declared
from lti_tool.settings import Settings
from lti_tool.storage.request import abandon, now, wiring

IN_MEMORY = f"{Counts.STORAGE_SCHEME[0]}://"
STORAGE_SECONDS = 1
"""How long a shared storage may take to answer."""
HURRIED = {"socket_connect_timeout": STORAGE_SECONDS, "socket_timeout": STORAGE_SECONDS, "retry": None}
MINUTE, HOUR = 60, 3600


class RateLimitedError(UndertoneError):
    code = "rate_limited"
    status = HTTPStatus.TOO_MANY_REQUESTS
    words = "That was too often in a short time. Try again later. Nothing was changed."


def add_to(application: Flask, settings: Settings) -> None:
    """Count the marked views; called when every blueprint is registered."""
    limiter = _limiter(application, settings.limits_storage)
    application.extensions["undertone_limiter"] = limiter
    for endpoint, view in application.view_functions.items():
        if limits := declared(view):
            application.view_functions[endpoint] = _counted(limiter, view, limits)
    application.register_error_handler(RateLimitExceeded, partial(_refuse, limiter))


def _limiter(application: Flask, shared: str) -> Limiter:
    return Limiter(
        lambda: "",
        app=application,
        storage_uri=shared or IN_MEMORY,
        storage_options=HURRIED if shared else {},  # type: ignore[arg-type]
        in_memory_fallback_enabled=True,
        swallow_errors=True,
        key_prefix="undertone",
    )


def _counted(limiter: Limiter, view: Callable[..., Any], limits: tuple[Limit, ...]) -> Callable[..., Any]:
    checked = view
    for limit in limits:
        key = partial(_kept_key, limit.name)
        checked = limiter.shared_limit(limit.allowed, scope=limit.name, key_func=key)(checked)

    @wraps(view)
    def counted(*arguments: Any, **values: Any) -> Any:
        # Here, because the limiter takes an error of a key, such as a form that is too large, for one of its storage.
        g.limit_keys = {limit.name: _digest(limit.key()) for limit in limits}
        g.limit_words = {limit.name: limit.words for limit in limits}
        return checked(*arguments, **values)

    return counted


def _kept_key(name: str) -> str:
    return str(g.limit_keys[name])


def _digest(key: Key) -> str:
    """Addresses and login hints are few enough to try them all, so the digest needs our secret."""
    secret = current_app.secret_key
    plain = secret if isinstance(secret, bytes) else str(secret).encode()
    return hmac.new(plain, json.dumps(("limits", *key)).encode(), "sha256").hexdigest()


def _refuse(limiter: Limiter, error: RateLimitExceeded) -> Response:
    abandon()
    name, breach = str(error.limit.scope), limiter.current_limit
    seconds, first = _window(limiter, breach) if breach else (MINUTE, False)
    refusal = RateLimitedError(f"{g.limit_words[name]} {_when(seconds)} {_('Nothing was changed.')}")
    if first:
        _record(name, refusal.correlation_id)
    if request.blueprint == "lti":
        _let_platforms_frame()
    answer = error_pages.show(refusal)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _window(limiter: Limiter, breach: RequestLimit) -> tuple[int, bool]:
    """Seconds until the window ends, and whether nobody was told yet in this window: one row in the log for each."""
    whole = breach.limit.get_expiry()
    once = RateLimitItemPerSecond(1, whole, namespace="undertone-told")
    try:
        seconds = math.ceil(
            limiter.limiter.get_window_stats(breach.limit, *breach.request_args)[0] - time.time()
        )
        return min(max(seconds, 1), whole), limiter.limiter.hit(once, *breach.request_args)
    except Exception:  # the storage that has just answered fails in its own ways
        return whole, False


def _when(seconds: int) -> str:
    """In the largest unit that leaves a number to read, rounded up."""
    minutes, hours = math.ceil(seconds / MINUTE), math.ceil(seconds / HOUR)
    if seconds <= MINUTE:
        words = ngettext("Try again in %(num)s second.", "Try again in %(num)s seconds.", seconds)
    elif seconds <= HOUR:
        words = ngettext("Try again in %(num)s minute.", "Try again in %(num)s minutes.", minutes)
    else:
        words = ngettext("Try again in %(num)s hour.", "Try again in %(num)s hours.", hours)
    return str(words)


def _record(name: str, correlation_id: str) -> None:
    launch = pages.current_or_none()
    with wiring().database.session() as session:
        audit.record(
            session,
            now(),
            "rate_limited",
            code=name,
            institution_id=launch.institution_id if launch else None,
            course_id=(launch.course_id or None) if launch else None,
            actor_id=launch.person_id if launch else None,
            correlation_id=correlation_id,
        )


def _let_platforms_frame() -> None:
    """Whose launch it would be is not looked up; the page holds no data, and must be readable inside the course."""
    with suppress(SQLAlchemyError), wiring().database.reading() as session:
        headers.frame_by(origins.of_every_platform(session))
