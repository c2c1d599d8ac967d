"""`undertone audit`: who looked at whom (P48), and to whom anything was disclosed (P44)."""

import csv
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from lti_tool.commands.institution import require_named

if TYPE_CHECKING:
    from lti_tool.audit.looking import Wanted

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def audit() -> None:
    """Who looked at whom, and what was disclosed: for whoever watches over data protection."""


def of_a_period(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say of which institution, when and about whom."""
    options = (
        click.option("--institution", "name", required=True),
        click.option("--from", "since", type=DAY, help="First day (UTC); a year back by default."),
        click.option("--to", "until", type=DAY, help="Last day (UTC); today by default."),
        click.option("--person", "whom", default="", help="Only about this person, by our id."),
        click.option("--csv", "as_csv", is_flag=True, help="As CSV with a heading."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@audit.command("views")
@of_a_period
@click.option("--by", "who", default="", help="Only by this member of staff, by our id.")
def views(
    name: str, since: datetime | None, until: datetime | None, whom: str, as_csv: bool, who: str
) -> None:
    """List each view of a person by staff: when, course, who, role, whom, page, how many texts.

    The reading is itself put on record.
    """
    from lti_tool.audit.looking import Look, looks, reviewed, rows
    from lti_tool.installation import open_current

    now = datetime.now(UTC)
    with open_current().database.session() as session:
        wanted = _wanted(require_named(session, name).id, since, until, now, who, whom)
        found = looks(session, wanted)
        reviewed(session, now, wanted, len(found), None)
    _print(rows(found, Look), as_csv)


@audit.command("disclosures")
@of_a_period
def disclosures(name: str, since: datetime | None, until: datetime | None, whom: str, as_csv: bool) -> None:
    """List what left the institution's own use of the tool: exports, and what was recorded with `audit disclose`."""
    from lti_tool.audit.looking import Disclosure, rows
    from lti_tool.audit.looking import disclosures as listed
    from lti_tool.installation import open_current

    with open_current().database.reading() as session:
        wanted = _wanted(require_named(session, name).id, since, until, datetime.now(UTC), "", whom)
        found = listed(session, wanted)
    _print(rows(found, Disclosure), as_csv)


@audit.command("disclose")
@click.option("--institution", "name", required=True)
@click.option("--person", required=True, help="By our id.")
@click.option("--to", required=True, help="The office or organisation; never a person's name.")
@click.option("--what", required=True, help="Kinds of data, such as texts.")
@click.option("--basis", required=True, help="The rule that allows it, such as 34 CFR 99.31.")
def disclose(name: str, person: str, to: str, what: str, basis: str) -> None:
    """Put a disclosure on record."""
    from lti_tool.audit.looking import disclose as put
    from lti_tool.installation import open_current

    with open_current().database.session() as session:
        put(session, datetime.now(UTC), require_named(session, name).id, person, to, what, basis)
    click.echo("Recorded.")


def _wanted(
    institution_id: str, since: datetime | None, until: datetime | None, now: datetime, who: str, whom: str
) -> "Wanted":
    from lti_tool.audit.looking import KEPT, Wanted

    first = since.replace(tzinfo=UTC) if since else now - KEPT
    last = until.replace(tzinfo=UTC) + timedelta(days=1) if until else now + timedelta(seconds=1)
    return Wanted(institution_id, first, last, who, whom)


def _print(rows: Any, as_csv: bool) -> None:
    if as_csv:
        csv.writer(sys.stdout).writerows(rows)
        return
    for row in rows:
        click.echo("  ".join(row))
