"""Corrections that may train: of authors with C, for texts as they are now (design decision 4)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent.standing import counts
from lti_tool.consent.tables import ConsentState
from lti_tool.ingest.tables import Post
from lti_tool.launch import stopping
from lti_tool.launch.tables import Course
from lti_tool.review import dropping, holds
from lti_tool.review.effective import CHUNK, answers_of, standing
from lti_tool.review.tables import Answer, PoolText


@dataclass(frozen=True)
class Correction:
    """One labelled text for training; `labels` is `{"sentiment": …, "confusion": 0|1, …}`."""

    text: str
    language: str
    labels: Mapping[str, Any]
    person_id: str
    course_id: str
    annotator_id: str
    annotator_role: str
    thread_index: str | None
    answer_id: str
    written_at: datetime | None = None
    """When the text was written; None for one that is kept for the pool alone, whose own time is long over."""
    held: str = ""
    """Why it may not train for now: a reason of `holds`, or empty."""


def corrections(session: Session, institution_id: str | None = None) -> list[Correction]:
    """The standing labels of every annotator for texts that may train; None takes all institutions.

    A text may train when its author grants A and C now, the roster had names to remove (`trainable`) and its course
    is not switched off (P64). Texts that are kept for the pool alone are among them (P62). Labels that were taken out
    are as if never given (S40); those that wait for a second reader say why in `held` (S43).
    """
    rules = dropping.rules(session)
    running = stopping.running_courses(session)
    query = (
        select(Post)
        .join(ConsentState, ConsentState.person_id == Post.person_id)
        .where(counts("c"), Post.trainable)
        .where(Post.id.in_(select(Answer.post_id)))
        .order_by(Post.id)
    )
    if institution_id is not None:
        query = query.join(Course, Course.id == Post.course_id).where(Course.institution_id == institution_id)
    posts = [post for post in session.scalars(query) if post.course_id in running]
    answers = answers_of(session, posts)
    withheld = holds.withheld(session, answers)
    kept = [row for row in _kept(session, institution_id) if row.course_id in running]
    return [
        _correction(post, answer, withheld.get(answer.id, ""))
        for post in posts
        for answer in standing(rules.left(answers.get(post.id, []))).values()
        if answer.kind == "labels"
    ] + [_of_pool(row) for row in kept if not rules.covers_kept(row)]


def of_same_texts(session: Session, answer_ids: Collection[str]) -> set[str]:
    """These answers and every other one to the same texts, so that a text answered anew is known again."""
    found, wanted = set(answer_ids), sorted(answer_ids)
    for start in range(0, len(wanted), CHUNK):
        texts = select(Answer.post_id).where(Answer.id.in_(wanted[start : start + CHUNK]))
        found.update(session.scalars(select(Answer.id).where(Answer.post_id.in_(texts))))
    return found


def keep_for_pool(session: Session, now: datetime, posts: Sequence[Post]) -> int:
    """Copy what may train to the rows that the pool keeps for longer; return how many. Asks for C as it is now (P62).

    Called before the texts of these posts are deleted; doing it again adds nothing. What waits for a second reader is
    left out, since nobody can read the text any more.
    """
    may = [post for post in posts if post.trainable and _grants_c(session, post.person_id)]
    answers, added = answers_of(session, may), 0
    withheld = holds.withheld(session, answers)
    for post in may:
        for answer in standing(answers.get(post.id, [])).values():
            new = answer.id not in withheld and session.get(PoolText, answer.id) is None
            if answer.kind == "labels" and new:
                session.add(_to_pool(post, answer, now))
                added += 1
    session.flush()
    return added


def _grants_c(session: Session, person_id: str) -> bool:
    state = session.get(ConsentState, person_id)
    return state is not None and state.a and state.c


def _kept(session: Session, institution_id: str | None) -> list[PoolText]:
    query = select(PoolText).join(ConsentState, ConsentState.person_id == PoolText.person_id)
    query = query.where(counts("c")).order_by(PoolText.answer_id)
    if institution_id is not None:
        query = query.join(Course, Course.id == PoolText.course_id)
        query = query.where(Course.institution_id == institution_id)
    return list(session.scalars(query))


def _to_pool(post: Post, answer: Answer, now: datetime) -> PoolText:
    return PoolText(
        answer_id=answer.id,
        course_id=post.course_id,
        person_id=post.person_id,
        annotator_id=answer.annotator_id,
        labelled_by=answer.annotator_role,
        text=post.text,
        language=post.language,
        labels=answer.labels,
        thread_index=post.thread_index,
        written_at=post.written_at,
        answered_at=answer.answered_at,
        kept_since=now,
    )


def _of_pool(row: PoolText) -> Correction:
    return Correction(
        text=row.text,
        language=row.language,
        labels=row.labels,
        person_id=row.person_id,
        course_id=row.course_id,
        annotator_id=row.annotator_id,
        annotator_role=row.labelled_by,
        thread_index=row.thread_index,
        answer_id=row.answer_id,
    )


def _correction(post: Post, answer: Answer, held: str) -> Correction:
    return Correction(
        text=post.text,
        language=post.language,
        labels=answer.labels,
        person_id=post.person_id,
        course_id=post.course_id,
        annotator_id=answer.annotator_id,
        annotator_role=answer.annotator_role,
        thread_index=post.thread_index,
        answer_id=answer.id,
        written_at=post.written_at,
        held=held,
    )
