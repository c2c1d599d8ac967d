"""Error pages: plain words, a reference for the log, and no echo of what was sent (S50)."""

import logging
import uuid
from http import HTTPStatus

from flask import Flask, Response, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from lti_tool.errors import InvalidInputError, NotAllowedError, NotFoundError, UndertoneError
from lti_tool.launch import pages
from lti_tool.storage.request import abandon, wiring

log = logging.getLogger(__name__)
REFUSALS = (NotAllowedError, NotFoundError)


def add_to(application: Flask) -> None:
    application.register_error_handler(UndertoneError, _known)
    application.register_error_handler(HTTPException, _http)
    application.register_error_handler(Exception, _unexpected)


def show(error: UndertoneError, back: str | None = None) -> Response:
    """The page of an error, without any value of the request; `back` is a verified way to the course."""
    page = render_template(
        "errors/error.html", words=_translated(error), reference=error.correlation_id, back=back
    )
    return make_response(page, int(error.status))


def _known(error: UndertoneError) -> Response:
    abandon()
    if isinstance(error, REFUSALS) and request.view_args is not None and request.path.startswith("/l/"):
        pages.record_refusal(error.code, error.correlation_id)
    if int(error.status) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed: code %s, reference %s", error.code, error.correlation_id)
    return show(error)


def _http(error: HTTPException) -> Response:
    """Flask's own refusals: an unknown address, a method that is not offered, a body that is too large."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if status < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    return _known(NotFoundError() if status == HTTPStatus.NOT_FOUND else InvalidInputError(status=status))


def _unexpected(error: Exception) -> Response:
    abandon()
    reference = uuid.uuid4().hex[:12]
    traces = error if wiring().settings.environment != "production" else None
    log.error(
        "unexpected %s at %s, reference %s",
        type(error).__name__,
        request.endpoint,
        reference,
        exc_info=traces,
    )
    failure = UndertoneError()
    failure.correlation_id = reference
    return show(failure)


def _translated(error: UndertoneError) -> str:
    """Words written on an error's class are marked for translation where they stand and looked up here."""
    return str(_(error.words))
