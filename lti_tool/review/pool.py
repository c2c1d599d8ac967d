"""Corrections that may train: of authors with C, for texts as they are now (design decision 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent.tables import ConsentState
from lti_tool.ingest.tables import Post
from lti_tool.launch.tables import Course
from lti_tool.review.effective import answers_of, standing
from lti_tool.review.tables import Answer


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


def corrections(session: Session, institution_id: str | None = None) -> list[Correction]:
    """The standing labels of every annotator for texts that may train; None takes all institutions.

    A text may train when its author grants A and C now and the roster had names to remove (`trainable`).
    """
    query = (
        select(Post)
        .join(ConsentState, ConsentState.person_id == Post.person_id)
        .where(ConsentState.a, ConsentState.c, Post.trainable)
        .where(Post.id.in_(select(Answer.post_id)))
        .order_by(Post.id)
    )
    if institution_id is not None:
        query = query.join(Course, Course.id == Post.course_id).where(Course.institution_id == institution_id)
    posts = list(session.scalars(query))
    answers = answers_of(session, posts)
    return [
        _correction(post, answer)
        for post in posts
        for answer in standing(answers.get(post.id, [])).values()
        if answer.kind == "labels"
    ]


def _correction(post: Post, answer: Answer) -> Correction:
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
    )
