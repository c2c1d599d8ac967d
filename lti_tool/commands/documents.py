"""`undertone docs`: the papers of the switch-on pack, from live settings."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lti_tool.errors import InvalidInputError

if TYPE_CHECKING:
    from lti_tool.documents.facts import Facts


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("undertone-documents"),
    show_default=True,
    help="Folder for the papers.",
)
@click.option("--check", is_flag=True, help="Write nothing; say what is missing or out of date there.")
@click.option("--institution", "name", help="Its name; may be left out where there is one.")
@click.option("--defaults", is_flag=True, help="Of a fresh installation, whatever is set here.")
def docs(out: Path, check: bool, name: str | None, defaults: bool) -> None:
    """Write the papers for switching on: impact assessment, record of processing, AI-Act memo and the others.

    What only the institution knows is marked. A file that was changed by hand is never written over.
    """
    from lti_tool.documents import facts
    from lti_tool.documents.writing import differences, store, written

    papers = written(facts.fresh() if defaults else _live(name))
    if check:
        found = differences(out, papers)
        for line in found:
            click.echo(line)
        click.echo(f"{len(papers) - len(found)} of {len(papers)} papers are up to date.")
        sys.exit(1 if found else 0)
    store(out, papers)
    click.echo(f"{len(papers)} papers are in {out}.")


def _live(name: str | None) -> "Facts":
    """What is so in this installation. Raises InvalidInputError where the institution must be named."""
    from sqlalchemy import select

    from lti_tool.commands.institution import require_named
    from lti_tool.documents.facts import gather
    from lti_tool.installation import open_current
    from lti_tool.launch.tables import Institution

    installation = open_current()
    with installation.database.reading() as session:
        if name is not None:
            return gather(session, installation.settings, require_named(session, name))
        found = session.scalars(select(Institution).order_by(Institution.name).limit(2)).all()
        if len(found) != 1:
            raise InvalidInputError(
                "There is not exactly one institution here. Name one with --institution, or say --defaults for the "
                "papers of a fresh installation."
            )
        return gather(session, installation.settings, found[0])
