"""`undertone breach-report`: whose data of which kinds was there, for the notice after a breach (P65)."""

import csv
import sys
from datetime import UTC, datetime

import click

A_TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
COLUMNS = ("pseudonym", "course", "kind", "rows", "first", "last", "events_in_window")


@click.command("breach-report")
@click.option("--institution", required=True)
@click.option("--from", "start", required=True, type=A_TIME, help="Begin of the window, UTC.")
@click.option("--to", "end", required=True, type=A_TIME, help="End of the window, UTC.")
@click.option(
    "--lms-ids", is_flag=True, help="Also each person's user id in the LMS, to tell them. On record."
)
def breach_report(institution: str, start: datetime, end: datetime, lms_ids: bool) -> None:
    """List affected people by pseudonym, with the kinds of data and their times, as CSV."""
    from lti_tool.commands.institution import require_named
    from lti_tool.installation import open_current
    from lti_tool.rights import breach
    from lti_tool.schedule import load_tasks

    installation = open_current()
    load_tasks()  # all tables must be known
    with installation.database.session() as session:
        found = breach.report(
            session,
            datetime.now(UTC),
            require_named(session, institution),
            start.replace(tzinfo=UTC),
            end.replace(tzinfo=UTC),
            lms_ids=lms_ids,
        )
    writer = csv.writer(sys.stdout)
    writer.writerow((*COLUMNS, *(("lms_user_id",) if lms_ids else ())))
    for one in found:
        own = (one.lms_user_id or "",) if lms_ids else ()
        for held in one.held:
            times = (moment.isoformat() if moment else "" for moment in (held.first, held.last))
            writer.writerow(
                (one.pseudonym, _plain(one.course), held.kind, held.rows, *times, one.events, *own)
            )
    click.echo(f"{len(found)} people. What was deleted since is not in it.", err=True)


def _plain(words: str) -> str:
    """A course title that a table would take for a formula is written with a quote before it."""
    return f"'{words}" if words[:1] in ("=", "+", "-", "@") else words
