"""`average`: one checkpoint from several trainings."""

from pathlib import Path

import click

from model.commands.telling import FilePath, tell_sheet, telling_errors
from model.commands.train import learnt_parts, public_corpora, typed
from model.errors import BadInput


@click.command()
@click.argument("checkpoints", type=FilePath, nargs=-1, required=True)
@click.option("--out", type=FilePath, required=True, help="New directory for the checkpoint.")
@click.option(
    "--rank",
    type=click.IntRange(min=1),
    default=None,
    help="Rank of the adapter.  [default: the largest of theirs]",
)
@click.option(
    "--csv", "sheet", type=FilePath, help="The labelled rows that the trainings had, to calibrate on."
)
@click.option(
    "--parts", default=None, help="Parts of the starter corpus that the trainings had.  [default: all]"
)
@click.option("--corpora", "names", default=None, help="Public corpora to calibrate on; all or none.")
@click.option("--corpora-folder", type=FilePath, envvar="UNDERTONE_CORPORA", help="Where they lie.")
@telling_errors
def average(
    checkpoints: tuple[Path, ...],
    out: Path,
    rank: int | None,
    sheet: Path | None,
    parts: str | None,
    names: str | None,
    corpora_folder: Path | None,
) -> None:
    """Write the mean of several adapters over one base, which is often better than each of them.

    It is calibrated on the rows that `train` keeps apart: with --csv those of that file and of the starter corpus,
    else those of the starter and the public corpora.
    """
    from model import averaging, checkpoint, recipe
    from model.integrity.placing import require_free
    from model.training import TrainingOptions

    require_free(out)
    for folder in checkpoints:
        checkpoint.verify(folder)
    spoken, seed = averaging.languages_of(checkpoints), TrainingOptions().seed
    if sheet is not None:
        tell_sheet(sheet)
    if sheet is not None and parts is not None:
        raise BadInput("--parts is for trainings without a CSV.")
    if sheet is not None and names is None:
        rows = recipe.with_replay(sheet, spoken, seed)
    else:
        learnt = learnt_parts(parts)
        public = public_corpora(names, corpora_folder, "permissive")
        rows = recipe.gather(True, public, corpora_folder, sheet, seed, spoken, learnt)
    click.echo(f"{out}: weights {averaging.average(checkpoints, rows.dev, out, rank, typed()).weights_hash}")
