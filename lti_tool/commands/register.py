"""`undertone register`: a platform, its institution and its reading account in one command."""

import os
from datetime import UTC, datetime
from typing import Any, cast

import click

from lti_tool.commands.deciding import decision_of, decision_options


@click.command()
@click.option("--institution", required=True, help="Name of the institution.")
@click.option("--issuer", required=True, help="The platform's issuer (Moodle: the site's address).")
@click.option("--client-id", required=True)
@click.option("--authorization-url", required=True)
@click.option("--token-url", required=True)
@click.option("--keys-url", required=True)
@decision_options
@click.option("--lms", type=click.Choice(["moodle", "canvas"]), required=True)
@click.option("--lms-url", required=True, help="Root address of the LMS.")
@click.option("--key-id", help="Canvas: id of the API developer key, in place of a token.")
def register(lms: str, lms_url: str, key_id: str | None, institution: str, **given: Any) -> None:
    """Register a platform and the account that reads its courses; a new institution needs a decision on its mode.

    The account's token comes from UNDERTONE_LMS_TOKEN or is asked for; as an argument, everyone who may list
    processes would see it. With --key-id the key's secret comes from UNDERTONE_CANVAS_SECRET in the same way, and an
    administrator authorises on the page "Connection".
    """
    from lti_tool.installation import open_current
    from lti_tool.launch import registrations
    from lti_tool.launch.registrations import PlatformFacts
    from lti_tool.launch.tables import Institution
    from lti_tool.lms.canvas_accounts import Typed, set_key
    from lti_tool.lms.connections import LmsKind, connect

    if key_id and lms != "canvas":
        raise click.UsageError("Only a Canvas has developer keys.")
    installation = open_current()
    decision = decision_of(given)
    secret = secret_of_environment() if key_id else token_of_environment()
    now, hosts = datetime.now(UTC), installation.settings.outbound_hosts
    with installation.database.session() as session:
        facts = PlatformFacts(**given)
        made = registrations.add(session, now, institution, facts, decision, plain_http_hosts=hosts)
        if key_id:
            set_key(session, now, made, Typed(key_id, secret, lms_url), None, hosts)
        else:
            connect(session, now, made.id, cast(LmsKind, lms), lms_url, secret, plain_http_hosts=hosts)
        owner = session.get_one(Institution, made.institution_id)
        done = f"Registered {made.issuer} for {owner.name}; it is active in mode {owner.mode}."
    click.echo(done)


def token_of_environment() -> str:
    """The reading account's token, typed in unseen where UNDERTONE_LMS_TOKEN does not hold it."""
    return os.environ.get("UNDERTONE_LMS_TOKEN") or str(click.prompt("Token of the account", hide_input=True))


def secret_of_environment() -> str:
    """The developer key's secret, typed in unseen where UNDERTONE_CANVAS_SECRET does not hold it."""
    return os.environ.get("UNDERTONE_CANVAS_SECRET") or str(
        click.prompt("Secret of the developer key", hide_input=True)
    )
