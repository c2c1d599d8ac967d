"""Error pages: plain words, a reference for the log, and no echo of what was sent (S50)."""

import logging
import uuid
from contextlib import suppress
from http import HTTPStatus

from flask import Flask, Response, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from lti_tool.errors import InvalidInputError, NotAllowedError, NotFoundError, UndertoneError
from lti_tool.launch import headers, landings, origins, pages
from lti_tool.launch.errors import LaunchRefusedError
from lti_tool.launch.fields import RepeatedFieldError, UnknownFieldError
from lti_tool.storage.request import abandon, wiring

log = logging.getLogger(__name__)
REFUSALS = (NotAllowedError, NotFoundError, UnknownFieldError, RepeatedFieldError)
LAUNCHES = "/l/"
INVITED = ("/lti/register", "/lti/administer")


def add_to(application: Flask) -> None:
    application.register_error_handler(UndertoneError, _known)
    application.register_error_handler(HTTPException, _http)
    application.register_error_handler(Exception, _unexpected)


def show(error: UndertoneError, back: str | None = None) -> Response:
    """The page of an error, without any value of the request; `back` is a verified way to the course."""
    _place()
    launch = pages.current_or_none()
    from_a_course = request.path not in INVITED and not isinstance(error, LaunchRefusedError)
    page = render_template(
        "errors/error.html",
        words=_translated(error),
        reference=error.correlation_id,
        back=back,
        home=landings.address(launch.id, launch.role, launch.course_id) if launch else None,
        home_words=landings.way_back(launch.role) if launch else "",
        advise=not launch and from_a_course,  # the words of the others say what to do
    )
    return _reloading(make_response(page, int(error.status)))


def _known(error: UndertoneError) -> Response:
    abandon()
    logged = request.path.startswith(LAUNCHES) or request.path in INVITED
    if isinstance(error, REFUSALS) and request.view_args is not None and logged:
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


def _place() -> None:
    """Whose launch an address without a view lies in, and who may frame an error page below `/l/`.

    Without the cookie of a launch that is every active platform: the launch's own origin would tell a stranger
    that there is such a launch, and which platform it came from. The page holds no data and no form.
    """
    if not request.path.startswith(LAUNCHES):
        return
    with suppress(SQLAlchemyError), wiring().database.reading() as session:
        if not request.endpoint:
            with suppress(*REFUSALS):
                pages.recognise(session, request.path.split("/")[2])
        if not headers.is_framed():
            headers.frame_by(origins.of_every_platform(session))


def _reloading(response: Response) -> Response:
    """Let a refused fragment reload its page, which then says why. A failure of ours is asked for again by htmx."""
    if "HX-Request" in request.headers and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        response.headers["HX-Refresh"] = "true"
    return response


def _translated(error: UndertoneError) -> str:
    """Words written on an error's class are marked for translation where they stand and looked up here."""
    return str(_(error.words))
