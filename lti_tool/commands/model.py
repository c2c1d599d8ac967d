"""`undertone model`: what serves, what is known of each version, and an operator's decisions about them."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SAYS = {
    True: "HOLDS texts of this person",
    False: "holds no text of this person",
    None: "cannot be proved: a manifest is missing or altered",
}
WHO = "command line"
of_institution = click.option(
    "--institution", default=None, help="Whose model; needed where the installation serves several."
)


@click.group()
def model() -> None:
    """Models: what serves, what they learnt from, and how to go back."""


@model.command("list")
@of_institution
def list_(institution: str | None) -> None:
    """List every version with where it comes from; `*` serves, `!` is pinned."""
    from sqlalchemy import select

    from lti_tool.installation import open_current
    from lti_tool.scoring import pinning, serving, wall
    from lti_tool.scoring.tables import ModelVersion, Weights

    with open_current().database.reading() as session:
        scope = _scope(session, institution)
        present, pin = serving.serving(session, scope).id, pinning.pin_of(session, scope)
        for version in session.scalars(select(ModelVersion).order_by(ModelVersion.created_at)):
            if not wall.may_serve(session, version, scope):
                continue
            kept = session.get_one(Weights, version.weights_hash).expired_at is None
            marks = ("*" if version.id == present else " ") + (
                "!" if pin and pin.version_id == version.id else " "
            )
            gone = "" if kept else ", weights gone"
            click.echo(f"{marks} {version.id[:8]} {version.origin}, {version.created_at:%Y-%m-%d}{gone}")


@model.command("show")
@click.argument("version")
def show(version: str) -> None:
    """Print the card and the datasheet of VERSION (its id, or how that begins)."""
    from lti_tool.installation import open_current
    from lti_tool.retraining import by_hand, papers

    with open_current().database.reading() as session:
        found = by_hand.named(session, version)
        paper = papers.paper_of(session, found)
    learnt = "has learnt from students' texts" if paper.learnt_here else "has learnt from no student's text"
    click.echo(f"{found.id} ({found.origin}) {learnt}.\n\n{paper.purpose}\n{paper.not_for}\n{paper.use}")
    for label, shares in paper.figures:
        click.echo(f"{label}: precision {shares[0]}, recall {shares[1]}, F1 {shares[2]}")
    for line in (*paper.pool, *(f"{name}: {value}" for name, value in paper.hashes.items())):
        click.echo(line)


@model.command("promote")
@click.argument("version")
@of_institution
def promote(version: str, institution: str | None) -> None:
    """Serve VERSION from now on, whatever its figures are; refused when it holds withdrawn texts or is gone."""
    from lti_tool.installation import open_current
    from lti_tool.retraining import by_hand

    with open_current().database.session() as session:
        found = by_hand.named(session, version)
        by_hand.promote(session, datetime.now(UTC), found, WHO, _scope(session, institution))
    click.echo(
        f"Serving version {found.id[:8]} ({found.origin}). Courses are scored by it in the background."
    )


@model.command("pin")
@click.argument("version", required=False)
@click.option("--off", is_flag=True, help="Let a better version serve again.")
@of_institution
def pin(version: str | None, off: bool, institution: str | None) -> None:
    """Let the serving VERSION stay, whatever runs find."""
    from lti_tool.installation import open_current
    from lti_tool.retraining import by_hand
    from lti_tool.scoring import pinning, serving

    with open_current().database.session() as session:
        scope, now = _scope(session, institution), datetime.now(UTC)
        if off:
            ended = pinning.unpin(session, now, scope)
            click.echo("Nothing is pinned any more." if ended else "Nothing was pinned.")
            return
        found = by_hand.named(session, version) if version else serving.serving(session, scope)
        by_hand.pin(session, now, found, WHO, scope)
    click.echo(f"Version {found.id[:8]} is pinned: runs train and report, and none changes what serves.")


@model.command("unpin")
@of_institution
@click.pass_context
def unpin(context: click.Context, institution: str | None) -> None:
    """Let a better version serve again."""
    context.invoke(pin, version=None, off=True, institution=institution)


@click.command()
@of_institution
def rollback(institution: str | None) -> None:
    """Serve the model that served before."""
    from lti_tool.installation import open_current
    from lti_tool.retraining import by_hand

    with open_current().database.session() as session:
        version = by_hand.roll_back(session, datetime.now(UTC), WHO, _scope(session, institution))
    click.echo(
        f"Serving version {version.id[:8]} again ({version.origin}). Courses are scored by it in the background."
    )


model.add_command(rollback)


@model.command("share")
@click.argument("institution")
@click.option("--off", is_flag=True, help="End it; what is another's serves no more at once.")
def share(institution: str, off: bool) -> None:
    """Let INSTITUTION lend its models to others that do the same, and use theirs (P61)."""
    from lti_tool.commands.institution import require_named
    from lti_tool.installation import open_current
    from lti_tool.scoring import serving, wall

    with open_current().database.session() as session:
        owner = require_named(session, institution)
        wall.set_sharing(session, datetime.now(UTC), owner.id, on=not off)
        serving.rescore(session, datetime.now(UTC), None)
    click.echo(
        f"{institution} {'no longer shares' if off else 'shares'} its models with others that share theirs."
    )


@model.command("proves-without")
@click.argument("person")
def proves_without(person: str) -> None:
    """Say of each model that was ever promoted whether it learnt from texts of PERSON (their id in this tool).

    The exit code is 0 when every one is proved to hold none.
    """
    from lti_tool.installation import open_current
    from lti_tool.retraining import provenance
    from lti_tool.scoring import serving

    with open_current().database.reading() as session:
        present = {version.id for version in serving.everywhere(session).values()}
        proofs = provenance.proofs(session, person)
        for proof in proofs:
            shown = f"{proof.version.id[:8]}{' (serving)' if proof.version.id in present else ''}"
            proved_by = ", ".join(one[:12] for one in proof.manifests) or "none needed"
            click.echo(f"{shown} {SAYS[proof.holds]} (manifests: {proved_by})")
    sys.exit(0 if all(proof.holds is False for proof in proofs) else 1)


def _scope(session: "Session", name: str | None) -> str | None:
    """Whose pointer is meant; InvalidInputError where there are several institutions and none is named."""
    from lti_tool.commands.institution import require_named
    from lti_tool.errors import InvalidInputError
    from lti_tool.launch import institutions
    from lti_tool.scoring import wall

    if name is not None:
        return wall.scope_of(session, require_named(session, name).id)
    if not institutions.is_only_one(session):
        raise InvalidInputError(
            "This installation serves several institutions: say whose, with --institution."
        )
    return None
