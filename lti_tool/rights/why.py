"""Why a text got its labels, for its author: model, probabilities, passages, who looked, what was done (P7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.ingest.tables import Post
from lti_tool.review.tables import Answer
from lti_tool.rights import own_texts, quoting, training_use, viewing
from lti_tool.scoring import attribution
from lti_tool.scoring.attribution import Place, Reason
from lti_tool.scoring.serving import shown_version
from lti_tool.scoring.tables import ModelVersion, Score
from model.labels import EMOTIONS, LABELS, SENTIMENT

Piece = tuple[str, int]
"""A stretch of the text, and the rank of the passage that it is, from 1; 0 for none."""
State = Literal["found", "searching", "failed", "none"]


@dataclass(frozen=True)
class Chance:
    """One line of the table of probabilities, in percent; from its threshold on a label is shown."""

    label: str
    percent: int
    threshold: int | None
    shown: bool


@dataclass(frozen=True)
class Because:
    """One label's reasons in the text's own words."""

    label: str
    pieces: tuple[Piece, ...]
    towards: tuple[str, ...]
    away: tuple[str, ...]


@dataclass(frozen=True)
class Done:
    """One thing that was done with the text."""

    at: datetime
    act: str
    """`written`, `read`, `scored`, `contested`, `corrected`, `cannot_tell` or `undone`."""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Why:
    """All five, and how far the search for the passages is."""

    text: own_texts.OwnText
    version: ModelVersion | None
    chances: tuple[Chance, ...]
    because: tuple[Because, ...]
    state: State
    seen: tuple[viewing.Seen, ...]
    done: tuple[Done, ...]
    findings: tuple[str, ...]
    """Findings of the class page that quote the text, as they stand there."""
    trained: tuple[training_use.Use, ...]


def why(session: Session, person_id: str, course_id: str, post_id: str) -> Why:
    """Everything about one text; NotFoundError when it is somebody else's."""
    text = own_texts.one(session, person_id, course_id, post_id)
    version = shown_version(session, course_id)
    reasons = attribution.found(session, text.post, version) if text.reading else None
    return Why(
        text=text,
        version=version,
        chances=_chances(text, version),
        because=tuple(_because(text.post.text, reason) for reason in reasons or ()),
        state=_state(session, text, reasons),
        seen=tuple(viewing.seen_by(session, person_id)),
        done=tuple(_done(session, text.post)),
        findings=tuple(quoting.findings_with(session, course_id, [post_id])),
        trained=tuple(training_use.uses(session, person_id)),
    )


def pieces(text: str, places: Sequence[Place]) -> tuple[Piece, ...]:
    """The text cut at the passages; together the pieces are the text again."""
    marks = sorted((start, end, rank) for rank, (start, end, _) in enumerate(places, 1))
    found: list[Piece] = []
    at = 0
    for start, end, rank in marks:
        found += [(text[at:start], 0), (text[start:end], rank)]
        at = end
    return tuple(piece for piece in [*found, (text[at:], 0)] if piece[0])


def _state(session: Session, text: own_texts.OwnText, reasons: Sequence[Reason] | None) -> State:
    if text.reading is None:
        return "none"
    if reasons is not None:
        return "found"
    job = attribution.job_of(session, text.post.id)
    return "failed" if job is not None and job.state == "failed" else "searching"


def _because(text: str, reason: Reason) -> Because:
    return Because(
        label=reason.label,
        pieces=pieces(text, reason.towards),
        towards=tuple(text[start:end] for start, end, _ in reason.towards),
        away=tuple(text[start:end] for start, end, _ in reason.away),
    )


def _chances(text: own_texts.OwnText, version: ModelVersion | None) -> tuple[Chance, ...]:
    reading = text.reading
    if reading is None or version is None:
        return ()
    limits: dict[str, Any] = version.calibration["labels"]
    return tuple(
        Chance(
            label,
            round(100 * reading.probabilities[label]),
            None if label in SENTIMENT else round(100 * limits[label]["threshold"]),
            label in reading.labels or label == reading.sentiment,
        )
        for label in LABELS
    )


def _done(session: Session, post: Post) -> list[Done]:
    """In order of time; answers for an earlier version of the text are among them."""
    found = [Done(post.written_at, "written"), Done(post.pulled_at, "read")]
    scored = select(Score.scored_at).where(Score.post_id == post.id, Score.text_hash == post.text_hash)
    found += [Done(at, "scored") for at in session.scalars(scored)]
    answers = select(Answer).where(Answer.post_id == post.id).order_by(Answer.answered_at)
    found += [Done(answer.answered_at, _act(answer), _labels(answer)) for answer in session.scalars(answers)]
    return sorted(found, key=lambda done: done.at)


def _act(answer: Answer) -> str:
    if answer.kind != "labels":
        return answer.kind
    return "contested" if answer.annotator_role == "student" else "corrected"


def _labels(answer: Answer) -> tuple[str, ...]:
    if answer.kind != "labels":
        return ()
    return tuple(name for name in EMOTIONS if answer.labels.get(name)) or (answer.labels["sentiment"],)
