"""What an instructor is asked about: contested, uncertain and random texts, mixed, with the reason (U37)."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.ingest.tables import Post
from lti_tool.launch.tables import Course, Institution
from lti_tool.review.effective import answers_of, newest_claim, standing
from lti_tool.review.sharing import sharing, unreadable
from lti_tool.review.tables import Answer
from lti_tool.scoring.readings import Reading, readings
from lti_tool.scoring.serving import shown_version
from model.labels import EMOTIONS

Why = Literal["contested", "uncertain", "random"]
LIMIT = 20
UNDECIDED = 0.15
"""A label this close to an even chance makes a text uncertain."""


@dataclass(frozen=True)
class QueueItem:
    """One text to look at, why, and what the model makes of it.

    `blind` marks the random fifth whose labels are shown after a first choice (U34).
    """

    post: Post
    why: Why
    reading: Reading
    blind: bool


def queue(session: Session, now: datetime, course_id: str, limit: int = LIMIT) -> list[QueueItem]:
    """At most `limit` texts of authors with A and B that no instructor has answered yet.

    Up to half are contested ones; the rest are uncertain and random in turn. The order holds for a day.
    Empty unless the mode is `individual` (P47).
    """
    version = shown_version(session, course_id)
    if version is None or not _individual(session, course_id):
        return []
    posts = _posts_with_b(session, course_id)
    read = readings(session, version, course_id=course_id)
    answers = answers_of(session, posts)
    contested: list[Post] = []
    waiting: list[Post] = []
    for post in posts:
        if post.id in read and _open(given := answers.get(post.id, [])):
            (contested if _contested(given) else waiting).append(post)
    dice = random.Random(f"{course_id} {now.date().isoformat()}")  # noqa: S311  chooses texts, not secrets
    order = _mix(contested, waiting, read, dice, limit)
    return [QueueItem(post, why, read[post.id], int(post.id[:8], 16) % 5 == 0) for post, why in order[:limit]]


def _mix(
    contested: list[Post], waiting: list[Post], read: dict[str, Reading], dice: random.Random, limit: int
) -> list[tuple[Post, Why]]:
    contested = sorted(contested, key=lambda post: post.written_at)
    doubtful = sorted(waiting, key=lambda post: _doubt(read[post.id]))
    doubtful = [post for post in doubtful if _doubt(read[post.id]) <= UNDECIDED]
    chance = dice.sample(waiting, len(waiting))
    first: list[tuple[Post, Why]] = [(post, "contested") for post in contested[: max(1, limit // 2)]]
    order, taken = list(first), set[str]()
    for number in range(len(waiting)):
        why: Why = "uncertain" if number % 2 == 0 and any(p.id not in taken for p in doubtful) else "random"
        post = next(p for p in (doubtful if why == "uncertain" else chance) if p.id not in taken)
        taken.add(post.id)
        order.append((post, why))
    return order + [(post, "contested") for post in contested[len(first) :]]


def _doubt(reading: Reading) -> float:
    """Distance of the least decided label from an even chance."""
    return min(abs(reading.probabilities[name] - 0.5) for name in EMOTIONS)


def _contested(answers: Sequence[Answer]) -> bool:
    claim = newest_claim(answers)
    return claim is not None and claim.annotator_role == "student"


def _open(answers: Sequence[Answer]) -> bool:
    """No instructor has answered since the author last spoke."""
    stands = standing(answers).values()
    spoken = max((a.answered_at for a in stands if a.annotator_role == "student"), default=None)
    return not any(
        a.annotator_role == "instructor" and (spoken is None or a.answered_at > spoken) for a in stands
    )


def _posts_with_b(session: Session, course_id: str) -> list[Post]:
    people, closed = sharing(session, course_id), unreadable(session, course_id)
    query = (
        select(Post)
        .where(Post.course_id == course_id, Post.scorable == "yes", Post.trainable)
        .order_by(Post.id)
    )
    return [post for post in session.scalars(query) if post.person_id in people and post.id not in closed]


def _individual(session: Session, course_id: str) -> bool:
    query = select(Institution.mode).join(Course, Course.institution_id == Institution.id)
    return session.scalar(query.where(Course.id == course_id)) == "individual"
