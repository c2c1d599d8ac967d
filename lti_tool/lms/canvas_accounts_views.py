"""The page of a Canvas's reading account in the tab "Connection": its developer key, authorise, revoke."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lti_tool.errors import FieldError
from lti_tool.launch import registrations
from lti_tool.launch.fields import takes
from lti_tool.launch.pages import current
from lti_tool.launch.tables import Registration
from lti_tool.launch.views_admin import said
from lti_tool.launch.views_platforms import bp
from lti_tool.lms import canvas_accounts
from lti_tool.lms.canvas_accounts import Typed
from lti_tool.lms.canvas_oauth_views import redirect_uri, ticket
from lti_tool.lms.canvas_oauth_words import WORDS
from lti_tool.lms.canvas_scopes import SCOPES
from lti_tool.lms.tables import CanvasAccount, LmsConnection
from lti_tool.outbound.client import Client
from lti_tool.storage.request import now, request_session, wiring

__all__ = ["bp"]

FIELDS = ("key_id", "secret", "address")


@bp.get("/connection/platforms/<registration_id>/canvas")
def canvas_account(registration_id: str) -> str:
    """What is set up and what comes next; the secret and the tokens are never shown (S20)."""
    return _page(_own(registration_id), None)


@bp.post("/connection/platforms/<registration_id>/canvas/key")
@takes(*FIELDS)
def canvas_key(registration_id: str) -> Response | tuple[str, int]:
    """Set or replace the developer key."""
    registration = _own(registration_id)
    typed = Typed(*(request.form.get(name, "") for name in FIELDS))
    hosts = wiring().settings.outbound_hosts
    try:
        canvas_accounts.set_key(request_session(), now(), registration, typed, current().person_id, hosts)
    except FieldError as error:
        return _page(registration, error), error.status
    return _back(registration_id)


@bp.post("/connection/platforms/<registration_id>/canvas/revoke")
def canvas_revoke(registration_id: str) -> Response:
    """End the authorisation, here at once and then in Canvas; a call goes out, so no transaction is open."""
    place, person = wiring(), current()
    canvas_accounts.end(
        place.database,
        Client(place.settings),
        now(),
        person.institution_id,
        registration_id,
        person.person_id,
    )
    return _back(registration_id)


def _page(registration: Registration, fault: FieldError | None) -> str:
    session = request_session()
    account = session.get(CanvasAccount, registration.id)
    connection = session.get(LmsConnection, registration.id)
    return render_template(
        "lms/canvas_account.html",
        registration=registration,
        account=account,
        address=connection.base_url if connection else "",
        by_token=bool(connection and connection.kind == "canvas" and account is None),
        ticket=ticket(current().id, registration.id),
        redirect_uri=redirect_uri(),
        scopes=SCOPES,
        why=_why(account),
        fault=said(fault),
        values=request.form,
    )


def _why(account: CanvasAccount | None) -> str:
    """Why the last renewal failed, in the page's language."""
    words = WORDS.get(account.fault, "") if account else ""
    return str(_(words)) if words else ""


def _own(registration_id: str) -> Registration:
    return registrations.of_institution(request_session(), current().institution_id, registration_id)


def _back(registration_id: str) -> Response:
    return redirect(url_for("launch_admin.canvas_account", registration_id=registration_id), 303)
