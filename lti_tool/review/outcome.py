"""What became of an instructor's own label at the nightly check, in the same words for every text (U38).

Whether the text taught the model is not said: it would tell whose author gave C (P14).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from lti_tool.jobs import last_done
from lti_tool.review import holds
from lti_tool.review.tables import Answer

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
    check = last_done(session, NIGHTLY_CHECK)
    began = check.started_at if check else None
    if began is None or answer.answered_at > began:
        return Outcome("next_check", began)
    return Outcome(state or "passed", began)
