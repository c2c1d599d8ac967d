"""The job of kind `watch_drift`: each week's report of what changed in an institution's texts."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent.standing import counts
from lti_tool.consent.tables import ConsentState
from lti_tool.ingest.tables import Post
from lti_tool.jobs import Run, task
from lti_tool.launch import stopping
from lti_tool.launch.tables import Course
from lti_tool.retraining import disagreement, drift
from lti_tool.retraining.tables import DriftReport
from lti_tool.review.tables import Answer
from lti_tool.scoring import serving
from lti_tool.scoring.errors import NoModelError
from lti_tool.scoring.readings import Reading, readings

KIND = "watch_drift"
WEEK = timedelta(days=7)
WEEKS = 9


@task(KIND)
def watch(run: Run) -> dict[str, Any]:
    """Report on the last whole week of the institution `run.key`, once."""
    now = run.now()
    with run.database.session() as session:
        row = report(session, now, run.key)
        return {"compared": len(row.body.get("shifts", ())), "until": row.until.date().isoformat()}


def report(session: Session, now: datetime, institution_id: str) -> DriftReport:
    """The report of the last whole week, made at the first call."""
    until = monday(now)
    known = {"institution_id": institution_id, "until": until}
    row = session.scalars(select(DriftReport).filter_by(**known)).one_or_none()
    if row is None:
        shifts = drift.compare(texts(session, until, institution_id))
        row = DriftReport(**known, made_at=now, body=drift.as_data(shifts) if shifts else {})
        session.add(row)
        session.flush()
    return row


def latest(session: Session, institution_id: str) -> DriftReport | None:
    """The newest report of an institution."""
    query = select(DriftReport).where(DriftReport.institution_id == institution_id)
    return session.scalars(query.order_by(DriftReport.until.desc()).limit(1)).first()


def monday(now: datetime) -> datetime:
    """The first moment of this week, UTC."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=now.weekday())


def texts(session: Session, until: datetime, institution_id: str) -> list[drift.Text]:
    """Nine weeks of texts of people with A, as the present version reads them: so a new version is no drift."""
    query = (
        select(Post, ConsentState.b)
        .join(Course, Course.id == Post.course_id)
        .join(ConsentState, ConsentState.person_id == Post.person_id)
        .where(Course.institution_id == institution_id, Post.course_id.in_(stopping.running_courses(session)))
        .where(counts("a"), Post.emptied_at.is_(None), Post.scorable != "short")
        .where(Post.written_at >= until - WEEKS * WEEK, Post.written_at < until)
    )
    rows = session.execute(query).all()
    read = _readings(session, institution_id, [post.id for post, _ in rows])
    said = _checked(session, {post.id for post, _ in rows}, institution_id)
    return [_text(post, b, until, read.get(post.id), said.get(post.id)) for post, b in rows]


def _text(
    post: Post, by_name: bool, until: datetime, reading: Reading | None, checked: bool | None
) -> drift.Text:
    week = (until - post.written_at - timedelta(microseconds=1)) // WEEK
    sentiment = reading.sentiment if reading else None
    words = drift.words_of(post.text)
    return drift.Text(post.person_id, by_name, week, post.language, words, sentiment, checked)


def _readings(session: Session, institution_id: str, post_ids: list[str]) -> dict[str, Reading]:
    try:
        version = serving.serving(session, institution_id)
    except NoModelError:
        return {}
    return readings(session, version, post_ids)


def _checked(session: Session, post_ids: set[str], institution_id: str) -> dict[str, bool]:
    """Post id → whether the last instructor who labelled it disagreed with what was shown."""
    query = select(Answer).join(Course, Course.id == Answer.course_id)
    query = query.where(Answer.kind == "labels", Answer.annotator_role == "instructor")
    query = query.where(Course.institution_id == institution_id)
    return {
        row.post_id: disagreement.disagrees(row.labels, row.shown)
        for row in session.scalars(query.order_by(Answer.answered_at))
        if row.post_id in post_ids and row.shown
    }
