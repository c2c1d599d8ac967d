"""Building a course's snapshot and reading the latest one (design decision 8)."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.consent.service import granted
from lti_tool.disclosure import rules
from lti_tool.ingest.tables import Post
from lti_tool.insights import weeks
from lti_tool.insights.findings import findings, latest_week
from lti_tool.insights.material import Material, gather
from lti_tool.insights.places import names_by_week
from lti_tool.insights.snapshot import Band, Finding, PhraseSpan, SnapshotBody, State, from_json, to_json
from lti_tool.insights.tables import Snapshot
from lti_tool.insights.topics import topics
from lti_tool.launch.tables import Course
from lti_tool.scoring.errors import NoModelError
from lti_tool.scoring.serving import serving, shown_version
from lti_tool.scoring.tables import ModelVersion
from lti_tool.settings import Settings


def build(
    session: Session, now: datetime, settings: Settings, course_id: str, class_size: int | None = None
) -> Snapshot:
    """Compose and keep in one transaction; the job does them apart, to hold no lock while it counts."""
    version, body = compose(session, settings, course_id, class_size)
    return keep(session, now, course_id, version, body)


def compose(
    session: Session, settings: Settings, course_id: str, class_size: int | None = None
) -> tuple[ModelVersion | None, SnapshotBody]:
    """The picture of a course as of now, and the version that read its texts; writes nothing.

    `class_size` is the number of students on the roster; without it the page tells no coverage.
    """
    course = session.get_one(Course, course_id)
    version = shown_version(session, course_id)
    material = gather(session, course, version)
    return version, _body(session, course, material, settings.smallest_group, class_size)


def keep(
    session: Session, now: datetime, course_id: str, version: ModelVersion | None, body: SnapshotBody
) -> Snapshot:
    """Let the picture take the place of the one before: numbers that were withdrawn from stay nowhere."""
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
    """The finding's phrases in their writers' words, while two authors with A and B stand behind each."""
    wanted = {post_id for phrase in finding.phrases for post_id in phrase.posts}
    posts = {post.id: post for post in session.scalars(select(Post).where(Post.id.in_(wanted)))}
    courses = {post.course_id for post in posts.values()}
    people = {
        person
        for course_id in courses
        for person in granted(session, course_id, "a") & granted(session, course_id, "b")
    }
    readable = {post.id: post for post in posts.values() if post.person_id in people and post.trainable}
    found = (_phrase(phrase, readable) for phrase in finding.phrases)
    return [words for words in found if words]


def _phrase(phrase: PhraseSpan, readable: dict[str, Post]) -> str:
    authors = {readable[post_id].person_id for post_id in phrase.posts if post_id in readable}
    post = readable.get(phrase.post)
    if len(authors) < 2 or post is None or post.text_hash != phrase.text_hash:
        return ""
    return " ".join(post.text[phrase.start : phrase.end].split())


def _body(
    session: Session, course: Course, material: Material, k: int, class_size: int | None
) -> SnapshotBody:
    if not material.texts:
        return SnapshotBody(_empty_state(session, course, material), k)
    by_week = weeks.groups(material, k)
    week = latest_week(by_week)
    if week is None:
        return SnapshotBody("too_few", k)
    series = weeks.series(material, by_week)
    return SnapshotBody(
        state="ready",
        smallest_group=k,
        week=week,
        texts=rules.rounded(len(material.texts)),
        coverage=_coverage(material, k, class_size),
        uncovered=_uncovered(material, k),
        weeks=weeks.calendar(material),
        series=series,
        chart=weeks.chart_findings(series["all"], names_by_week(material.texts)),
        findings=findings(material, by_week, week, k),
        topics=topics(material, by_week, k),
    )


def _empty_state(session: Session, course: Course, material: Material) -> State:
    """Nothing to show: no model yet, nothing pulled yet, or nobody's texts, which reads as too few (P14, U49)."""
    try:
        serving(session, course.institution_id)
    except NoModelError:
        return "no_model"
    return "too_few" if material.activities else "no_posts"


def _coverage(material: Material, k: int, class_size: int | None) -> Band | None:
    """The share of the class whose texts are included, as a band; hidden for small groups (P15)."""
    authors = len({text.author for text in material.texts})
    if not class_size or authors < k:
        return None
    return rules.band(min(authors, class_size), class_size)


def _uncovered(material: Material, k: int) -> int | None:
    with_b = {author for author, has_b in material.uncovered if has_b}
    without = {author for author, has_b in material.uncovered if not has_b}
    return rules.rounded(len(material.uncovered)) if rules.may_show(with_b, without, k) else None
