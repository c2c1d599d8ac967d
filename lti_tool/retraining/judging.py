"""From what the child measured to a verdict, and what of it stands in the report."""

from collections.abc import Mapping
from typing import Any

from lti_tool.retraining import gate
from lti_tool.retraining.gate import Way
from lti_tool.retraining.paired import Agreement
from lti_tool.retraining.pool import Pool
from lti_tool.retraining.rules import Figures, Gap, Verdict
from lti_tool.retraining.tables import TrainingRun


def way_of(pool: Pool) -> Way:
    """Training where enough corrections of enough people are held out to judge it, else recalibration."""
    groups = {row.get("group", number) for number, row in enumerate(pool.held_out)}
    return gate.way(len(pool.held_out), len(groups))


def verdict(way: Way, result: Mapping[str, Any]) -> Verdict:
    """The gate's verdict on what the child measured."""
    return gate.judge(
        way,
        _agreement(result["agreement"]),
        _agreement(result["newest"]),
        _figures(result["candidate"]),
        _figures(result["serving"]),
        result["positives"],
        _figures(result["shipped"]) if result.get("shipped") else None,
    )


def _agreement(told: Mapping[str, Any]) -> Agreement:
    return Agreement(**{**told, "halves": tuple(told["halves"])})


def _figures(told: Mapping[str, Any]) -> Figures:
    return Figures(
        macro_f1=told["macro_f1"],
        recall=told["recall"],
        calibration=told["calibration"],
        frozen=told["frozen"],
        gaps={
            label: {name: Gap(**gap) for name, gap in own.items()}
            for label, own in told.get("gaps", {}).items()
        },
        insults=told.get("insults", 1.0),
        seconds=told.get("seconds", 0.0),
    )


def pool_facts(pool: Pool) -> dict[str, Any]:
    """What the report says of the pool, for the card of a version."""
    return {
        "learnt": list(pool.learnt_ids),
        "corrections": len(pool.corrections),
        "held_out": len(pool.held_out),
        "near_duplicates": pool.duplicates,
    }


def recalibration_facts(pool: Pool, rows: int) -> dict[str, Any]:
    """As `pool_facts`, where limits are fitted to so many rows and folds take the place of what is held out."""
    own = {"learnt": list(pool.answer_ids), "corrections": rows, "held_out": 0}
    return {**pool_facts(pool), **own}


def stands(report: Mapping[str, Any]) -> bool:
    """Whether a candidate was measured and judged by itself, so that the same comparison would end the same."""
    outside = ("pinned", "withdrawn", "pointer_moved", "cancelled")
    return "candidate" in report and all(reason["rule"] not in outside for reason in report["reasons"])


def as_before(run: TrainingRun, serving_id: str) -> dict[str, Any]:
    """The facts of a run that found nothing new: those of the run whose decision still stands, named in `stands`.

    When somebody went back from the version that it had made, that is what stands.
    """
    own = ("answers", "held", "cause", "decision", "learnt")
    kept = {name: value for name, value in run.report.items() if name not in own}
    made = run.candidate_version_id
    return {"stands": run.decision if made in (None, serving_id) else "gone_back", **kept}
