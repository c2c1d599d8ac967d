"""The beginning of a run: the labels are checked, the pool is taken, and what it goes on from is chosen."""

from sqlalchemy import select

from lti_tool.jobs import Run
from lti_tool.retraining import checking, limits, provenance
from lti_tool.retraining.deciding import Begun
from lti_tool.retraining.learnt import trained_on
from lti_tool.retraining.pool import build
from lti_tool.retraining.tables import TrainingRun
from lti_tool.review.pool import corrections, of_same_texts
from lti_tool.scoring import serving


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
        return Begun(row, version, base, pool, subjects, due, limits.came_with(session, base), scope)
