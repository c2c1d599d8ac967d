"""The card (P57) and the datasheet (P58) of one version as its page shows them: no number tells who allowed training.

The papers for the file, with measured recall of de-identification, are those of `documents`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.retraining import cards
from lti_tool.retraining.rule_words import label_or_sentiment
from lti_tool.retraining.tables import TrainingManifest, TrainingRun
from lti_tool.retraining.words import rule_rows
from lti_tool.scoring import wall
from lti_tool.scoring.errors import UnusableWeightsError
from lti_tool.scoring.signing import require_signed
from lti_tool.scoring.tables import ModelVersion, Weights
from model import card as model_card
from model.labels import LABELS

CORRECTIONS = "corrections"


@dataclass(frozen=True)
class Paper:
    """What one version says of itself."""

    whole: bool
    """Whether a card can be made of it and it is signed; else it would not have been promoted."""
    purpose: str
    not_for: str
    use: str
    gaps: str
    languages: tuple[str, ...]
    figures: tuple[tuple[str, tuple[str, ...]], ...]
    """Label in words → precision, recall and F1 in percent, F1 with its interval where it was measured."""
    measured_on: str
    """What these figures were measured on, in a sentence."""
    measured: tuple[dict[str, str], ...]
    """The rules of the run that made it, with both figures."""
    sources: tuple[tuple[str, str, str], ...]
    """Source, use and number of texts; no number for corrections (P14)."""
    pool: tuple[str, ...]
    """The datasheet of the pool, a line each; empty for a version that learnt from no text of the institution."""
    learnt_here: bool
    base: str
    hashes: Mapping[str, str]


def paper_of(session: Session, version: ModelVersion) -> Paper:
    """Read the manifest, the run and the proof of whose texts it learnt from."""
    kept = session.get_one(Weights, version.weights_hash)
    manifest = kept.manifest
    run = session.scalars(select(TrainingRun).where(TrainingRun.candidate_version_id == version.id)).first()
    found = cards.own_figures(version)
    if found is None:
        found = manifest.get("heldout") or manifest.get("figures") or {}
    here = any(one.origin != "shipped" for one in wall.lineage(session, version))
    return Paper(
        whole=_is_whole(kept),
        purpose=model_card.PURPOSE,
        not_for=model_card.MISUSE,
        use=cards.USE,
        gaps=cards.GAPS,
        languages=tuple(manifest.get("options", {}).get("languages") or ("en",)),
        figures=_figures(found),
        measured_on=_measured_on(version, found),
        measured=tuple(rule_rows(run.report)) if run else (),
        sources=_sources(manifest.get("data", ())),
        pool=tuple(line.removeprefix("- ") for line in cards.POOL.splitlines()) if here else (),
        learnt_here=here,
        base=manifest.get("base", {}).get("name", ""),
        hashes=_hashes(session, version, manifest, run),
    )


def _is_whole(kept: Weights) -> bool:
    """Whether the manifest says enough, and what it said when the version was stored (S39)."""
    try:
        require_signed(kept.hash, kept.manifest, kept.signature)
        cards.require_whole(kept.manifest)
    except (cards.CardError, UnusableWeightsError):
        return False
    return True


def _figures(report: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = [name for name in ("sentiment", *LABELS) if isinstance(report.get(name), Mapping)]
    return tuple((label_or_sentiment(name), _shares(report[name])) for name in found)


def _shares(figures: Mapping[str, Any]) -> tuple[str, ...]:
    """Precision, recall and F1; of sentiment the macro-F1 alone."""
    f1 = _percent(figures.get("f1", figures.get("macro_f1")))
    span = model_card.interval(figures)
    if span:
        f1 = str(_("%(f1)s (%(low)s to %(high)s)", f1=f1, low=_percent(span[0]), high=_percent(span[1])))
    return _percent(figures.get("precision")), _percent(figures.get("recall")), f1


def _measured_on(version: ModelVersion, report: Mapping[str, Any]) -> str:
    if not report:
        return ""
    if version.origin == "shipped":
        return str(_("Measured before it came with the installation, on texts that it has not learnt from."))
    return str(
        _(
            "Measured by the run that made it, on held-out texts of the starter corpus. In brackets: where the true "
            "figure lies, with a certainty of 95 %."
        )
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{round(100 * share)} %"


def _sources(entries: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str, str], ...]:
    """Each source and use once; where a version is the mean of several trainings, the one with the most texts."""
    largest: dict[tuple[Any, Any], Mapping[str, Any]] = {}
    for entry in sorted(entries, key=lambda one: one.get("texts") or 0):
        largest[entry.get("name"), entry.get("use")] = entry
    order = dict.fromkeys((entry.get("name"), entry.get("use")) for entry in entries)
    return tuple(_source(largest[key]) for key in order)


def _source(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    name = str(entry.get("name", ""))
    return (
        name,
        str(entry.get("use", "")),
        "" if CORRECTIONS in name else str(entry.get("texts", entry.get("rows", ""))),
    )


def _hashes(
    session: Session, version: ModelVersion, manifest: Mapping[str, Any], run: TrainingRun | None
) -> dict[str, str]:
    """What proves which version this is, where it comes from and what it learnt from (S39, P61)."""
    proof = session.get(TrainingManifest, version.id)
    found = {
        "weights": version.weights_hash,
        "trained from": manifest.get("parent") or "",
        "manifest": manifest.get("manifest_hash") or "",
        "training run": run.id if run else "",
        "pool": proof.pool_hash if proof else "",
        "choices of its authors": proof.consent_hash if proof else "",
        "whose texts": proof.hash if proof else "",
    }
    return {name: value for name, value in found.items() if value}
