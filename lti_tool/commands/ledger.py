"""`undertone ledger`: checking the record of choices, and a receipt that somebody holds."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click


@click.group()
def ledger() -> None:
    """The record of choices: its chains and its receipts."""


@ledger.command()
@click.option("--course", default=None, help="Id of a course; all courses and texts by default.")
def verify(course: str | None) -> None:
    """Check every chain, checkpoint and published text; exit code 1 when something does not fit."""
    from lti_tool.consent import ledger_tasks, verifying
    from lti_tool.installation import open_current

    database = open_current().database
    with database.reading() as session:
        report = verifying.check(session, course)
    if course is None:
        with database.session() as session:
            ledger_tasks.note(session, datetime.now(UTC), report)
    for fault in report.faults:
        click.echo(f"BROKEN {fault.words}")
    click.echo(f"{report.lines} lines of {report.courses} courses looked at, {len(report.faults)} faults.")
    sys.exit(0 if report.is_whole else 1)


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
