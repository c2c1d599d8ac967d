"""What became of an instructor's own label at the nightly check, in the same words for every text (U38).

Whether the text taught the model is not said: it would tell whose author gave C (P14).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from lti_tool.jobs import Job, last_done
from lti_tool.launch.tables import Course
from lti_tool.review import holds
from lti_tool.review.tables import Answer
from lti_tool.scoring import wall

NIGHTLY_CHECK = "retrain"
"""The kind of job that begins with the check."""


@dataclass(frozen=True)
class Outcome:
    """Where a label is; `checked_at` is when the last check began, None before the first."""

    state: Literal["next_check", "waiting", "agreed", "differs", "passed"]
    checked_at: datetime | None


def outcome(session: Session, answers: Sequence[Answer], annotator_id: str) -> Outcome | None:
    """What became of the annotator's label among the answers of one text in order of time; None without a label."""
    own = holds.of_text(session, answers, annotator_id)
    if own is None:
        return None
    answer, state = own
    check = _last_check(session, answer.course_id)
    began = check.started_at if check else None
    if began is None or answer.answered_at > began:
        return Outcome("next_check", began)
    return Outcome(state or "passed", began)


def _last_check(session: Session, course_id: str) -> Job | None:
    """The last one of the course's institution; before its own first, the installation's."""
    institution_id = session.get_one(Course, course_id).institution_id
    own = last_done(session, NIGHTLY_CHECK, wall.scope_of(session, institution_id) or "")
    return own or last_done(session, NIGHTLY_CHECK)
