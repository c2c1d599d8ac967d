"""`undertone institution controller`: what the record of every choice says about who is responsible (P24)."""

from datetime import UTC, datetime

import click

from lti_tool.commands.institution import institution, require_named

OPTIONS = {
    "name": "The body's own name, where it differs from the institution's here.",
    "address": "Its postal address.",
    "contact": "How to reach it.",
    "type": 'What kind of body it is, such as "public university".',
    "data_protection_officer": "Who that is, and how to reach them.",
    "supervisory_authority": "Where people can complain.",
    "impact_assessment": "Where the data protection impact assessment is found.",
    "storage_location": "Where the data lie.",
    "jurisdiction": "Whose law holds.",
    "third_parties": "Who else receives data, such as a company that runs the tool.",
}


@institution.command("controller")
@click.option("--institution", "of", required=True)
def controller(of: str, **given: str | None) -> None:
    """Say who is responsible; each receipt from now on says it. Without options, show what is on record."""
    from lti_tool.consent import controllers
    from lti_tool.installation import open_current

    said = {name: value for name, value in given.items() if value is not None}
    database, now = open_current().database, datetime.now(UTC)
    with database.session() as session:
        owner = require_named(session, of)
        if said:
            controllers.state(session, now, owner, said)
        number, details = controllers.at(session, owner.id, now)
    click.echo(f"Statement {number} of {of}:" if number else f"{of} has stated nothing yet.")
    for name in OPTIONS:
        click.echo(f"  {name.replace('_', ' ')}: {getattr(details, name) or controllers.NOT_STATED}")


for _name, _help in OPTIONS.items():
    controller = click.option(f"--{_name.replace('_', '-')}", _name, default=None, help=_help)(controller)
