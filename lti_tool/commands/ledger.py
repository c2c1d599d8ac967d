"""`undertone ledger`: checking the record of choices, and a receipt that somebody holds."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lti_tool.consent.verifying import Report
    from lti_tool.storage import Database


@click.group()
def ledger() -> None:
    """The record of choices: its chains and its receipts."""


@ledger.command()
@click.option("--course", default=None, help="Id of a course; all courses and texts by default.")
def verify(course: str | None) -> None:
    """Check every chain, checkpoint and published text, and hold them against the file of seals.

    Exit code 1 when something does not fit.
    """
    from lti_tool.consent import verifying
    from lti_tool.installation import open_current

    installation = open_current()
    database, seals = installation.database, installation.settings.seals_path
    with database.reading() as session:
        report = verifying.check(session, course, seals)
    for note in report.notes:
        click.echo(note)
    if course is None:
        _put_on_record(database, seals, report)
    for fault in report.faults:
        click.echo(f"BROKEN {fault.words}")
    click.echo(f"{report.lines} lines of {report.courses} courses looked at, {len(report.faults)} faults.")
    sys.exit(0 if report.is_whole else 1)


@ledger.command()
@click.option(
    "--reason", required=True, help="What happened and who looked into it, without names of students."
)
def accept(reason: str) -> None:
    """Sign the ledger as it stands, once it is known why it does not fit the file of seals.

    The reason stays in the file, and every later check shows it.
    """
    from lti_tool.consent import anchoring, ledger_tasks, verifying
    from lti_tool.installation import open_current

    installation, now = open_current(), datetime.now(UTC)
    database, seals = installation.database, installation.settings.seals_path
    with database.session() as session:
        made = anchoring.accept(session, now, seals, reason)
    with database.reading() as session:
        report = verifying.check(session, seals=seals)
    with database.session() as session:
        ledger_tasks.note(session, now, report, made)
    click.echo(f"Signed as line {made.number} of {seals}. {len(report.faults)} faults are left.")


def _put_on_record(database: "Database", seals: Path, report: "Report") -> None:
    """In the log; and where nothing was sealed outside yet, that begins now, once."""
    from lti_tool.consent import ledger_tasks

    now = datetime.now(UTC)
    made = None if report.is_begun else ledger_tasks.seal_outside(database, now, seals, report)
    if made is not None:
        click.echo(f"The file of seals was begun: {seals}. Copy it often, and apart from the database.")
    with database.session() as session:
        ledger_tasks.note(session, now, report, made)


@ledger.command("check-receipt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_receipt(file: Path) -> None:
    """Check the signature of a downloaded receipt, and whether the ledger still says the same."""
    from lti_tool.consent import receipts
    from lti_tool.installation import open_current

    with open_current().database.reading() as session:
        receipt = receipts.check(file.read_bytes())
        stands = receipts.stands(session, receipt)
    click.echo("The signature is ours, and nothing in the receipt was changed.")
    words = {
        True: "The ledger says the same.",
        False: "The ledger says something else. Run `undertone ledger verify`.",
        None: "The ledger holds this line no more: its time is over, or it was lost.",
    }
    click.echo(words[stands])
    sys.exit(1 if stands is False else 0)


@ledger.command("keys")
def keys() -> None:
    """Print the public keys that verify receipts, as the page /consent/keys.json does."""
    import json

    from lti_tool.consent import signing
    from lti_tool.installation import open_installation

    open_installation()
    click.echo(json.dumps(signing.published(), indent=2))
