"""A person's own texts with what they may read as (U15): words first, numbers on demand (U17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from lti_tool.errors import NotFoundError
from lti_tool.ingest.tables import Activity, Post
from lti_tool.reflections.service import reflection_of_activity
from lti_tool.review.effective import Shown, answers_of, effective, standing
from lti_tool.review.tables import Answer
from lti_tool.scoring.readings import Reading, readings
from lti_tool.scoring.serving import shown_version
from lti_tool.scoring.tables import ModelVersion

State = Literal["read", "waiting", "language", "short", "emptied"]
Which = Literal["all", "forum", "reflection", "contested"]
WHICH: tuple[Which, ...] = ("all", "forum", "reflection", "contested")


_OWN = select(Post, Activity).join(Activity, Activity.id == Post.activity_id)


@dataclass(frozen=True)
class OwnText:
    """One text of the person who looks at it."""

    post: Post
    activity: Activity
    shown: Shown | None
    """None while it has no labels; `state` says why."""
    reading: Reading | None
    """What the model makes of it, also beside a person's labels."""
    comment: str | None = None
    """What the author added to their own labels. Names in it are not replaced, so nobody else sees it."""

    written_here: str | None = None
    """The reflection of this tool in which it was written; the original stands there."""

    @property
    def state(self) -> State:
        if self.post.emptied_at is not None:
            return "emptied"
        if self.shown is not None:
            return "read"
        if self.post.scorable == "language":
            return "language"
        return "short" if self.post.scorable == "short" else "waiting"


@dataclass(frozen=True)
class Page:
    """Some of the texts, how many there are in all, and the model whose labels are shown."""

    texts: list[OwnText]
    total: int
    model: ModelVersion | None


def page(
    session: Session,
    person_id: str,
    course_id: str,
    *,
    start: int = 0,
    most: int | None = None,
    which: Which = "all",
) -> Page:
    """The person's texts, newest first, from number `start` on; `which` narrows the list."""
    own = [Post.person_id == person_id, *_narrowed(person_id, which)]
    newest = _OWN.where(*own).order_by(Post.written_at.desc(), Post.id)
    rows = [(post, activity) for post, activity in session.execute(newest.offset(start).limit(most))]
    count = select(func.count(Post.id)).join(Activity, Activity.id == Post.activity_id).where(*own)
    total = session.execute(count).scalar_one()
    version = shown_version(session, course_id)
    return Page(_described(session, course_id, rows), total, version)


def _narrowed(person_id: str, which: Which) -> list[ColumnElement[bool]]:
    if which == "all":
        return []
    if which == "contested":
        said = select(Answer.post_id).where(Answer.annotator_id == person_id, Answer.kind == "labels")
        return [Post.id.in_(said)]
    return [Activity.kind == which]


def one(session: Session, person_id: str, course_id: str, post_id: str) -> OwnText:
    """The person's text; NotFoundError when it is somebody else's or gone."""
    row = session.execute(_OWN.where(Post.person_id == person_id, Post.id == post_id)).one_or_none()
    if row is None:
        raise NotFoundError
    return _described(session, course_id, [(row[0], row[1])])[0]


def _described(session: Session, course_id: str, rows: Sequence[tuple[Post, Activity]]) -> list[OwnText]:
    posts = [post for post, _ in rows]
    version = shown_version(session, course_id)
    read: Mapping[str, Reading] = {}
    if version is not None:
        read = readings(session, version, post_ids=[post.id for post in posts])
    shown = effective(session, posts, read)
    said, here = _comments(session, posts), reflection_of_activity(session, course_id)
    return [
        OwnText(
            post, activity, shown.get(post.id), read.get(post.id), said.get(post.id), here.get(activity.id)
        )
        for post, activity in rows
    ]


def _comments(session: Session, posts: Sequence[Post]) -> dict[str, str | None]:
    """The comment of the author's newest own answer that stands, per post id."""
    given, found = answers_of(session, posts), {}
    for post in posts:
        own = standing(given.get(post.id, [])).get(post.person_id)
        found[post.id] = own.comment if own else None
    return found
