"""`/lti/administer`: the one-time link that opens an institution's administration before there is a platform.

The secret stands behind `#`, so that no server and no proxy logs it; the page's script puts it into the form.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from lti_tool.launch import antiforgery, fields, operators, sessions
from lti_tool.launch.fields import takes
from lti_tool.launch.limits import registrations_limited
from lti_tool.storage.request import now, wiring

bp = Blueprint("entering", __name__, url_prefix="/lti")


@bp.get("/administer")
def ask() -> str:
    """Opening the link changes nothing: programs that look ahead at links do not use it up."""
    return render_template("launch/enter.html")


@bp.post("/administer")
@registrations_limited
@takes("secret")
def enter() -> Response:
    """Spend the link and open a session on the administrator's pages."""
    fields.check()
    antiforgery.check_origin(wiring().settings.base_url)
    place = wiring()
    with place.database.session() as session:
        secret = request.form.get("secret", "")
        launch_id, cookie = operators.enter_by_link(session, now(), secret, place.settings.locale)
    response = make_response(redirect(url_for("launch_admin.connection", launch_id=launch_id), 303))
    sessions.set_cookie(response, sessions.cookie_name(launch_id), cookie, sessions.ABSOLUTE)
    return response
