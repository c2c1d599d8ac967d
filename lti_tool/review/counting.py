"""Who labelled how much, for the operator."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.review import dropping
from lti_tool.review.effective import standing
from lti_tool.review.tables import Answer, HeldLabel


@dataclass(frozen=True)
class Counted:
    """How many labels one annotator gave in a course, and how many of them are held or taken out."""

    course_id: str
    annotator_id: str
    labels: int
    held: int
    dropped: int


def counted(session: Session) -> list[Counted]:
    """The standing labels of each annotator in each course, whether or not their authors gave C (P14)."""
    in_force, counts = dropping.rules(session), dict[tuple[str, str], Counter[str]]()
    given: dict[str, list[Answer]] = defaultdict(list)
    for answer in session.scalars(select(Answer).order_by(Answer.answered_at, Answer.id)):
        given[answer.post_id].append(answer)
    held = set(session.scalars(select(HeldLabel.answer_id).where(HeldLabel.released_at.is_(None))))
    for answers in given.values():
        for one in standing(answers).values():
            count = counts.setdefault((one.course_id, one.annotator_id), Counter())
            count["labels"] += one.kind == "labels"
            count["held"] += one.id in held
            count["dropped"] += one.kind == "labels" and not in_force.left([one])
    return [
        Counted(*key, found["labels"], found["held"], found["dropped"])
        for key, found in sorted(counts.items())
    ]
