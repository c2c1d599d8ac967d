"""Texts that an instructor reads after a colleague: those that wait for it (S43), and a few unsaid to compare with.

In a course with one instructor there are neither.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.ingest.tables import Post
from lti_tool.review import holds
from lti_tool.review.effective import standing
from lti_tool.review.ordering import Given, Order, by_chance, dawn
from lti_tool.review.tables import Answer

CHECK_EVERY = 20
"""About one item in so many is a text that another instructor has answered, without saying so."""
MOST_SECOND = 10
"""Second readings asked of one instructor on one day, so that many held labels leave time for the rest."""


def added(
    session: Session, now: datetime, order: Order, posts: Sequence[Post], answers: Given, reader_id: str
) -> Order:
    """The order of the day with what this reader is to read a second time; all keep their place while they answer."""
    present = {post.id for post, _ in order}
    again = [post for post in posts if post.id not in present]
    second = _second(session, now, again, answers, reader_id)
    held = holds.held(session, [one.id for given in answers.values() for one in given])
    day = f"{reader_id} {now.date().isoformat()}"
    checks = [
        post
        for post in sorted(again, key=lambda post: by_chance(f"check {day} {post.id}"))
        if _read_by_another(given := answers.get(post.id, ()), reader_id, dawn(now))
        and not any(one.id in held for one in given)
    ]
    mixed = _mixed(order, checks, day)
    return second + [
        (post, why)
        for post, why in mixed
        if why != "check" or reader_id not in standing(answers.get(post.id, ()))
    ]


def _second(session: Session, now: datetime, again: Sequence[Post], answers: Given, reader_id: str) -> Order:
    """What waits for a second reader, the oldest text first, as many as are left of the day's."""
    done = sum(
        one.annotator_id == reader_id and one.why == "second" and one.answered_at >= dawn(now)
        for given in answers.values()
        for one in given
    )
    waiting = holds.waiting_for(session, answers, reader_id)
    found = sorted((p for p in again if p.id in waiting), key=lambda post: (post.written_at, post.id))
    return [(post, "second") for post in found[: max(0, MOST_SECOND - done)]]


def _mixed(order: Order, checks: Sequence[Post], day: str) -> Order:
    """A check among every nineteen others, at a place by chance; none where the others end before it."""
    result: Order = []
    for block in range(0, len(order), CHECK_EVERY - 1):
        part = order[block : block + CHECK_EVERY - 1]
        number = block // (CHECK_EVERY - 1)
        place = int(by_chance(f"place {day} {number}")[:8], 16) % CHECK_EVERY
        if number < len(checks) and place <= len(part):
            part = [*part[:place], (checks[number], "check"), *part[place:]]
        result += part
    return result


def _read_by_another(answers: Sequence[Answer], reader_id: str, start: datetime) -> bool:
    """Whether before the day another instructor labelled the text and the reader had said nothing of it."""
    said = standing([one for one in answers if one.answered_at < start])
    return reader_id not in said and any(
        one.annotator_role == "instructor" and one.kind == "labels" for one in said.values()
    )
