"""The order of a day's queue: contested, uncertain and random texts, mixed (U37).

A third of all texts, drawn by their ids, is the random slice: its texts are asked about in an order that has nothing to
do with the model, so the answers tell honestly how often it is right (`honest`). Those that are contested come early in
both, and stay in the slice. Uncertain ones come from the others, the most doubtful first (`model.choosing`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from itertools import zip_longest
from typing import Literal

from lti_tool.ingest.tables import Post
from lti_tool.review.effective import newest_claim, standing
from lti_tool.review.tables import Answer

Why = Literal["contested", "uncertain", "random", "rest", "second", "check"]
"""`rest` is what is neither random nor uncertain; `second` waits for a second reader, `check` is read twice unsaid."""
Order = list[tuple[Post, Why]]
Given = Mapping[str, Sequence[Answer]]
"""The answers for the present text by post id, in order of time."""
Doubts = Mapping[str, float]
"""By post id how undecided the model is, in bits, of the texts of which it is unsure (`scoring.doubts`)."""
SLICE = 3
"""One text in so many is in the random slice."""


def of_the_day(
    posts: Sequence[Post], answers: Given, unsure: Doubts, now: datetime, day: str, limit: int
) -> Order:
    """The day's order of what was open at its start; what was answered since keeps its place."""
    start = dawn(now)
    contested: list[Post] = []
    waiting: list[Post] = []
    for post in posts:
        given = [one for one in answers.get(post.id, ()) if not _of_staff_since(one, start)]
        if is_open(given):
            (contested if _contested(given) else waiting).append(post)
    return _mix(contested, sorted(waiting, key=lambda post: by_chance(f"{day} {post.id}")), unsure, limit)


def _mix(contested: list[Post], waiting: list[Post], unsure: Doubts, limit: int) -> Order:
    contested = sorted(contested, key=lambda post: (post.written_at, post.id))
    chance = [post for post in waiting if in_slice(post.id)]
    others = [post for post in waiting if not in_slice(post.id)]
    doubtful = sorted((p for p in others if p.id in unsure), key=lambda post: -unsure[post.id])
    rest = [post for post in others if post.id not in unsure]
    first = max(1, limit // 2)
    order: Order = [(post, "contested") for post in contested[:first]]
    for uncertain, random in zip_longest(doubtful, chance):
        order += [(uncertain, "uncertain")] if uncertain is not None else []
        order += [(random, "random")] if random is not None else []
    order += [(post, "rest") for post in rest]
    return order + [(post, "contested") for post in contested[first:]]


def in_slice(post_id: str) -> bool:
    """Whether a text is in the random slice, for good and whatever the model makes of it."""
    return hashlib.sha256(f"slice {post_id}".encode()).digest()[0] % SLICE == 0


def by_chance(seed: str) -> str:
    """A place by chance that stays: sort by it."""
    return hashlib.sha256(seed.encode()).hexdigest()


def dawn(now: datetime) -> datetime:
    """When the day of the queue began."""
    return datetime.combine(now.date(), time(), now.tzinfo)


def _of_staff_since(answer: Answer, moment: datetime) -> bool:
    return answer.annotator_role == "instructor" and answer.answered_at >= moment


def _contested(answers: Sequence[Answer]) -> bool:
    claim = newest_claim(answers)
    return claim is not None and claim.annotator_role == "student"


def is_open(answers: Sequence[Answer]) -> bool:
    """No instructor has answered since the author last spoke."""
    stands = standing(answers).values()
    spoken = max((a.answered_at for a in stands if a.annotator_role == "student"), default=None)
    return not any(
        a.annotator_role == "instructor" and (spoken is None or a.answered_at > spoken) for a in stands
    )
