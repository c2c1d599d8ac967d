"""`/lti/register`: where a platform's registration dialogue leads (LTI Dynamic Registration 1.0, 3.3).

It works only with a one-time invite, and what comes of it waits for approval (S16). The page says what the platform
stated of itself before anything is sent: a GET changes nothing.
"""

from typing import Any

from flask import Blueprint, render_template, request

from lti_tool.launch import antiforgery, fields, headers, invites, registering, registrations
from lti_tool.launch.antiforgery import origin_of
from lti_tool.launch.fields import takes
from lti_tool.launch.limits import registrations_limited
from lti_tool.launch.registering import Described, Granted
from lti_tool.outbound.client import Client
from lti_tool.storage.request import now, wiring

bp = Blueprint("registering", __name__, url_prefix="/lti")
PARAMETERS = ("invite", "openid_configuration", "registration_token")


@bp.get("/register")
@registrations_limited
def register() -> str:
    """What the platform says of itself, and a button; without a platform, what the address is for."""
    given = {name: request.args.get(name, "") for name in PARAMETERS}
    with wiring().database.reading() as session:
        invites.institution_of(session, now(), given["invite"], "registration")
    if not given["openid_configuration"]:
        return render_template("launch/register_where.html")
    described = _describe(given)
    return render_template("launch/register.html", described=described, given=given)


@bp.post("/register")
@registrations_limited
@takes(*PARAMETERS)
def confirm() -> str:
    """Register with the platform, and keep the registration for approval."""
    fields.check()
    place = wiring()
    antiforgery.check_origin(place.settings.base_url)
    given = {name: request.form.get(name, "") for name in PARAMETERS}
    with place.database.session() as session:
        institution_id = invites.spend(session, now(), given["invite"], "registration")
    try:
        described = _describe(given)
        granted = registering.register(
            Client(place.settings), place.settings, described, given["registration_token"]
        )
        _keep(institution_id, described, granted)
    except BaseException:  # a worker that is told to stop, too
        with place.database.session() as session:
            invites.give_back(session, given["invite"], "registration")
        raise
    origin = origin_of(given["openid_configuration"])
    return render_template("launch/registered.html", platform_origin=origin)


def _describe(given: dict[str, str]) -> Described:
    """Checked; only then may the platform's dialogue show this page in its frame."""
    place = wiring()
    address = given["openid_configuration"]
    described = registering.describe(
        Client(place.settings), place.settings, address, given["registration_token"]
    )
    headers.frame_by(origin_of(address))
    return described


def _keep(institution_id: str, described: Described, granted: Granted) -> None:
    origin: dict[str, Any] = {
        "way": "dynamic",
        "family": described.family,
        "version": described.version,
        "name": described.name,
        "scopes": list(granted.scopes),
    }
    with wiring().database.session() as session:
        made = registrations.propose(session, now(), institution_id, granted.facts, origin, None)
        if granted.deployment_key:
            registrations.deployment_for(session, now(), made, granted.deployment_key, accept=False)
