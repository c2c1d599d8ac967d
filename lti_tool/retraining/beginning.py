"""The beginning of a run: the labels are checked, the pool is taken, and what it goes on from is chosen."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.jobs import Run
from lti_tool.retraining import checking, provenance
from lti_tool.retraining.deciding import Begun
from lti_tool.retraining.learnt import trained_on
from lti_tool.retraining.pool import build
from lti_tool.retraining.tables import TrainingRun
from lti_tool.review.pool import corrections, of_same_texts
from lti_tool.scoring import serving, wall
from lti_tool.scoring.tables import ModelVersion


def begin(run: Run) -> Begun:
    """The run's row, made once; on a second try the pool is the one that the first had taken.

    Why labels wait for a second reader is told in the report, and neither whose nor how many (P14).
    """
    scope = run.key or None
    with run.database.session() as session:
        row = session.scalars(select(TrainingRun).where(TrainingRun.job_id == run.job_id)).first()
        now, version = run.now(), serving.serving(session, scope)
        base = provenance.clean_base(session, version)
        before = row.report if row else None
        taken = before.get("answers", []) if before is not None else None
        if row is None:
            row = TrainingRun(job_id=run.job_id, scope=run.key, started_at=now)
            session.add(row)
            checking.check_labels(session, now, version)
        seen = of_same_texts(session, trained_on(session, version, base))
        pool = build(corrections(session, scope), only=taken, now=row.started_at, trained_on=seen)
        due = provenance.is_due(session, now, version)
        if not row.decision:
            row.serving_version_id, row.pool_hash = version.id, pool.hash
            row.report = {
                "answers": list(pool.answer_ids),
                "held": before.get("held", []) if before is not None else sorted(set(pool.held.values())),
                **({"cause": "withdrawn"} if due else {}),
            }
        session.flush()
        subjects = provenance.subjects_of(session, now, pool.people)
        return Begun(row, version, base, pool, subjects, due, _prior(session, base), scope)


def _prior(session: Session, base: ModelVersion) -> Mapping[str, Any]:
    """The calibration that the weights of a version came with, before any recalibration."""
    first = next(one for one in wall.lineage(session, base) if one.origin != "recalibrated")
    return first.calibration
