"""Which corrections a version's limits were fitted to, and which its weights know, so that two are compared fairly.

A recalibration is fitted to, and judged on, what no weights have learnt. What the serving limits were fitted to is
named to the child, which reads it with limits that have not seen it, as it does for the candidate (`refitting`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.retraining.learnt import trained_on
from lti_tool.retraining.pool import Pool, Row
from lti_tool.retraining.tables import TrainingRun
from lti_tool.review.pool import of_same_texts
from lti_tool.scoring import wall
from lti_tool.scoring.tables import ModelVersion


@dataclass(frozen=True)
class Known:
    """Ids of answers: those that `weights` hold, by learning or by limits that they came with, and `limits` only."""

    weights: frozenset[str] = field(default_factory=frozenset)
    limits: frozenset[str] = field(default_factory=frozenset)


NOTHING = Known()


def known(session: Session, rival: ModelVersion, base: ModelVersion) -> Known:
    """What the version to compare with and the one to go on from know; an answer given anew is of the same text."""
    inherited = [answer for one in (rival, base) for answer in _inherited(session, one)]
    held = of_same_texts(session, {*trained_on(session, rival, base), *inherited})
    own = _fitted_to(session, rival) if rival.origin == "recalibrated" else []
    return Known(frozenset(held), frozenset(of_same_texts(session, own)))


def came_with(session: Session, version: ModelVersion) -> Mapping[str, Any]:
    """The calibration that the weights of a version came with, before any recalibration."""
    return next(one for one in wall.lineage(session, version) if one.origin != "recalibrated").calibration


def usable(pool: Pool, what: Known) -> list[Row]:
    """The rows of both sides that no weights know, each `fitted` where the serving limits know it.

    Folds judge a recalibration, so nothing else is kept apart.
    """
    rows = [*pool.corrections, *pool.held_out]
    return [
        {**without_ids(row), "fitted": not what.limits.isdisjoint(row.get("answers", ()))}
        for row in rows
        if what.weights.isdisjoint(row.get("answers", ()))
    ]


def without_ids(row: Row) -> Row:
    """The row as the child gets it, which need not know whose answer it is."""
    return {name: value for name, value in row.items() if name != "answers"}


def _inherited(session: Session, version: ModelVersion) -> list[str]:
    """What limits were fitted to before a training went on from them: its weights came with these limits."""
    found: list[str] = []
    has_trained = False
    for one in wall.lineage(session, version):
        if one.origin == "recalibrated" and has_trained:
            found += _fitted_to(session, one)
        has_trained = has_trained or one.origin == "retrained"
    return found


def _fitted_to(session: Session, version: ModelVersion) -> list[str]:
    """A report from before it told them apart names the answers of the whole pool."""
    query = select(TrainingRun).where(TrainingRun.candidate_version_id == version.id)
    return [
        str(answer)
        for run in session.scalars(query)
        for answer in run.report.get("learnt", run.report.get("answers", []))
    ]
