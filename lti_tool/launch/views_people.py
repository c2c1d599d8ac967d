"""Who administers: a code made in the tab "Connection", and typed in by the person in the LMS."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lti_tool.launch import admin_pages, invites, operators
from lti_tool.launch.fields import takes
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.storage.request import now, request_session

bp = launch_blueprint("listing", __name__, roles=("instructor", "none"))


@admin_pages.bp.post("/connection/code")
def code() -> str:
    """Show a one-time code for somebody who is to administer this institution."""
    made = invites.make(request_session(), now(), current().institution_id, "listing", current().person_id)
    return render_template("launch/code.html", code=made)


@admin_pages.bp.post("/connection/administrators/<operator_id>/remove")
def remove_administrator(operator_id: str) -> Response:
    """Take somebody off the list; their administrator's pages close at once."""
    person = current()
    operators.remove(request_session(), now(), person.institution_id, operator_id, person.person_id)
    return redirect(url_for("launch_admin.connection"), 303)


@bp.get("/administer")
def ask() -> str:
    """Where somebody who was given a code types it in."""
    return render_template("launch/type_code.html")


@bp.post("/administer")
@takes("code")
def enter() -> Response:
    """List the person of this launch; from now on they land on the administrator's pages."""
    operators.list_by_code(request_session(), now(), current().id, request.form.get("code", ""))
    return redirect(url_for("launch_admin.connection"), 303)
