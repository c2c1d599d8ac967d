"""Building a course's snapshot and reading the latest one (design decision 8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.disclosure import store
from lti_tool.disclosure.figures import Picture, Told
from lti_tool.disclosure.groups import State as DisclosureState
from lti_tool.disclosure.groups import advance
from lti_tool.disclosure.scopes import Where
from lti_tool.ingest.tables import Post
from lti_tool.insights import weeks
from lti_tool.insights.findings import findings, latest_week
from lti_tool.insights.material import Material, gather
from lti_tool.insights.places import names_by_week
from lti_tool.insights.snapshot import Finding, PhraseSpan, SnapshotBody, State, from_json, to_json
from lti_tool.insights.tables import Snapshot
from lti_tool.insights.topics import topics
from lti_tool.launch.tables import Course
from lti_tool.reflections import service as reflections
from lti_tool.review.sharing import sharing, unreadable
from lti_tool.scoring.errors import NoModelError
from lti_tool.scoring.serving import serving, shown_version
from lti_tool.scoring.tables import ModelVersion
from lti_tool.settings import Settings
from lti_tool.storage import new_id

CHUNK = 500


@dataclass(frozen=True)
class Telling:
    """What a picture tells: the state of its groups, and text id → author of all that they hold now."""

    state: DisclosureState
    texts: Mapping[str, str]
    writers: Mapping[str, Told | None]
    """Activity id → about how many have written for it, for the pages of reflections; None for too few."""


def build(
    session: Session, now: datetime, settings: Settings, course_id: str, class_size: int | None = None
) -> Snapshot:
    """Compose and keep in one transaction; the job does them apart, to hold no lock while it counts."""
    version, body, told = compose(session, settings, course_id, class_size)
    return keep(session, now, course_id, version, body, told)


def compose(
    session: Session, settings: Settings, course_id: str, class_size: int | None = None
) -> tuple[ModelVersion | None, SnapshotBody, Telling]:
    """The picture of a course as of now, and the version that read its texts; writes nothing.

    `class_size` is the number of students on the roster; without it the page tells no coverage.
    """
    course = session.get_one(Course, course_id)
    version = shown_version(session, course_id)
    k = settings.smallest_group
    material = gather(session, course, version, k)
    items = material.items
    state = advance(store.load(session, course_id), items, k, new_id)
    picture = Picture(state, items, k)
    body = _body(session, course, material, picture, class_size)
    authors = {item.id: item.author for item in items}
    texts = {post: authors[post] for post in state.posts if post in authors}
    return version, body, Telling(state, texts, _writers(material, picture))


def keep(
    session: Session,
    now: datetime,
    course_id: str,
    version: ModelVersion | None,
    body: SnapshotBody,
    told: Telling | None = None,
) -> Snapshot:
    """Let the picture take the place of the one before, and note what it tells.

    The caller holds the consent of the course's people (`consent.mark`); a text may have gone meanwhile.
    """
    if told is not None:
        store.save(session, course_id, told.state, _still_there(session, told.texts))
        reflections.note_writers(session, now, course_id, told.writers)
    session.execute(delete(Snapshot).where(Snapshot.course_id == course_id))
    row = Snapshot(
        course_id=course_id, version_id=version.id if version else None, body=to_json(body), built_at=now
    )
    session.add(row)
    session.flush()
    return row


def latest(session: Session, course_id: str) -> Snapshot | None:
    """The newest snapshot of the course."""
    query = select(Snapshot).where(Snapshot.course_id == course_id).order_by(Snapshot.built_at.desc())
    return session.scalars(query.limit(1)).first()


def body_of(snapshot: Snapshot) -> SnapshotBody:
    """What the pages may show of it."""
    return from_json(snapshot.body)


def phrases(session: Session, finding: Finding) -> list[str]:
    """The finding's phrases in their writers' words, while staff may read texts of two authors behind each."""
    wanted = {post_id for phrase in finding.phrases for post_id in phrase.posts}
    posts = {post.id: post for post in session.scalars(select(Post).where(Post.id.in_(wanted)))}
    courses = {post.course_id for post in posts.values()}
    people = {person for course_id in courses for person in sharing(session, course_id)}
    closed = {post_id for course_id in courses for post_id in unreadable(session, course_id)}
    readable = {
        post.id: post
        for post in posts.values()
        if post.person_id in people and post.trainable and post.id not in closed
    }
    found = (_phrase(phrase, readable) for phrase in finding.phrases)
    return [words for words in found if words]


def _phrase(phrase: PhraseSpan, readable: dict[str, Post]) -> str:
    authors = {readable[post_id].person_id for post_id in phrase.posts if post_id in readable}
    post = readable.get(phrase.post)
    if len(authors) < 2 or post is None or post.text_hash != phrase.text_hash:
        return ""
    return " ".join(post.text[phrase.start : phrase.end].split())


def _still_there(session: Session, texts: Mapping[str, str]) -> dict[str, str]:
    """Those of the texts whose rows are there, held until the transaction ends."""
    found: dict[str, str] = {}
    order = list(texts)
    for start in range(0, len(order), CHUNK):
        ids = order[start : start + CHUNK]
        query = select(Post.id).where(Post.id.in_(ids)).with_for_update(key_share=True)
        found |= {post_id: texts[post_id] for post_id in session.scalars(query)}
    return found


def _body(
    session: Session, course: Course, material: Material, picture: Picture, class_size: int | None
) -> SnapshotBody:
    by_week = weeks.cells(picture)
    week = latest_week(by_week)
    if week is None:
        return SnapshotBody(_empty_state(session, course, material), picture.k)
    whole, series = picture.cell(Where()), weeks.series(by_week)
    return SnapshotBody(
        state="ready",
        smallest_group=picture.k,
        week=week,
        texts=whole.texts if whole else None,
        coverage=picture.coverage(class_size),
        uncovered=picture.uncovered(),
        weeks=weeks.calendar(material, by_week),
        series=series,
        chart=weeks.chart_findings(series["all"], names_by_week(material.activities)),
        findings=findings(material, picture, by_week, week),
        topics=topics(material, picture),
    )


def _writers(material: Material, picture: Picture) -> dict[str, Told | None]:
    cells = {row.id: picture.cell(Where(activity=row.id)) for row in material.activities}
    return {activity_id: cell.writers if cell else None for activity_id, cell in cells.items()}


def _empty_state(session: Session, course: Course, material: Material) -> State:
    """Nothing to show: no model yet, nothing pulled yet, or nobody's texts, which reads as too few (P14, U49)."""
    if material.texts:
        return "too_few"
    try:
        serving(session, course.institution_id)
    except NoModelError:
        return "no_model"
    return "too_few" if material.activities else "no_posts"
