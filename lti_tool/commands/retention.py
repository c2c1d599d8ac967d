"""`undertone retention`: how long data is kept, deleting what is over now, and the report of the last night (P62)."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lti_tool.rights.retention_report import Report


@click.group()
def retention() -> None:
    """How long data is kept, and what was deleted."""


@retention.command("show")
@click.option("--institution", required=True)
def show(institution: str) -> None:
    """Say how long an institution keeps each kind of data, and who decided on it."""
    from lti_tool.commands.institution import require_named
    from lti_tool.installation import open_current
    from lti_tool.rights import retention_choices
    from lti_tool.storage import KINDS, LIMITS

    with open_current().database.reading() as session:
        owner = require_named(session, institution)
        days = retention_choices.days_of(session, owner.id)
        newest = {row.kind: row for row in retention_choices.chosen(session, owner.id)}
    for kind in KINDS:
        row = newest.get(kind)
        by = f"decided by {row.set_by} on {row.set_at:%Y-%m-%d}" if row else "the default"
        click.echo(f"{kind}: {days[kind]} days (at most {LIMITS[kind].ceiling}), {by}")


@retention.command("set")
@click.option("--institution", required=True)
@click.option("--kind", required=True, help="As `retention show` names it.")
@click.option("--days", required=True, type=int)
@click.option("--decided-by", required=True, help="Who decided; it stays on record.")
def set_(institution: str, kind: str, days: int, decided_by: str) -> None:
    """Choose how long an institution keeps a kind of data; it holds from the next night on."""
    from lti_tool.commands.institution import require_named
    from lti_tool.installation import open_current
    from lti_tool.rights import retention_choices

    with open_current().database.session() as session:
        owner = require_named(session, institution)
        retention_choices.choose(session, datetime.now(UTC), owner, kind, days, decided_by)
    click.echo(f"{kind} is kept for {days} days from the next run on.")


@retention.command("run")
def run() -> None:
    """Delete what is over now, as every night."""
    from lti_tool.foreground import follow
    from lti_tool.installation import open_current
    from lti_tool.jobs import enqueue
    from lti_tool.rights.retention_tasks import KIND
    from lti_tool.schedule import load_tasks

    installation = open_current()
    load_tasks()
    with installation.database.session() as session:
        job = enqueue(session, datetime.now(UTC), KIND)
    if not follow(installation, [job.id], KIND):
        sys.exit(1)


@retention.command("report")
@click.option("--institution", default=None, help="Its name; all of them by default.")
def report(institution: str | None) -> None:
    """Print what the last run deleted, the oldest row that is left of each kind, and what could not be done."""
    from lti_tool.commands.institution import require_named
    from lti_tool.installation import open_current
    from lti_tool.rights import retention_report
    from lti_tool.rights.retention import institutions

    with open_current().database.reading() as session:
        owners = [require_named(session, institution)] if institution else institutions(session)
        shown = [(one.name, retention_report.newest(session, one.id)) for one in owners]
        if institution is None:
            shown.append(("the installation", retention_report.newest(session, "")))
    for name, found in shown:
        _print(name, found)


def _print(name: str, report: "Report | None") -> None:
    if report is None:
        click.echo(f"{name}: nothing has run yet.")
        return
    ended = f"{report.finished_at:%Y-%m-%d %H:%M} UTC" if report.finished_at else "not yet: it goes on"
    click.echo(f"{name}: begun {report.started_at:%Y-%m-%d %H:%M} UTC, ended {ended}")
    for line in report.lines:
        oldest = f"{line.oldest:%Y-%m-%d}" if line.oldest else "none left"
        click.echo(f"  {line.kind}: {line.deleted} deleted, oldest {oldest}, kept {line.days} days")
    for one in report.undone:
        click.echo(f"  not done: {one['code']} ({one['count']})")
