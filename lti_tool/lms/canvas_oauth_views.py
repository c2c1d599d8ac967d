"""`/lti/canvas/…`: the window of its own in which a person authorises in Canvas, and Canvas's way back to it."""

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer

from lti_tool.launch import antiforgery, fields, sessions
from lti_tool.launch.fields import takes
from lti_tool.launch.limits import authorisations_limited
from lti_tool.lms import canvas_oauth_asking as asking
from lti_tool.lms.canvas_oauth_asking import Returned
from lti_tool.lms.canvas_oauth_words import CanvasOauthError
from lti_tool.outbound.client import Client
from lti_tool.storage import session_secrets
from lti_tool.storage.request import abandon, now, wiring

bp = Blueprint("canvas_oauth", __name__, url_prefix="/lti/canvas")
LONGEST = 2048
"""Characters of one parameter that Canvas sends back."""


def ticket(launch_id: str, registration_id: str) -> str:
    """Shows in a new window from which page it was opened: a frame's cookies are not sent there."""
    return _signer().dumps([launch_id, registration_id])


def redirect_uri() -> str:
    """The one address that the developer key names."""
    return wiring().settings.base_url + url_for("canvas_oauth.authorised")


@bp.post("/authorise")
@authorisations_limited
@takes("ticket")
def authorise() -> Response:
    """On to Canvas, by a link: the rules for forms (`form-action`) would stop at the school's own sign-in page."""
    fields.check()
    antiforgery.check_origin(wiring().settings.base_url)
    try:
        launch_id, registration_id = _signer().loads(
            request.form.get("ticket", ""), max_age=int(sessions.IDLE.total_seconds())
        )
    except (BadData, ValueError):
        raise CanvasOauthError("ticket") from None
    with wiring().database.session() as session:
        way = asking.begin(session, now(), launch_id, registration_id, redirect_uri())
    response = make_response(render_template("lms/canvas_onward.html", address=way.address))
    sessions.set_cookie(response, way.cookie, way.binding, asking.LIFETIME)
    return response


@bp.get("/authorised")
@authorisations_limited
def authorised() -> Response:
    """Canvas's answer: a code or an error, with the state; used once, whatever comes of it."""
    state = _given("state")
    cookie = asking.binding_cookie(state)
    returned = Returned(state, _given("code"), _given("error"), request.cookies.get(cookie, ""))
    place = wiring()
    grant = asking.finish(place.database, Client(place.settings), now(), returned, redirect_uri())
    response = make_response(render_template("lms/canvas_authorised.html", name=grant.user_name))
    sessions.delete_cookie(response, cookie)
    return response


@bp.errorhandler(CanvasOauthError)
def refused(error: CanvasOauthError) -> tuple[str, int]:
    """What happened and what to do, with nothing of what was sent."""
    abandon()
    page = render_template(
        "lms/canvas_refused.html", words=str(_(error.words)), reference=error.correlation_id
    )
    return page, int(error.status)


def _given(name: str) -> str:
    """One parameter of the address; raises CanvasOauthError when it comes twice or is too long."""
    values = request.args.getlist(name)
    if len(values) > 1 or any(len(value) > LONGEST for value in values):
        raise CanvasOauthError("state")
    return values[0] if values else ""


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(session_secrets(), salt="canvas-authorise")
