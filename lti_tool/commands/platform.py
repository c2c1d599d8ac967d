"""`undertone platform`: registrations from invitation to switching off."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import click

from lti_tool.commands.deciding import decision_of, decision_options
from lti_tool.commands.institution import require_named
from lti_tool.commands.register import secret_of_environment, token_of_environment
from lti_tool.errors import InvalidInputError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lti_tool.launch.tables import Registration


STANDINGS = {
    "waiting": "not authorised yet",
    "authorised": "authorised",
    "again": "must be authorised again",
    "revoked": "revoked",
}
"""How a Canvas account stands, by its `standing`."""


@click.group()
def platform() -> None:
    """Platforms: invite, list, approve, check, switch off, remove; their reading accounts."""


def one_platform(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options that name a registration."""
    return click.option("--issuer", required=True)(click.option("--client-id", required=True)(command))


@platform.command("invite")
@click.option("--institution", required=True)
def invite(institution: str) -> None:
    """Print the address for the platform's own registration dialogue; good once, for 24 hours."""
    from lti_tool.installation import open_current
    from lti_tool.launch import invites

    installation = open_current()
    with installation.database.session() as session:
        owner = require_named(session, institution)
        secret = invites.make(session, datetime.now(UTC), owner.id, "registration", None)
    click.echo(f"{installation.settings.base_url}/lti/register?invite={secret}")


@platform.command("canvas-json")
def canvas_json() -> None:
    """Print the configuration that Canvas's form "Paste JSON" takes."""
    from lti_tool.installation import read_settings
    from lti_tool.launch.tool_description import canvas_configuration, pretty

    click.echo(pretty(canvas_configuration(read_settings().base_url)))


@platform.command("list")
def list_() -> None:
    """List the platforms with state, deployments and reading account."""
    from sqlalchemy import select

    from lti_tool.installation import open_current
    from lti_tool.launch import registrations
    from lti_tool.launch.tables import Institution, Registration
    from lti_tool.lms.tables import CanvasAccount, LmsConnection

    with open_current().database.reading() as session:
        for one in session.scalars(select(Registration).order_by(Registration.created_at)):
            owner = session.get_one(Institution, one.institution_id).name
            reader, account = session.get(LmsConnection, one.id), session.get(CanvasAccount, one.id)
            standing = f" ({STANDINGS[account.standing]})" if account else ""
            parts = [
                f"{part.deployment_key} {part.status}" for part in registrations.deployments(session, one)
            ]
            click.echo(
                f"{one.issuer} {one.client_id} ({owner}): {one.status}; "
                f"deployments: {', '.join(parts) or 'none yet'}; "
                f"{f'read as {reader.kind}{standing}' if reader else 'no reading account'}"
            )


@platform.command("approve")
@one_platform
@click.option(
    "--deployments",
    type=click.Choice(["ask", "auto"]),
    required=True,
    help="Whether further deployments wait for approval or work from their first sign-in on.",
)
@decision_options
def approve(issuer: str, client_id: str, deployments: str, **given: Any) -> None:
    """Let people sign in through a platform that waits; states the decision on the mode where there is none."""
    from lti_tool.launch import institutions, registrations
    from lti_tool.launch.tables import Institution

    decision = decision_of(given)

    def act(session: "Session", now: datetime, registration: "Registration") -> None:
        owner = session.get_one(Institution, registration.institution_id)
        if decision is not None and not institutions.is_decided(owner):
            institutions.decide(session, now, owner, decision, None)
        elif decision is not None:
            institutions.keep_decision(owner, decision)
        registrations.approve(session, now, registration, deployments, None)

    _change(issuer, client_id, act)
    click.echo("Approved: people can sign in.")


@platform.command("deployment")
@one_platform
@click.option(
    "--deployment", "key", required=True, help="The platform's id of it, as `platform list` names it."
)
def approve_deployment(issuer: str, client_id: str, key: str) -> None:
    """Approve one deployment that waits."""
    from lti_tool.launch import registrations

    def act(session: "Session", now: datetime, registration: "Registration") -> None:
        known = {one.deployment_key: one.id for one in registrations.deployments(session, registration)}
        if key not in known:
            raise InvalidInputError(
                "This platform has no deployment of this id. `undertone platform list` names them."
            )
        registrations.approve_deployment(session, now, registration, known[key], None)

    _change(issuer, client_id, act)
    click.echo("Approved.")


