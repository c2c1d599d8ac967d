"""Which answers the versions made here have learnt from.

A version that only moved limits and temperatures has learnt from none: else a class that was corrected early could
never be held out.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.retraining.tables import TrainingRun
from lti_tool.review import dropping
from lti_tool.scoring import wall
from lti_tool.scoring.tables import ModelVersion

RECALIBRATED = "recalibrated"


def trained_on(session: Session, *versions: ModelVersion) -> set[str]:
    """The ids of all answers that these versions, or what they were trained from, have learnt from.

    A report from before it told them apart names the answers held out as well; these count as learnt too.
    """
    ids = {one.id for version in versions for one in wall.lineage(session, version)}
    return {
        answer
        for version_id, answers in _runs(session, "promoted")
        if version_id in ids
        for answer in answers
    }


def learnt_from(session: Session, answer_ids: Collection[str]) -> list[str]:
    """The ids of the versions made from any of these answers, or on top of one that was, oldest first.

    Those whose limits were fitted to them are among these.
    """
    wanted, made = set(answer_ids), _runs(session, "promoted", RECALIBRATED)
    from_them = {version_id for version_id, answers in made if wanted.intersection(answers)}
    return [version_id for version_id, _ in made if _ancestors(session, version_id) & from_them]


def from_taken_out(session: Session) -> set[str]:
    """The ids of the versions that hold labels which are taken out now (S40); lifting the rule clears them."""
    answers = dropping.taken_out(session)
    return set(learnt_from(session, answers)) if answers else set()


def _ancestors(session: Session, version_id: str) -> set[str]:
    """The version, and what it was made from."""
    return {one.id for one in wall.lineage(session, session.get_one(ModelVersion, version_id))}


def _runs(session: Session, *decisions: str) -> list[tuple[str, list[str]]]:
    """The id of each version that runs of these decisions made, with the answers that it was made from."""
    query = select(TrainingRun).where(
        TrainingRun.candidate_version_id.is_not(None), TrainingRun.decision.in_(decisions)
    )
    rows = session.scalars(query.order_by(TrainingRun.started_at))
    return [(str(row.candidate_version_id), _answers(row)) for row in rows]


def _answers(row: TrainingRun) -> list[str]:
    """Limits are fitted to a whole pool; what was held out from a training was not learnt."""
    own = row.report.get("learnt") if row.decision != RECALIBRATED else None
    return list(row.report.get("answers", []) if own is None else own)
