"""`/lti/…`: what platforms and browsers call before there is a session (login, launch, our keys)."""

import re
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from lti_tool import audit
from lti_tool.errors import InvalidInputError
from lti_tool.launch import (
    antiforgery,
    error_pages,
    fields,
    headers,
    keys,
    landings,
    logins,
    origins,
    service,
    sessions,
)
from lti_tool.launch.antiforgery import origin_of
from lti_tool.launch.errors import LaunchRefusedError
from lti_tool.launch.fields import takes
from lti_tool.launch.id_token import LONGEST_TOKEN
from lti_tool.launch.limits import launches_limited, logins_limited, returns_limited
from lti_tool.launch.platform_keys import KeySets
from lti_tool.launch.tables import Registration
from lti_tool.storage.request import now, wiring

bp = Blueprint("lti", __name__, url_prefix="/lti")

ALIASES = {"deployment_id": "lti_deployment_id"}
"""Canvas's own name (canvas-lms issue 2201)."""
KEPT = re.compile(r"[A-Za-z0-9_-]{43}")
NEW_WINDOW = "new_window"


@bp.route("/login", methods=["GET", "POST"])
@logins_limited
def login() -> Response:
    """Login initiation (LTI 1.3 core 5.1.1.1): keep the request, set the cookie, see whether it survives."""
    given = request.form if request.method == "POST" else request.args
    _refuse_lti_1p1(given)
    asked = _login_request(given)
    kept = request.cookies.get(logins.COOKIE, "")
    kept = kept if KEPT.fullmatch(kept) else sessions.new_secret()
    with wiring().database.session() as session:
        registration = logins.find_registration(session, asked["iss"], asked.get("client_id", ""))
        _frame_by(registration)
        attempt = logins.begin(session, now(), registration, asked)
    headers.allow_form_to(origins.joined(registration))
    response = make_response(render_template("launch/continue.html", attempt=attempt.id))
    sessions.set_cookie(response, logins.COOKIE, kept, logins.LIFETIME)
    return response


@bp.post("/continue")
@returns_limited
@takes("attempt")
def proceed() -> Response:
    """Go on to the platform when the browser kept the cookie, else offer a new window."""
    fields.check()
    antiforgery.check_not_cross_site(wiring().settings.base_url)
    with wiring().database.session() as session:
        attempt = logins.waiting(session, now(), request.form.get("attempt", ""))
        registration = session.get_one(Registration, attempt.registration_id)
        _frame_by(registration)
        if KEPT.fullmatch(request.cookies.get(logins.COOKIE, "")):
            proceeding = logins.proceed(attempt, registration, _launch_url())
            response = make_response(redirect(proceeding.address, 303))
            sessions.set_cookie(response, proceeding.cookie, proceeding.binding, logins.LIFETIME)
            return response
        asked = dict(attempt.request)
        if not asked.get(NEW_WINDOW):
            audit.record(session, now(), "new_window_offered", registration_id=attempt.registration_id)
        session.delete(attempt)
    if asked.get(NEW_WINDOW):
        raise LaunchRefusedError("cookie_missing")
    return make_response(render_template("launch/new_window.html", asked=asked | {NEW_WINDOW: "1"}))