@platform.command("remove")
@one_platform
def remove(issuer: str, client_id: str) -> None:
    """Remove a platform that waits, or one that is switched off and was never used."""
    from lti_tool.launch import registrations

    _change(issuer, client_id, lambda session, now, one: registrations.remove(session, now, one, None))
    click.echo("Removed.")


@platform.command("check")
@one_platform
def check(issuer: str, client_id: str) -> None:
    """Try a platform: keys, clock, list of people, each call by which texts are read, and how sign-ins went."""
    from lti_tool.installation import open_current
    from lti_tool.launch import connection, registrations
    from lti_tool.launch.platform_keys import KeySets
    from lti_tool.lms.behind import LmsBehind
    from lti_tool.outbound.client import Client

    installation = open_current()
    with installation.database.reading() as session:
        one = registrations.find(session, issuer, client_id)
        course = connection.course_to_check(session, one, "")
    place, key_sets = (installation.database, installation.settings), KeySets(Client(installation.settings))
    lines = list(connection.check(*place, key_sets, LmsBehind(), datetime.now(UTC), one, course))
    for line in lines:
        state = {True: "ok   ", False: "WRONG", None: "     "}[line.ok]
        click.echo(f"{state} {line.name}" + (f": {line.words}" if line.words else ""))
    sys.exit(1 if any(line.ok is False for line in lines) else 0)


@platform.command("suspend")
@one_platform
def suspend(issuer: str, client_id: str) -> None:
    """Let nobody sign in through a platform any more; open pages are closed."""
    from lti_tool.launch import registrations

    _change(issuer, client_id, lambda session, now, one: registrations.suspend(session, now, one, None))
    click.echo("Switched off: nobody can sign in.")


@platform.command("resume")
@one_platform
def resume(issuer: str, client_id: str) -> None:
    """Let people sign in again through a platform that was switched off."""
    from lti_tool.launch import registrations

    _change(issuer, client_id, lambda session, now, one: registrations.resume(session, now, one, None))
    click.echo("Switched on again.")


@platform.command("reader")
@one_platform
@click.option("--lms", type=click.Choice(["moodle", "canvas"]), required=True)
@click.option("--lms-url", required=True, help="Root address of the LMS.")
def reader(issuer: str, client_id: str, lms: str, lms_url: str) -> None:
    """Set or replace the account that reads a platform's courses (token as for `register`)."""
    from lti_tool.installation import read_settings
    from lti_tool.lms.connections import LmsKind, connect

    token, hosts = token_of_environment(), read_settings().outbound_hosts

    def act(session: "Session", now: datetime, registration: "Registration") -> None:
        connect(session, now, registration.id, cast(LmsKind, lms), lms_url, token, plain_http_hosts=hosts)

    _change(issuer, client_id, act)
    click.echo("The reading account is set. `undertone check` tries it.")


@platform.command("canvas-key")
@one_platform
@click.option(
    "--key-id", required=True, help="The number in the column “Details” of Canvas's developer keys."
)
@click.option("--lms-url", required=True, help="Root address of Canvas.")
def canvas_key(issuer: str, client_id: str, key_id: str, lms_url: str) -> None:
    """Set the API developer key by which a Canvas is read; its secret as for `register`.

    An administrator then authorises on the page "Connection": that needs a browser.
    """
    from lti_tool.installation import read_settings
    from lti_tool.lms.canvas_accounts import Typed, set_key

    typed, hosts = Typed(key_id, secret_of_environment(), lms_url), read_settings().outbound_hosts

    def act(session: "Session", now: datetime, registration: "Registration") -> None:
        set_key(session, now, registration, typed, None, hosts)

    _change(issuer, client_id, act)
    click.echo(
        "The developer key is set. An administrator authorises on the page “Connection” of the platform."
    )


def _change(issuer: str, client_id: str, act: Callable[["Session", datetime, "Registration"], None]) -> None:
    from lti_tool.installation import open_current
    from lti_tool.launch import registrations

    with open_current().database.session() as session:
        act(session, datetime.now(UTC), registrations.find(session, issuer, client_id))
