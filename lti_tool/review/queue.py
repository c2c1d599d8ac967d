"""What an instructor is asked about, with the reason (U37)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.ingest.tables import Post
from lti_tool.launch.tables import Course, Institution
from lti_tool.review import second_reading
from lti_tool.review.effective import answers_of
from lti_tool.review.ordering import Why, in_slice, is_open, of_the_day
from lti_tool.review.sharing import sharing, unreadable
from lti_tool.scoring.doubts import doubts
from lti_tool.scoring.readings import Reading, readings
from lti_tool.scoring.serving import shown_version

__all__ = ["LIMIT", "QueueItem", "Why", "in_slice", "queue"]
LIMIT = 20


@dataclass(frozen=True)
class QueueItem:
    """One text to look at, why, and what the model makes of it.

    `blind` marks the random fifth whose labels are shown after a first choice (U34), and every second reading, for
    which what others said is not shown either.
    """

    post: Post
    why: Why
    reading: Reading
    blind: bool

    @property
    def read_before(self) -> bool:
        """Whether another instructor has answered."""
        return self.why in ("second", "check")


def queue(
    session: Session, now: datetime, course_id: str, limit: int = LIMIT, reader_id: str | None = None
) -> list[QueueItem]:
    """At most `limit` texts of authors with A and B that no instructor has answered yet.

    Up to half are contested ones; the rest are uncertain and random in turn. With `reader_id` texts that wait for a
    second reader come before them and about one in twenty is one that another instructor has answered
    (`second_reading`). The order holds for a day, also while its texts are answered. Empty unless the mode is
    `individual` (P47).
    """
    version = shown_version(session, course_id)
    if version is None or not _individual(session, course_id):
        return []
    posts = _posts_with_b(session, course_id)
    read = readings(session, version, course_id=course_id)
    posts = [post for post in posts if post.id in read]
    answers = answers_of(session, posts)
    day = f"{course_id} {now.date().isoformat()}"
    order = of_the_day(posts, answers, doubts(version, read), now, day, limit)
    if reader_id is not None:
        order = second_reading.added(session, now, order, posts, answers, reader_id)
    items = [QueueItem(post, why, read[post.id], _blind(post, why)) for post, why in order]
    return [one for one in items if one.read_before or is_open(answers.get(one.post.id, ()))][:limit]


def _blind(post: Post, why: Why) -> bool:
    return why in ("second", "check") or int(post.id[:8], 16) % 5 == 0


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
