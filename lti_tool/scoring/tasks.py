"""The job of kind `score`: every post of a course without a score by the serving model gets one.

Texts are read in one transaction, scored outside any, and written in another that looks again at consent and
text; so killing it anywhere and running it again ends in the same rows.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from lti_tool.consent import service as consent
from lti_tool.consent.standing import counts
from lti_tool.consent.tables import ConsentState
from lti_tool.ingest.tables import Post
from lti_tool.ingest.writing import lock_all
from lti_tool.jobs import Run, task
from lti_tool.launch import stopping
from lti_tool.launch.tables import Course
from lti_tool.scoring import weights
from lti_tool.scoring.errors import UnusableWeightsError
from lti_tool.scoring.serving import serving
from lti_tool.scoring.tables import CourseModel, ModelVersion, Score
from model.errors import ModelError

if TYPE_CHECKING:
    from model.scoring import Scorer

BATCH = 64
MOST_FRUITLESS = 3
"""Batches in a row of which nothing could be written, before the job leaves the rest to its next run."""


@dataclass(frozen=True)
class Waiting:
    """A text to score, as it was read."""

    post_id: str
    person_id: str
    text: str
    text_hash: str


@task("score")
def score(run: Run) -> dict[str, Any]:
    """Score the course `run.key`, then let it show the serving version; returns how many were scored."""
    written = fruitless = 0
    while fruitless < MOST_FRUITLESS:
        with run.database.reading() as session:
            stopping.require_running(session, run.now(), run.key)
            version = _version_for(session, run.key)
            left = _count(session, run.key, version)
            batch = _waiting(session, run.key, version, BATCH)
        run.tell("Scoring texts", written, written + left)
        if not batch:
            if _show(run, version):
                break
            continue
        stored = _score(run, version, batch)
        written += stored
        fruitless = 0 if stored else fruitless + 1
    return {"scored": written, "version": version.id}


def _score(run: Run, version: ModelVersion, batch: list[Waiting]) -> int:
    """Score a batch outside any transaction and write what may still be written."""
    scorer = scorer_for(weights.path_of(run.database, run.settings, version.weights_hash))
    logits = scorer.score([waiting.text for waiting in batch])
    with run.database.session() as session:
        # All of the batch's authors first, in the one order in which everybody locks: two orders wait for each other.
        lock_all(session, (waiting.person_id for waiting in batch))
        stopping.require_running(session, run.now(), run.key)
        return sum(
            _write(session, run.now(), waiting, version.weights_hash, row.tolist())
            for waiting, row in zip(batch, logits, strict=True)
        )


def _write(session: Session, now: datetime, waiting: Waiting, weights_hash: str, logits: list[float]) -> bool:
    """Write one score under the author's consent lock, unless A, the text or its place changed meanwhile."""
    if not consent.lock(session, waiting.person_id).reads:
        return False
    if session.scalar(select(Post.text_hash).where(Post.id == waiting.post_id)) != waiting.text_hash:
        return False
    key = {"post_id": waiting.post_id, "text_hash": waiting.text_hash, "weights_hash": weights_hash}
    if session.scalar(select(Score.id).filter_by(**key)) is not None:
        return False
    session.add(Score(**key, person_id=waiting.person_id, logits=logits, scored_at=now))
    return True


def _show(run: Run, version: ModelVersion) -> bool:
    """Flip the course to `version` if all is scored and it still serves; False when there is more to do."""
    with run.database.session() as session:
        if _version_for(session, run.key).id != version.id or _waiting(session, run.key, version, 1):
            return False
        shown = session.get(CourseModel, run.key)
        if shown is None:
            session.add(CourseModel(course_id=run.key, version_id=version.id, at=run.now()))
        elif shown.version_id != version.id:
            shown.version_id, shown.at = version.id, run.now()
        return True


def _version_for(session: Session, course_id: str) -> ModelVersion:
    return serving(session, session.scalar(select(Course.institution_id).where(Course.id == course_id)))


def _count(session: Session, course_id: str, version: ModelVersion) -> int:
    return session.scalar(_unscored(course_id, version).with_only_columns(func.count())) or 0


def _waiting(session: Session, course_id: str, version: ModelVersion, most: int) -> list[Waiting]:
    """The newest texts first: they are what people look at while the others wait."""
    newest = _unscored(course_id, version).order_by(Post.written_at.desc(), Post.id)
    posts = session.scalars(newest.limit(most))
    return [Waiting(post.id, post.person_id, post.text, post.text_hash) for post in posts]


def _unscored(course_id: str, version: ModelVersion) -> Select[Post]:
    """Posts to score: scorable, of people with A and no pause, whose present text has no score by these weights."""
    present = and_(
        Score.post_id == Post.id,
        Score.text_hash == Post.text_hash,
        Score.weights_hash == version.weights_hash,
    )
    return (
        select(Post)
        .join(ConsentState, ConsentState.person_id == Post.person_id)
        .outerjoin(Score, present)
        .where(Post.course_id == course_id, Post.scorable == "yes", Post.emptied_at.is_(None))
        .where(counts("a"), Score.id.is_(None))
    )


@lru_cache(maxsize=2)
def scorer_for(folder: Path) -> "Scorer":
    """The loaded network of a weights directory, kept in the process; named by hash, so never stale."""
    from model.scoring import Scorer

    try:
        return Scorer.load(folder)
    except ModelError as error:
        raise UnusableWeightsError(error.words, code=error.code) from error
