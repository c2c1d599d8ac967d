"""`undertone privacy-report`: which requirements have which tests, and whether these passed in the last run."""

import sys
from pathlib import Path

import click


@click.command("privacy-report")
@click.option("--item", "wanted", multiple=True, help="Only this item, such as P16; may be given again.")
@click.option(
    "--write", type=click.Path(dir_okay=False, path_type=Path), help="Write the tests found as JSON here."
)
def privacy_report(wanted: tuple[str, ...], write: Path | None) -> None:
    """List every requirement with the tests that carry its id; exit code 1 when a needed one has none that counts.

    In a checkout the tests are read where they lie, with the results that the last whole `make test` and
    `make test-long` left; elsewhere the list that came with the package is shown. Nothing is run.
    """
    from lti_tool.proofs.naming import as_json, proofs
    from lti_tool.proofs.table import lines, rows

    found = proofs()
    if write is not None:
        write.write_text(as_json(found), "utf-8")
    chosen = {own.upper() for own in wanted}
    shown = [row for row in rows(found) if not chosen or row.item.id in chosen]
    if not shown:
        raise click.UsageError("There is no item of this id.")
    for line in lines(shown, found.run):
        click.echo(line)
    sys.exit(1 if any(row.is_missing for row in shown) else 0)
