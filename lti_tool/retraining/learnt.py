"""Which answers the versions made here have learnt from.

A version that only moved limits and temperatures has learnt from none: else a class that was corrected early could
never be held out.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.retraining.tables import TrainingRun
from lti_tool.scoring import wall
from lti_tool.scoring.tables import ModelVersion


def trained_on(session: Session, *versions: ModelVersion) -> set[str]:
    """The ids of all answers that these versions, or what they were trained from, have learnt from.

    A report from before it told them apart names the answers held out as well; these count as learnt too.
    """
    ids = {one.id for version in versions for one in wall.lineage(session, version)}
    return {answer for version_id, answers in _runs(session) if version_id in ids for answer in answers}


def learnt_from(session: Session, answer_ids: Collection[str]) -> list[str]:
    """The ids of the versions made from a pool with any of these answers, oldest first.

    What was trained on top of one of them holds them as well.
    """
    wanted = set(answer_ids)
    return [version_id for version_id, answers in _runs(session) if wanted.intersection(answers)]


def _runs(session: Session) -> list[tuple[str, list[str]]]:
    query = select(TrainingRun).where(
        TrainingRun.candidate_version_id.is_not(None), TrainingRun.decision == "promoted"
    )
    rows = session.scalars(query.order_by(TrainingRun.started_at))
    return [
        (str(row.candidate_version_id), row.report.get("learnt", row.report.get("answers", [])))
        for row in rows
    ]
