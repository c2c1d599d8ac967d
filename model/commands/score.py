"""`score`: a spreadsheet of texts with a column per label added."""

from pathlib import Path

import click

from model.commands.telling import Bar, FilePath, tell_faults, telling_errors, which_model

FAULT = "cannot be read: "


@click.command()
@click.option("--in", "source", type=FilePath, required=True, help="CSV with a text column.")
@click.option("--out", type=FilePath, required=True, help="CSV to write: the same with a column per label.")
@which_model
@click.option("--probabilities", is_flag=True, help="Also a column p_LABEL for each of the ten outputs.")
@telling_errors
def score(source: Path, out: Path, checkpoint: Path | None, probabilities: bool) -> None:
    """Add the sentiment and a 0/1 column per label; a row that is not scored stays empty, with the reason."""
    from model import annotate, spreadsheets
    from model.errors import BadInput
    from model.integrity.placing import require_writable
    from model.scoring import Scorer

    require_writable(out)
    if out.exists() and out.samefile(source):
        raise BadInput(f"{out} is the file that is read: name another one with --out.")
    sheet = spreadsheets.read(source)
    columns = annotate.columns(probabilities)
    annotate.check_free(sheet.header, columns)
    tell_faults(sheet, "not scored")
    unusable = {number: f"{FAULT}{row.fault}" for number, row in enumerate(sheet.rows) if row.fault}
    scorer, texts = Scorer.load(checkpoint), sheet.column("text")
    added = annotate.cells(scorer, texts, probabilities, Bar("scoring"), unusable, sheet.stated())
    rows = [old.cells + new for old, new in zip(sheet.rows, added, strict=True)]
    spreadsheets.write(out, [*sheet.header, *columns], rows)
    unscored = sum(bool(new[-1]) for new in added)
    click.echo(f"{out}: {len(rows)} rows" + (f", {unscored} not scored" if unscored else ""))
