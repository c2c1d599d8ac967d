"""What follows when labels are taken out: what serves and has learnt from them is trained anew without them (S40)."""

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.jobs import Job, enqueue
from lti_tool.retraining import provenance
from lti_tool.retraining.learnt import from_taken_out
from lti_tool.retraining.service import KIND
from lti_tool.scoring import serving


def unlearn(session: Session, now: datetime) -> list[Job]:
    """Queue a run wherever a version serves that holds labels which are taken out and that nobody has pinned.

    A run that is under way serves nothing that it learnt from them (`provenance.still_agreed`); what it leaves is found
    by the next `check_models`.
    """
    spoilt = from_taken_out(session)
    return [
        enqueue(session, now, KIND, scope or "")
        for scope, version in serving.everywhere(session).items()
        if version.id in spoilt and provenance.is_due(session, now, version)
    ]
