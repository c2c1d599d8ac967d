"""How often instructors disagree with what a version showed them: of the texts that they labelled, the share (S44).

A contest of an author is left out: it is always a disagreement, so its number tells how many contest, not how often
the version is wrong.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.launch.tables import Course
from lti_tool.review.effective import standing
from lti_tool.review.tables import Answer
from model.labels import EMOTIONS

SURE = 1.959963984540054
"""Of a normal deviate, for intervals of 95 %."""


@dataclass(frozen=True)
class Checked:
    """One text that an instructor labelled after a version had shown its own labels."""

    author: str
    version_id: str
    at: datetime
    disagrees: bool


@dataclass(frozen=True)
class Share:
    """So many of so many; the interval is Wilson's."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        return self.part / self.whole

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of the 95 % interval, 0 to 1 (Wilson 1927)."""
        share, n, z = self.value, self.whole, SURE
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


def rise(before: Share, after: Share) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares, after less before (Newcombe 1998, method 10)."""
    difference = after.value - before.value
    (low1, high1), (low2, high2) = before.interval, after.interval
    low = difference - sqrt((after.value - low2) ** 2 + (high1 - before.value) ** 2)
    high = difference + sqrt((high2 - after.value) ** 2 + (before.value - low1) ** 2)
    return low, high


def checked(
    session: Session, since: datetime, until: datetime, institution_id: str | None = None
) -> list[Checked]:
    """What instructors checked from `since` to before `until`: of each text each one's answer that stands."""
    query = select(Answer).where(Answer.answered_at >= since).order_by(Answer.answered_at, Answer.id)
    if institution_id is not None:
        query = query.join(Course, Course.id == Answer.course_id).where(
            Course.institution_id == institution_id
        )
    by_post: dict[str, list[Answer]] = defaultdict(list)
    for row in session.scalars(query):
        by_post[row.post_id].append(row)
    answers = (answer for rows in by_post.values() for answer in standing(rows).values())
    return [
        Checked(one.person_id, one.version_id or "", one.answered_at, disagrees(one.labels, one.shown))
        for one in answers
        if one.kind == "labels"
        and one.annotator_role == "instructor"
        and one.shown
        and one.answered_at < until
    ]


def share(rows: Iterable[Checked]) -> Share:
    """How many of these disagree."""
    found = list(rows)
    return Share(sum(row.disagrees for row in found), len(found))


def disagrees(labels: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Whether a person said anything else than the version."""
    return _said(labels) != _said(shown)


def _said(labels: Mapping[str, Any]) -> tuple[Any, ...]:
    return labels.get("sentiment"), *(bool(labels.get(name)) for name in EMOTIONS)
