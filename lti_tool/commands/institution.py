"""`undertone institution`: what its instructors may see."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from lti_tool.commands.deciding import decision_of, decision_options
from lti_tool.errors import InvalidInputError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lti_tool.launch.tables import Institution


@click.group()
def institution() -> None:
    """Institutions, and what their instructors may see."""


@institution.command("list")
def list_() -> None:
    """List the institutions with their mode and who decided on it."""
    from sqlalchemy import select

    from lti_tool.installation import open_current
    from lti_tool.launch.tables import Institution

    with open_current().database.reading() as session:
        for one in session.scalars(select(Institution).order_by(Institution.name)):
            said = one.mode_record
            by = f"decided by {said['approver']} on {said['at'][:10]}" if said else "nobody has decided"
            click.echo(f"{one.name}: {one.mode}, {by}")


@institution.command("decide")
@click.option("--institution", "name", required=True)
@decision_options
def decide(name: str, **given: Any) -> None:
    """Put a decision on the mode into force and on record."""
    from lti_tool.installation import open_current
    from lti_tool.launch import institutions

    decision = decision_of(given)
    if decision is None:
        raise institutions.DecisionError
    with open_current().database.session() as session:
        owner = require_named(session, name)
        institutions.decide(session, datetime.now(UTC), owner, decision, None)
    click.echo(f"{name} is in mode {decision.mode}.")


def require_named(session: "Session", name: str) -> "Institution":
    """The institution of this name; raises InvalidInputError."""
    from lti_tool.launch import institutions

    found = institutions.named(session, name)
    if found is None:
        raise InvalidInputError(
            "There is no institution of this name. `undertone institution list` names them."
        )
    return found
