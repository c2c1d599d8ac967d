"""`average`: one checkpoint from several trainings."""

from pathlib import Path

import click

from model.commands.telling import FilePath, telling_errors
from model.commands.train import public_corpora, typed


@click.command()
@click.argument("checkpoints", type=FilePath, nargs=-1, required=True)
@click.option("--out", type=FilePath, required=True, help="New directory for the checkpoint.")
@click.option("--rank", type=click.IntRange(min=1), default=64, help="Rank of the adapter.")
@click.option("--corpora", "names", default=None, help="Public corpora to calibrate on; all or none.")
@click.option("--corpora-folder", type=FilePath, envvar="UNDERTONE_CORPORA", help="Where they lie.")
@telling_errors
def average(
    checkpoints: tuple[Path, ...], out: Path, rank: int, names: str | None, corpora_folder: Path | None
) -> None:
    """Write the mean of several adapters over one base, which is often better than each of them.

    It is calibrated on the rows that `train` keeps apart from the starter and the public corpora.
    """
    from model import backbones, recipe
    from model.averaging import average as write
    from model.training import TrainingOptions

    public = public_corpora(names, corpora_folder, "permissive")
    spoken = backbones.languages_of(None)
    rows = recipe.gather(True, public, corpora_folder, None, TrainingOptions().seed, spoken)
    click.echo(f"{out}: weights {write(checkpoints, rows.dev, out, rank, typed()).weights_hash}")
