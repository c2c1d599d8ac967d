"""The model as the papers tell it: version, card, datasheet, and measured recall of de-identification."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.retraining.cards import CardError, card, datasheet, manifest_of, own_figures
from lti_tool.retraining.tables import TrainingRun
from lti_tool.scoring import serving
from lti_tool.scoring.errors import NoModelError
from lti_tool.scoring.tables import Weights

NO_CARD = "There is no card: the model does not say enough of itself. Do not use it."


@dataclass(frozen=True)
class ModelFacts:
    """The serving version."""

    hash: str
    origin: str
    base: str
    card: str
    datasheet: str
    heldout: Mapping[str, Any]
    calibration: Mapping[str, Any]
    """Figures with calibration errors: of a shipped version on the rows that it was calibrated with."""


@cache
def measured() -> Mapping[str, Any]:
    """Recall of de-identification by name origin, as this release was measured (P34)."""
    found: Mapping[str, Any] = json.loads((files("lti_tool.documents") / "measured.json").read_text("utf-8"))
    return found


def recall_words() -> str:
    """The measured recall in a sentence for the model card (P33)."""
    said = measured()
    lowest = min(said["origins"], key=lambda one: one["recall"])
    return (
        f"Texts are pseudonymised before the model reads them. On a written test set of {said['mentions']} mentions of "
        f"names from {len(said['origins'])} origins, {100 * said['recall']:.1f} % were found "
        f"({lowest['origin']}, the lowest: {100 * lowest['recall']:.1f} %), and {100 * said['lost']:.2f} % of ordinary "
        "words were lost. The set was written with the rules in view. Names of people who are not on the roster stay."
    )


def of_shipped() -> ModelFacts:
    """The model that comes with the project."""
    return _facts(manifest_of(serving.SHIPPED), "shipped", "with the release", None)


def of_installation(session: Session, institution_id: str) -> ModelFacts:
    """The version that serves the institution; what it does not say of itself is said to be missing."""
    try:
        version = serving.serving(session, institution_id)
    except NoModelError:
        return ModelFacts("none", "no model is installed", "none", NO_CARD, datasheet(None), {}, {})
    weights = session.get_one(Weights, version.weights_hash)
    run = session.scalars(select(TrainingRun).where(TrainingRun.candidate_version_id == version.id)).first()
    report = {**run.report, "pool": run.pool_hash} if run else None
    told = {"weights_hash": version.weights_hash, **weights.manifest}
    return _facts(told, version.origin, f"{version.created_at:%Y-%m-%d}", report, own_figures(version))


def _facts(
    manifest: Mapping[str, Any],
    origin: str,
    date: str,
    run: Mapping[str, Any] | None,
    own: Mapping[str, Any] | None = None,
) -> ModelFacts:
    """`own` are the figures of a version that was made here; a shipped one's are in the manifest."""
    calibrated = manifest.get("figures") or {}
    return ModelFacts(
        hash=manifest["weights_hash"],
        origin=origin,
        base=manifest.get("base", {}).get("name", "an unknown network"),
        card=_card(manifest, date, run, own),
        datasheet=datasheet(run),
        heldout=manifest.get("heldout") or calibrated if own is None else own,
        calibration=calibrated if own is None else own,
    )


def _card(
    manifest: Mapping[str, Any], date: str, run: Mapping[str, Any] | None, own: Mapping[str, Any] | None
) -> str:
    try:
        return card(manifest, date, run, recall_words(), own)
    except CardError:
        return NO_CARD
