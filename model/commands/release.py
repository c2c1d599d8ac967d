"""`export`, `push`, `verify`, `card`, `prepare`: what leaves or enters an installation as a whole."""

from datetime import UTC, datetime
from pathlib import Path

import click

from model.commands.telling import Bar, FilePath, telling_errors, which_model
from model.errors import BadInput


@click.command()
@click.option("--out", type=FilePath, required=True, help="New directory.")
@which_model
@click.option("--sentiment", is_flag=True, help="Only the three sentiments, for a plain pipeline.")
@telling_errors
def export(out: Path, checkpoint: Path | None, sentiment: bool) -> None:
    """Write a plain directory for a stock text-classification pipeline."""
    from model.export import export as write

    options = "" if sentiment else ", top_k=None, function_to_apply='sigmoid'"
    click.echo(f"{write(checkpoint, out, sentiment)}: loads in pipeline('text-classification'{options})")
    click.echo(
        "Call it with truncation=True: without, a text of more tokens than it has places for is an error."
    )
    if not sentiment:
        click.echo(
            "Seven entries are probabilities; the three sentiments are not: export --sentiment reads them."
        )


@click.command()
@click.argument("folder", type=FilePath)
@click.argument("repository")
@click.option("--public", is_flag=True, help="Let everyone see a repository that is made new.")
@click.option("--decided-by", help="Who decided to publish what learnt from students' texts.")
@click.option("--because", help="Why that was decided.")
@telling_errors
def push(folder: Path, repository: str, public: bool, decided_by: str | None, because: str | None) -> None:
    """Upload an export to REPOSITORY ("owner/name") on the hub; needs HF_HUB_OFFLINE=0.

    An export of weights that learnt from students' texts is refused without --decided-by and --because, which are
    recorded in it.
    """
    from model.checkpoint import verify as check
    from model.push import Decision
    from model.push import push as upload

    if bool(decided_by) != bool(because):
        raise BadInput("A decision needs both --decided-by and --because.")
    decision = None
    if decided_by and because:
        source = check(folder).source or ""
        decision = Decision(decided_by, datetime.now(UTC).isoformat(timespec="seconds"), because, source)
    click.echo(upload(folder, repository, decision, private=not public))


@click.command()
@which_model
@telling_errors
def verify(checkpoint: Path | None) -> None:
    """Check every file of a checkpoint against its manifest; exit status 2 when one is not as it was saved."""
    from model.checkpoint import verify as check
    from model.scoring import SHIPPED

    manifest = check(checkpoint or SHIPPED)
    click.echo(
        f"{checkpoint or SHIPPED.name}: unaltered, {len(manifest.files)} files, weights {manifest.weights_hash}"
    )


@click.command()
@which_model
@click.option("--measure", is_flag=True, help="With the fairness table, which takes a minute or two.")
@telling_errors
def card(checkpoint: Path | None, measure: bool) -> None:
    """Print the model card."""
    from model import fairness
    from model.card import markdown
    from model.checkpoint import verify as check
    from model.scoring import SHIPPED, Scorer

    manifest = check(checkpoint or SHIPPED)
    table = ""
    if measure:
        table = fairness.markdown(fairness.run(Scorer.load(checkpoint, exact=True), Bar("fairness")))
    click.echo(markdown(manifest, fairness=table), nl=False)


@click.command()
@telling_errors
def prepare() -> None:
    """Rebuild, now and not at first use, the encoders that packages carry in another form."""
    from model import backbones

    for folder in backbones.prepare():
        click.echo(f"{folder.name} is ready.")
