"""`undertone admin`: people who may administer an institution."""

from datetime import UTC, datetime

import click


@click.group()
def admin() -> None:
    """People who may administer an institution."""


@admin.command("add")
@click.option("--issuer", required=True)
@click.option("--client-id", required=True)
@click.option("--sub", required=True, help="The person's id in the LMS, as its launches send it.")
def add(issuer: str, client_id: str, sub: str) -> None:
    """List a person as administrator of the institution that owns a registration."""
    from lti_tool.installation import open_current
    from lti_tool.launch import operators, registrations

    with open_current().database.session() as session:
        found = registrations.find(session, issuer, client_id)
        operators.add(session, datetime.now(UTC), found.institution_id, issuer, client_id, sub)
    click.echo("Listed. They land on the administrator's pages at their next launch.")


@admin.command("link")
@click.option("--institution", required=True, help="Its name; a new one is made, switched off.")
def link(institution: str) -> None:
    """Print a one-time link that opens the administrator's pages, before there is any platform."""
    from lti_tool.installation import open_current
    from lti_tool.launch import institutions, invites

    installation, now = open_current(), datetime.now(UTC)
    with installation.database.session() as session:
        owner = institutions.named(session, institution) or institutions.found(session, now, institution)
        secret = invites.make(session, now, owner.id, "administration", None)
    click.echo(f"{installation.settings.base_url}/lti/administer#{secret}")
    click.echo(
        "Whoever opens it first administers the institution for one sitting. It ends in 24 hours.", err=True
    )


@admin.command("code")
@click.option("--institution", required=True)
def code(institution: str) -> None:
    """Print a one-time code: who types it in on the tool's page in the LMS is listed as administrator."""
    from lti_tool.commands.institution import require_named
    from lti_tool.installation import open_current
    from lti_tool.launch import invites

    now = datetime.now(UTC)
    with open_current().database.session() as session:
        secret = invites.make(session, now, require_named(session, institution).id, "listing", None)
    click.echo(secret)


@admin.command("list")
@click.option("--institution", required=True)
def list_(institution: str) -> None:
    """List an institution's administrators: an id of ours and a date each; names are not known here."""
    from lti_tool.commands.institution import require_named
    from lti_tool.installation import open_current
    from lti_tool.launch import operators

    with open_current().database.reading() as session:
        for one in operators.listed(session, require_named(session, institution).id):
            click.echo(f"{one.id} listed on {one.created_at:%Y-%m-%d}")


@admin.command("remove")
@click.option("--institution", required=True)
@click.option("--id", "operator_id", required=True, help="As `admin list` prints it.")
def remove(institution: str, operator_id: str) -> None:
    """Take somebody off the list and close their administrator's pages."""
    from lti_tool.commands.institution import require_named
    from lti_tool.installation import open_current
    from lti_tool.launch import operators

    with open_current().database.session() as session:
        owner = require_named(session, institution)
        operators.remove(session, datetime.now(UTC), owner.id, operator_id, None)
    click.echo("Taken off the list.")
