"""What a snapshot is made of: the texts that count, each with its author's B, its place and its week.

Nothing here is shown: what may be told of it is decided by `disclosure` (P49, P50).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent.service import granted
from lti_tool.disclosure.groups import Item
from lti_tool.disclosure.scopes import UNREAD, Scope
from lti_tool.ingest.tables import Activity, Post
from lti_tool.insights.places import section_of
from lti_tool.launch.tables import Course, Institution
from lti_tool.review.effective import Shown, effective
from lti_tool.scoring.readings import readings
from lti_tool.scoring.tables import ModelVersion

WEEK = timedelta(days=7)
COUNTED = ("confusion", "frustration", "boredom", "engagement", "enthusiasm", "satisfaction")
"""Labels that figures are about; toxicity is never looked at (P56)."""
LIKELY = 0.75
MARK = 16
"""Characters of a keyed hash by which a text is known again."""
NEAR = 3
"""A section's number is taken for a week only when the calendar is at most this many weeks away."""


@dataclass(frozen=True)
class Text:
    """One text of a person with A that somebody or something has read; contested ones are left out (P40)."""

    id: str
    author: str
    quotable: bool
    """Staff may read it: people are shown one by one, its author has B and the roster had names to remove."""
    activity: Activity
    week: int
    shown: Shown
    words: str
    hash: str
    mark: str = ""
    """Stays the same when the text is read from the LMS again."""

    @property
    def source(self) -> str:
        return self.activity.kind

    @property
    def item(self) -> Item:
        """As `disclosure` sees it: where it stands and what it reads as, never its words."""
        section = section_of(self.activity)
        scope = Scope(self.week, self.week, self.source, section.key if section else None, self.activity.id)
        reading = {name: self._is_sure(name) for name in COUNTED if self.shown.reads_as(name)}
        return Item(self.id, self.author, self.quotable, scope, reading, self.mark)

    def _is_sure(self, label: str) -> bool:
        """By the calibrated probability, or because a person said so (U24)."""
        return self.shown.source == "instructor" or self.shown.probabilities[label] >= LIKELY


@dataclass(frozen=True)
class Material:
    """The texts of a course, and those in a language that is not covered by (author, has B)."""

    texts: tuple[Text, ...]
    uncovered: tuple[Item, ...]
    activities: tuple[Activity, ...]
    first_day: datetime | None
    own: dict[str, Text] = field(default_factory=dict, repr=False)
    """The texts that staff may read, by id: all that may be quoted or looked at for words (P46)."""

    @property
    def items(self) -> list[Item]:
        return [*(text.item for text in self.texts), *self.uncovered]

    def readable(self, ids: Collection[str]) -> list[Text]:
        """Those of these texts that staff may read."""
        return [self.own[post_id] for post_id in ids if post_id in self.own]


def gather(session: Session, course: Course, version: ModelVersion | None, k: int = 5) -> Material:
    """Read the course's material as of now: consent, texts, effective labels under `version`."""
    listed = select(Activity).where(Activity.course_id == course.id).order_by(Activity.section, Activity.name)
    activities = {row.id: row for row in session.scalars(listed.order_by(Activity.id))}
    with_a, with_b = granted(session, course.id, "a"), _shown_one_by_one(session, course)
    query = select(Post).where(Post.course_id == course.id).order_by(Post.written_at, Post.id)
    posts = [post for post in session.scalars(query) if post.person_id in with_a]
    first_day = course.starts_on or _first_day(posts, k)
    if first_day is not None:
        first_day = first_day.replace(hour=0, minute=0, second=0, microsecond=0)
    read = readings(session, version, course_id=course.id) if version else {}
    shown = effective(session, posts, read)
    texts = [
        _text(post, activities[post.activity_id], shown[post.id], post.person_id in with_b, first_day)
        for post in posts
        if post.id in shown and shown[post.id].source != "contested"
    ]
    uncovered = [
        Item(
            post.id,
            post.person_id,
            post.person_id in with_b and post.trainable,
            Scope(UNREAD, UNREAD),
            {},
            post.external_index[:MARK],
        )
        for post in posts
        if post.scorable == "language"
    ]
    own = {text.id: text for text in texts if text.quotable}
    return Material(tuple(texts), tuple(uncovered), tuple(activities.values()), first_day, own)


def _shown_one_by_one(session: Session, course: Course) -> set[str]:
    """People with B where the institution shows people one by one; else B lets nobody read anything (P45)."""
    individual = session.get_one(Institution, course.institution_id).mode == "individual"
    return granted(session, course.id, "b") if individual else set()


def _first_day(posts: list[Post], k: int) -> datetime | None:
    """Where nobody says when the course starts: the day by which `k` people had written, so that no one moves it."""
    first: dict[str, datetime] = {}
    for post in posts:
        first.setdefault(post.person_id, post.written_at)
    return sorted(first.values())[k - 1] if len(first) >= k else None


def week_of(activity: Activity, written_at: datetime, first_day: datetime) -> int:
    """The section's number in a course laid out by weeks, else the week of the date; week 1 is the first."""
    by_date = max(1, (written_at - first_day) // WEEK + 1)
    section = activity.section or 0
    return section if section >= 1 and abs(section - by_date) <= NEAR else by_date


def _text(post: Post, activity: Activity, shown: Shown, has_b: bool, first_day: datetime | None) -> Text:
    return Text(
        id=post.id,
        author=post.person_id,
        quotable=has_b and post.trainable,
        activity=activity,
        week=week_of(activity, post.written_at, first_day or post.written_at),
        shown=shown,
        words=post.text,
        hash=post.text_hash,
        mark=post.external_index[:MARK],
    )
