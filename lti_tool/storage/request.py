"""The database session of one web request: opened when first asked for, closed by the application.

A GET or HEAD reads; every other method may write and commits when the response is ready, or rolls back when
the request ends in an error.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from lti_tool.settings import Settings
from lti_tool.storage.engine import Database

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Wiring:
    """What a page may use of the installation."""

    settings: Settings
    database: Database


def wiring() -> Wiring:
    return cast(Wiring, current_app.extensions["undertone"])


def now() -> datetime:
    """The time of this request in UTC: one value from its first use to its end."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    return cast(datetime, g.now)


def request_session() -> Session:
    """The session of this request; the same one each time it is asked for."""
    if "database_session" not in g:
        database, stack = wiring().database, ExitStack()
        opened = database.reading() if request.method in SAFE_METHODS else database.session()
        g.database_session, g.database_stack = stack.enter_context(opened), stack
    return cast(Session, g.database_session)


def abandon() -> None:
    """Roll back and close; what was flushed in this request is gone."""
    stack = _take()
    if stack is not None:
        failure = _AbandonedError()
        stack.__exit__(type(failure), failure, None)


def close_with_request(application: Flask) -> None:
    """Commit after the view; roll back what an error left open."""

    @application.after_request
    def commit(response: Response) -> Response:
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            abandon()
        stack = _take()
        if stack is not None:
            stack.close()
        return response

    @application.teardown_request
    def close(_error: BaseException | None) -> None:
        abandon()


class _AbandonedError(Exception):
    """Sent through the session's context manager so that it rolls back."""


def _take() -> ExitStack | None:
    g.pop("database_session", None)
    return cast("ExitStack | None", g.pop("database_stack", None))
