"""`undertone model`: what can be proved of the models that were promoted (P17)."""

import sys

import click

SAYS = {
    True: "HOLDS texts of this person",
    False: "holds no text of this person",
    None: "cannot be proved: a manifest is missing or altered",
}


@click.group()
def model() -> None:
    """Models, and whose texts they learnt from."""


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
        present = serving.serving(session, None).id
        proofs = provenance.proofs(session, person)
        for proof in proofs:
            shown = f"{proof.version.id[:8]}{' (serving)' if proof.version.id == present else ''}"
            proved_by = ", ".join(one[:12] for one in proof.manifests) or "none needed"
            click.echo(f"{shown} {SAYS[proof.holds]} (manifests: {proved_by})")
    sys.exit(0 if all(proof.holds is False for proof in proofs) else 1)
