"""What the model makes of posts: decided from stored logits and a calibration, loading no network."""

from collections.abc import Iterable

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from lti_tool.ingest.tables import Post
from lti_tool.scoring.tables import ModelVersion, Score
from model.decision import Reading, read_all

__all__ = ["Reading", "readings"]
CHUNK = 500


def readings(
    session: Session,
    version: ModelVersion,
    post_ids: Iterable[str] | None = None,
    course_id: str | None = None,
) -> dict[str, Reading]:
    """The reading of each post whose present text is scored by the version's weights; others are left out.

    Give `post_ids`, or `course_id` for all posts of a course.
    """
    query = _present_scores(version)
    if course_id is not None:
        query = query.where(Post.course_id == course_id)
    rows: list[tuple[str, list[float]]] = []
    if post_ids is None:
        rows = [(post_id, logits) for post_id, logits in session.execute(query)]
    else:
        ids = sorted(set(post_ids))
        for start in range(0, len(ids), CHUNK):
            part = query.where(Post.id.in_(ids[start : start + CHUNK]))
            rows += [(post_id, logits) for post_id, logits in session.execute(part)]
    if not rows:
        return {}
    read = read_all(version.calibration, [logits for _, logits in rows])
    return {post_id: reading for (post_id, _), reading in zip(rows, read, strict=True)}


def _present_scores(version: ModelVersion) -> Select[str, list[float]]:
    """Scores of a text that was edited since do not match its hash and are passed over."""
    same_text = and_(Score.post_id == Post.id, Score.text_hash == Post.text_hash)
    return (
        select(Post.id, Score.logits)
        .join(Score, same_text)
        .where(Score.weights_hash == version.weights_hash, Post.scorable == "yes")
    )
