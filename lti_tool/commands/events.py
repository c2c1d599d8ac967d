"""`undertone events`: what the security log holds under a reference that somebody read on a page."""

import click


@click.command()
@click.option("--reference", required=True, help="As the page showed it.")
def events(reference: str) -> None:
    """Say what happened under a reference: time, event and code, which docs/installing.md explains."""
    from sqlalchemy import select

    from lti_tool.audit.tables import AuditEvent
    from lti_tool.installation import open_current

    with open_current().database.reading() as session:
        own = select(AuditEvent).where(AuditEvent.correlation_id == reference.strip().lower())
        found = session.scalars(own.order_by(AuditEvent.at)).all()
        for row in found:
            click.echo(f"{row.at:%Y-%m-%d %H:%M:%S} UTC {row.event} {row.code}".rstrip())
    if not found:
        click.echo("Nothing is on record under this reference.", err=True)
