"""How far a sitting is, and what was answered last in it: at most twenty texts, about ten minutes (U37)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.review.tables import Answer

SITTING = timedelta(hours=2)
LENGTH = 20
SECONDS_EACH = 20


@dataclass(frozen=True)
class Sitting:
    """`answered` holds the ids of the texts answered, oldest first, without answers taken back."""

    answered: tuple[str, ...]
    total: int

    @property
    def done(self) -> int:
        return len(self.answered)

    @property
    def pauses(self) -> bool:
        """After every twenty: a good moment to stop."""
        return self.done > 0 and self.done % LENGTH == 0

    @property
    def minutes(self) -> int:
        """Minutes left, rounded up; at least one while something is left."""
        return -(-(self.total - self.done) * SECONDS_EACH // 60)

    @property
    def last(self) -> str | None:
        return self.answered[-1] if self.answered else None


def sitting(session: Session, now: datetime, course_id: str, annotator_id: str, waiting: int) -> Sitting:
    """The annotator's sitting of the last two hours, with `waiting` texts still in the queue."""
    query = select(Answer.post_id, Answer.kind).where(
        Answer.course_id == course_id, Answer.annotator_id == annotator_id, Answer.answered_at > now - SITTING
    )
    answered: list[str] = []
    for post_id, kind in session.execute(query.order_by(Answer.answered_at, Answer.id)):
        if kind == "undone":
            _take_back(answered, post_id)
        else:
            answered.append(post_id)
    next_pause = (len(answered) // LENGTH + 1) * LENGTH
    return Sitting(tuple(answered), min(next_pause, len(answered) + waiting))


def _take_back(answered: list[str], post_id: str) -> None:
    for place in range(len(answered) - 1, -1, -1):
        if answered[place] == post_id:
            del answered[place]
            return
