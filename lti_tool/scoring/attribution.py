"""Why a label: the passages of one text that drove it, found on request by the job of kind `explain` (P7).

It runs in the worker, which has the network in memory; the web process never loads it. The answer is kept sealed, as
places in the text, until the text changes or goes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent import service as consent
from lti_tool.errors import NotFoundError
from lti_tool.ingest.tables import Post
from lti_tool.jobs import Job, Run, enqueue, latest, task
from lti_tool.scoring import weights
from lti_tool.scoring.readings import Reading, readings
from lti_tool.scoring.serving import shown_version
from lti_tool.scoring.tables import Explanation, ModelVersion
from lti_tool.scoring.tasks import scorer_for

JOB = "explain"
MOST_LABELS = 2
"""Labels that are explained: each takes as long as the first."""

Place = tuple[int, int, float]
"""Characters from, to, and the share of all that pushed the same way, 0 to 1."""


@dataclass(frozen=True)
class Reason:
    """What pushed towards a label and away from it, the strongest first."""

    label: str
    towards: tuple[Place, ...]
    away: tuple[Place, ...]


def labels_to_explain(reading: Reading) -> tuple[str, ...]:
    """The likeliest labels that are shown, or the sentiment where none is."""
    sure = [name for name in reading.labels if reading.certainty[name] != "unsure"]
    sure.sort(key=lambda name: -reading.probabilities[name])
    return tuple(sure[:MOST_LABELS]) or (reading.sentiment,)


def found(session: Session, post: Post, version: ModelVersion | None) -> tuple[Reason, ...] | None:
    """The reasons that were found for the present text by this version's weights; None before somebody asked."""
    row = _row(session, post.id, post.text_hash, version.weights_hash) if version else None
    if row is None:
        return None
    return tuple(
        Reason(label, _places(own["towards"]), _places(own["away"]))
        for label, own in json.loads(row.found).items()
    )


def ask(session: Session, now: datetime, person_id: str, post_id: str) -> Job:
    """Queue the search for the reasons of the person's own text, once; NotFoundError for any other text."""
    post = session.get(Post, post_id)
    if post is None or post.person_id != person_id or post.scorable != "yes":
        raise NotFoundError
    return enqueue(session, now, JOB, post_id)


def job_of(session: Session, post_id: str) -> Job | None:
    """The newest search for the reasons of a text."""
    return latest(session, JOB, post_id)


@task(JOB, quick=True)
def explain(run: Run) -> dict[str, Any]:
    """Find the reasons of the text `run.key` and keep them sealed; nothing is kept of a text that changed or went."""
    with run.database.reading() as session:
        post = session.get(Post, run.key)
        version = shown_version(session, post.course_id) if post else None
        reading = readings(session, version, [run.key]).get(run.key) if version else None
    if post is None or version is None or reading is None:
        return {"labels": 0}
    labels = labels_to_explain(reading)
    reasons = _reasons(run, version, post.text, labels)
    with run.database.session() as session:
        kept = _keep(session, run.now(), post, version, reasons)
    return {"labels": len(labels) if kept else 0}


def _reasons(run: Run, version: ModelVersion, text: str, labels: tuple[str, ...]) -> dict[str, Any]:
    from model import attribution  # with torch: only where a job runs

    scorer = scorer_for(weights.path_of(run.database, run.settings, version.weights_hash))
    return {
        label: {"towards": _rows(own.towards), "away": _rows(own.away)}
        for label, own in attribution.explain(scorer, text, labels).items()
    }


def _keep(
    session: Session, now: datetime, post: Post, version: ModelVersion, reasons: Mapping[str, Any]
) -> bool:
    """Write under the author's consent lock, unless A, the text or its place changed meanwhile."""
    if not consent.lock(session, post.person_id).a:
        return False
    if session.scalar(select(Post.text_hash).where(Post.id == post.id)) != post.text_hash:
        return False
    if _row(session, post.id, post.text_hash, version.weights_hash) is None:
        session.add(
            Explanation(
                post_id=post.id,
                person_id=post.person_id,
                text_hash=post.text_hash,
                weights_hash=version.weights_hash,
                found=json.dumps(reasons),
                asked_at=now,
            )
        )
    return True


def _row(session: Session, post_id: str, text_hash: str, weights_hash: str) -> Explanation | None:
    key = {"post_id": post_id, "text_hash": text_hash, "weights_hash": weights_hash}
    return session.scalars(select(Explanation).filter_by(**key)).one_or_none()


def _rows(passages: Any) -> list[list[float]]:
    return [[own.start, own.end, round(own.share, 3)] for own in passages]


def _places(rows: list[list[Any]]) -> tuple[Place, ...]:
    return tuple((int(start), int(end), float(share)) for start, end, share in rows)