@bp.route("/launch", methods=["GET", "POST"])
@launches_limited
def launch() -> Response:
    """The platform's answer: a form post of `id_token` and `state`, or of `error` and `state`."""
    if request.method != "POST":
        refusal = LaunchRefusedError("method")
        refusal.status = 405
        raise refusal
    if request.mimetype != "application/x-www-form-urlencoded" or "id_token" in request.args:
        raise LaunchRefusedError("method")
    if any(len(token) > LONGEST_TOKEN for token in request.form.getlist("id_token")):
        raise LaunchRefusedError("malformed")  # before the state is spent
    _refuse_lti_1p1(request.form)
    _refuse_repeated(request.form, ("id_token", "state", "error"))
    if "error" in request.form:
        raise LaunchRefusedError("platform_error")
    token, state = request.form.get("id_token", ""), request.form.get("state", "")
    if not token:
        raise LaunchRefusedError("malformed")
    cookie = logins.binding_cookie(state)
    made = service.launch(
        wiring().database,
        wiring().settings,
        cast(KeySets, current_app.extensions["undertone_key_sets"]),
        now(),
        token=token,
        state=state,
        binding=request.cookies.get(cookie) or request.cookies.get(logins.COOKIE, ""),
    )
    headers.frame_by(made.framed_by)
    landing = landings.address(made.id, made.role, made.course_id, in_activity=made.in_activity)
    if made.places:
        landing = url_for("placing.choose", launch_id=made.id)
    response = make_response(redirect(landing, 303))
    sessions.set_cookie(response, sessions.cookie_name(made.id), made.secret, sessions.ABSOLUTE)
    sessions.delete_cookie(response, cookie)
    for ended in made.ended:
        sessions.delete_cookie(response, sessions.cookie_name(ended))
    return response


@bp.get("/keys")
def published_keys() -> Response:
    """Our public keys for the platforms."""
    with wiring().database.reading() as session:
        return jsonify(keys.published(session))


@bp.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> Response:
    """More than any platform sends (L33); nothing of it was read."""
    refusal = LaunchRefusedError("malformed")
    refusal.status = int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return refused(refusal)


@bp.errorhandler(fields.UnknownFieldError)
@bp.errorhandler(fields.RepeatedFieldError)
def unfit(_error: InvalidInputError) -> Response:
    """A form that is not one of ours (L34, S25)."""
    return refused(LaunchRefusedError("malformed"))


@bp.errorhandler(LaunchRefusedError)
def refused(error: LaunchRefusedError) -> Response:
    """One audit row with the reason code, and a page in plain words."""
    with wiring().database.session() as session:
        audit.record(
            session,
            now(),
            "launch_refused",
            code=error.code,
            registration_id=error.registration_id,
            correlation_id=error.correlation_id,
        )
    if error.framed_by:
        headers.frame_by(error.framed_by)
    back = origins.with_message(error.return_url, str(_(error.words))) if error.return_url else None
    return error_pages.show(error, back=back)


def _login_request(given: MultiDict[str, str]) -> dict[str, str]:
    """The allow-listed parameters; raises LaunchRefusedError `malformed`, `login_request` or `target`."""
    _refuse_repeated(given, (*logins.PARAMETERS, *ALIASES))
    asked = {
        ALIASES.get(name, name): given[name] for name in (*ALIASES, *logins.PARAMETERS) if given.get(name)
    }
    if any(len(value) > logins.LONGEST or "\x00" in value for value in asked.values()):
        raise LaunchRefusedError("malformed")
    if not asked.get("iss") or not asked.get("login_hint"):
        raise LaunchRefusedError("login_request")
    if not _is_launch_url(asked.get("target_link_uri", "")):
        raise LaunchRefusedError("target")
    return asked | ({NEW_WINDOW: "1"} if given.get(NEW_WINDOW) == "1" else {})


def _launch_url() -> str:
    return wiring().settings.base_url + url_for("lti.launch")


def _is_launch_url(url: str) -> bool:
    """Our origin and launch path exactly: nothing that two parsers could read in two ways (L29, S14)."""
    if "@" in url or not origins.is_plain(url):
        return False
    try:
        same_origin = origin_of(url) == origin_of(wiring().settings.base_url)
        return same_origin and urlsplit(url).path == urlsplit(_launch_url()).path
    except ValueError:
        return False


def _frame_by(registration: Registration) -> None:
    headers.frame_by(origins.joined(registration))


def _refuse_repeated(given: MultiDict[str, str], names: tuple[str, ...]) -> None:
    if any(len(given.getlist(name)) > 1 for name in names):
        raise LaunchRefusedError("malformed")


def _refuse_lti_1p1(given: MultiDict[str, str]) -> None:
    if "oauth_consumer_key" in given:
        raise LaunchRefusedError("lti_1p1")
