"""Platforms in the tab "Connection": connect one, look at its facts, approve, check, switch off."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lti_tool.errors import FieldError, NotFoundError
from lti_tool.launch import connection as service
from lti_tool.launch import institutions, invites, registrations, tool_description
from lti_tool.launch.admin_pages import bp
from lti_tool.launch.fields import takes
from lti_tool.launch.pages import current
from lti_tool.launch.registrations import PlatformFacts
from lti_tool.launch.tables import Institution, Registration
from lti_tool.launch.views_admin import DECISION, check_lines, decision_of_form, lms, said
from lti_tool.storage.request import abandon, now, request_session, wiring

__all__ = ["bp"]

KINDS = ("moodle", "canvas")
FACTS = ("issuer", "client_id", "authorization_url", "token_url", "keys_url")


@bp.get("/connection/connect/<kind>")
def connect(kind: str) -> str:
    """How to connect a Moodle or a Canvas, step by step, with the values to copy and a form for the answers."""
    return _connect_page(kind, None)


@bp.post("/connection/connect/<kind>/invite")
def invite(kind: str) -> str:
    """The same page with a one-time address for the platform's own registration dialogue (S16)."""
    secret = invites.make(
        request_session(), now(), current().institution_id, "registration", current().person_id
    )
    return _connect_page(
        kind, f"{wiring().settings.base_url}{url_for('registering.register')}?invite={secret}"
    )


@bp.post("/connection/connect/<kind>")
@takes(*FACTS)
def add(kind: str) -> Response | tuple[str, int]:
    """Keep what was typed in; it waits for approval on the page that follows."""
    _require_kind(kind)
    facts = PlatformFacts(**{name: request.form.get(name, "") for name in FACTS})
    origin, person = {"way": "by_hand", "family": kind}, current()
    try:
        checked = facts.checked(wiring().settings.outbound_hosts)
        made = registrations.propose(
            request_session(), now(), person.institution_id, checked, origin, person.person_id
        )
    except FieldError as error:
        return _connect_page(kind, None, error), error.status
    return redirect(url_for("launch_admin.platform", registration_id=made.id), 303)


@bp.get("/connection/platforms/<registration_id>")
def platform(registration_id: str) -> str:
    """Its facts, and what can be done with it."""
    return _platform_page(_own(registration_id), None)


@bp.post("/connection/platforms/<registration_id>/check")
def check(registration_id: str) -> str:
    """Try it now."""
    with wiring().database.reading() as session:
        person = current()
        registration = registrations.of_institution(session, person.institution_id, registration_id)
    lines = check_lines(registration)
    return _platform_page(_own(registration_id), lines)


@bp.post("/connection/platforms/<registration_id>/approve")
@takes("deployments", *DECISION)
def approve(registration_id: str) -> Response | tuple[str, int]:
    """Let people sign in, with the facts on screen; where nobody has decided on the mode, this form does (P2)."""
    registration = _own(registration_id)
    try:
        _decide_and_approve(registration)
    except FieldError as error:
        abandon()
        return _platform_page(_own(registration_id), None, error), error.status
    return _back(registration)


@bp.post("/connection/platforms/<registration_id>/suspend")
def suspend(registration_id: str) -> Response:
    """Close the door, at once."""
    registration = _own(registration_id)
    registrations.suspend(request_session(), now(), registration, current().person_id)
    return _back(registration)


@bp.post("/connection/platforms/<registration_id>/remove")
def remove(registration_id: str) -> Response:
    """Reject one that waits, or drop one that was never used; what its LMS granted is ended first."""
    place, person = wiring(), current()
    with place.database.reading() as session:
        one = registrations.of_institution(session, person.institution_id, registration_id)
        removable = registrations.is_unused(session, one)
    if removable:
        lms().left(place.database, place.settings, one, person.person_id)
    registrations.remove(request_session(), now(), _own(registration_id), current().person_id)
    return redirect(url_for("launch_admin.connection"), 303)


@bp.post("/connection/platforms/<registration_id>/resume")
def resume(registration_id: str) -> Response:
    """Open it again."""
    registration = _own(registration_id)
    registrations.resume(request_session(), now(), registration, current().person_id)
    return _back(registration)


@bp.post("/connection/platforms/<registration_id>/deployments/<deployment_id>")
def approve_deployment(registration_id: str, deployment_id: str) -> Response:
    """Let one more part of the platform in."""
    registration = _own(registration_id)
    registrations.approve_deployment(
        request_session(), now(), registration, deployment_id, current().person_id
    )
    return _back(registration)


@bp.post("/connection/platforms/<registration_id>/reading")
@takes("kind", "address", "token")
def reading(registration_id: str) -> Response | tuple[str, int]:
    """Set or replace the account that reads the courses; its token is never shown again (S20)."""
    registration = _own(registration_id)
    account = service.Account(*(request.form.get(name, "").strip() for name in ("kind", "address", "token")))
    try:
        lms().connect(request_session(), now(), wiring().settings, registration.id, account)
    except FieldError as error:
        return _platform_page(registration, None, error), error.status
    registrations.note_account(request_session(), now(), registration, current().person_id)
    return _back(registration)


def _decide_and_approve(registration: Registration) -> None:
    """Decision, registration and the deployments that wait: all or nothing."""
    session, actor_id = request_session(), current().person_id
    institution = session.get_one(Institution, registration.institution_id)
    if not institutions.is_decided(institution):
        institutions.decide(session, now(), institution, decision_of_form(), actor_id)
    registrations.approve(session, now(), registration, request.form.get("deployments", ""), actor_id)


def _connect_page(kind: str, address: str | None, fault: FieldError | None = None) -> str:
    _require_kind(kind)
    base = wiring().settings.base_url
    return render_template(
        f"launch/connect_{kind}.html",
        kind=kind,
        invited=address,
        tool={"login": f"{base}/lti/login", "launch": f"{base}/lti/launch", "keys": f"{base}/lti/keys"},
        canvas_json=tool_description.pretty(tool_description.canvas_configuration(base)),
        fault=said(fault),
        values=request.form,
    )


def _platform_page(
    registration: Registration, lines: list[service.Line] | None, fault: FieldError | None = None
) -> str:
    session = request_session()
    institution = session.get_one(Institution, registration.institution_id)
    return render_template(
        "launch/platform.html",
        institution=institution,
        decided=institutions.is_decided(institution),
        one=service.describe(session, registration, lms()),
        removable=registrations.is_unused(session, registration),
        lines=lines,
        fault=said(fault),
        values=request.form,
    )


def _own(registration_id: str) -> Registration:
    return registrations.of_institution(request_session(), current().institution_id, registration_id)


def _back(registration: Registration) -> Response:
    return redirect(url_for("launch_admin.platform", registration_id=registration.id), 303)


def _require_kind(kind: str) -> None:
    if kind not in KINDS:
        raise NotFoundError
