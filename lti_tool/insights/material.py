"""What a snapshot is made of: the texts that count, each with its author's B, its place and its week."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent.service import granted
from lti_tool.ingest.tables import Activity, Post
from lti_tool.launch.tables import Course
from lti_tool.review.effective import Shown, effective
from lti_tool.scoring.readings import readings
from lti_tool.scoring.tables import ModelVersion

WEEK = timedelta(days=7)
NEAR = 3
"""A section's number is taken for a week only when the calendar is at most this many weeks away."""


@dataclass(frozen=True)
class Text:
    """One text of a person with A that somebody or something has read; contested ones are left out (P40)."""

    id: str
    author: str
    has_b: bool
    quotable: bool
    """Staff may read it: its author has B and the roster had names to remove."""
    activity: Activity
    week: int
    shown: Shown
    words: str
    hash: str

    @property
    def source(self) -> str:
        return self.activity.kind


@dataclass(frozen=True)
class Material:
    """The texts of a course, and those in a language that is not covered by (author, has B)."""

    texts: tuple[Text, ...]
    uncovered: tuple[tuple[str, bool], ...]
    activities: tuple[Activity, ...]
    first_day: datetime | None

    @property
    def weeks(self) -> range:
        """From week 1 to the last week with a text; empty without texts."""
        return range(1, max((text.week for text in self.texts), default=0) + 1)


def gather(session: Session, course: Course, version: ModelVersion | None) -> Material:
    """Read the course's material as of now: consent, texts, effective labels under `version`."""
    activities = {
        row.id: row for row in session.scalars(select(Activity).where(Activity.course_id == course.id))
    }
    with_a, with_b = granted(session, course.id, "a"), granted(session, course.id, "b")
    query = select(Post).where(Post.course_id == course.id).order_by(Post.written_at, Post.id)
    posts = [post for post in session.scalars(query) if post.person_id in with_a]
    first_day = course.starts_on or min((post.written_at for post in posts), default=None)
    if first_day is not None:
        first_day = first_day.replace(hour=0, minute=0, second=0, microsecond=0)
    read = readings(session, version, course_id=course.id) if version else {}
    shown = effective(session, posts, read)
    texts = [
        _text(post, activities[post.activity_id], shown[post.id], post.person_id in with_b, first_day)
        for post in posts
        if post.id in shown and shown[post.id].source != "contested"
    ]
    uncovered = [(post.person_id, post.person_id in with_b) for post in posts if post.scorable == "language"]
    return Material(tuple(texts), tuple(uncovered), tuple(activities.values()), first_day)


def week_of(activity: Activity, written_at: datetime, first_day: datetime) -> int:
    """The section's number in a course laid out by weeks, else the week of the date; week 1 is the first."""
    by_date = max(1, (written_at - first_day) // WEEK + 1)
    section = activity.section or 0
    return section if section >= 1 and abs(section - by_date) <= NEAR else by_date


def _text(post: Post, activity: Activity, shown: Shown, has_b: bool, first_day: datetime | None) -> Text:
    return Text(
        id=post.id,
        author=post.person_id,
        has_b=has_b,
        quotable=has_b and post.trainable,
        activity=activity,
        week=week_of(activity, post.written_at, first_day or post.written_at),
        shown=shown,
        words=post.text,
        hash=post.text_hash,
    )
