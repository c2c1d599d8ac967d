"""The model card of a version (P57) and the datasheet of the pool it learnt from (P58), generated and never written.

A version without a whole card is not promoted (`require_whole`).
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from lti_tool.errors import UndertoneError
from lti_tool.scoring.tables import ModelVersion
from model import card as model_card
from model import checkpoint
from model.checkpoint import Manifest

NEEDED = ("kind", "base", "weights_hash", "files", "data", "figures", "versions")
"""What a manifest must say for a card to be whole."""
MEASURED = "held-out starter texts, by the run that made this version"
USE = """\
Formative support and course improvement only: never grading, admission, progression, attendance, misconduct or staff
appraisal. Every label is an automatic estimate from text and can be wrong. A text that is too short or in a language
not learnt is not scored, and what the model is unsure of is left out of every headline.
"""
GAPS = """\
Measured for the model that comes with a release, on written texts that are alike but for an identity term, a name, a
dialect or a learner's errors; over 5 points is too large to ship. Nobody's trait is collected to measure it.
"""
NO_POOL = "This version came with the installation. It learnt from no text of the institution."
POOL = """\
- what it is: texts whose authors gave purpose C, with the labels that a person gave them
- consent basis: purpose C (explicit consent, Art. 6(1)(a) and 9(2)(a) GDPR), asked for each course
- de-identified before it is stored; the text lies encrypted and goes to training in memory only
- who labelled: instructors of the course, for texts shared by name (purpose B), and authors for their own texts
- left out: texts of authors without C or who withdrew, texts pulled without a roster of names, near-duplicates but one
- weights and pool stay within this installation
"""


class CardError(UndertoneError):
    code = "no_card"
    words = (
        "The model card would not be whole, so the new model does not serve. The model before it serves on."
    )


def manifest_of(folder: Path) -> Mapping[str, Any]:
    """What an unaltered checkpoint directory says of itself; raises model.errors.AlteredCheckpoint."""
    return asdict(checkpoint.verify(folder))


def require_whole(manifest: Mapping[str, Any]) -> None:
    """Raise CardError unless a card can be made of the manifest (P57)."""
    if any(not manifest.get(name) for name in NEEDED):
        raise CardError


def own_figures(version: ModelVersion) -> Mapping[str, Any] | None:
    """What was measured of a version that was made here, by the run that made it; None of a shipped one.

    Its manifest speaks of the weights alone, which versions of other limits share.
    """
    return None if version.origin == "shipped" else version.figures


def card(
    manifest: Mapping[str, Any],
    date: str,
    run: Mapping[str, Any] | None,
    recall: str,
    figures: Mapping[str, Any] | None = None,
) -> str:
    """The card as Markdown: `date` of the version, `run` the report of the run that made it, `recall` in words.

    `figures` are the version's `own_figures`; without them those of the manifest are shown. Raises CardError when the
    manifest is incomplete.
    """
    require_whole(manifest)
    known = {field.name for field in fields(Manifest)}
    told = {**manifest, "command": manifest.get("command") or "a retraining of this installation"}
    own = None if figures is None else {MEASURED: figures}
    text = model_card.markdown(
        Manifest(**{name: value for name, value in told.items() if name in known}), own
    )
    parts = [
        _sections(text),
        f"## Use\n\n{USE}",
        f"## Gaps between groups\n\n{GAPS}",
        f"## De-identification\n\n{recall}",
        f"## Date\n\n{date}",
        f"## Learnt here\n\n{learnt(run)}",
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def datasheet(run: Mapping[str, Any] | None) -> str:
    """The datasheet of a run's pool as Markdown; without a run, of what a pool would be."""
    return f"## What a pool holds\n\n{POOL}\n## The pool of the serving version\n\n{learnt(run)}\n"


def learnt(run: Mapping[str, Any] | None) -> str:
    """How many corrections a version learnt from, and what was left out."""
    if run is None:
        return NO_POOL
    counts = {
        "corrections learnt from": run.get("corrections", 0),
        "held out to check": run.get("held_out", 0),
        "left out as near-duplicates": run.get("near_duplicates", 0),
        "snapshot of the pool": f"`{str(run.get('pool', ''))[:12]}`",
    }
    return "\n".join(f"- {name}: {value}" for name, value in counts.items())


def _sections(text: str) -> str:
    """A card from its first section on, without front matter and title."""
    return text[text.index("\n## ") :].lstrip()
