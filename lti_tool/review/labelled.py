"""Every label that counts, with what is needed to judge it: for the nightly check (S43), not for training."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent.standing import counts
from lti_tool.consent.tables import ConsentState
from lti_tool.ingest.tables import Post
from lti_tool.launch import stopping
from lti_tool.review import dropping
from lti_tool.review.effective import answers_of, standing
from lti_tool.review.tables import Answer


@dataclass(frozen=True)
class Labelled:
    """One standing label; `labels` and `shown` (what the model had shown) are as in the answer."""

    answer_id: str
    post_id: str
    course_id: str
    annotator_id: str
    annotator_role: str
    labels: Mapping[str, Any]
    shown: Mapping[str, Any]
    seconds_on_screen: float | None
    answered_at: datetime
    why: str = ""


def labelled(session: Session) -> list[Labelled]:
    """The labels of texts as they are now, in order of time, without those taken out (S40).

    Whether an author gave C does not matter here, so that what follows tells nobody who did (P14); A does, and a course
    that is switched off is left alone (P64).
    """
    running, rules = stopping.running_courses(session), dropping.rules(session)
    query = select(Post).join(ConsentState, ConsentState.person_id == Post.person_id)
    query = query.where(counts("a"), Post.id.in_(select(Answer.post_id)))
    posts = [post for post in session.scalars(query.order_by(Post.id)) if post.course_id in running]
    found = [
        _labelled(answer)
        for answers in answers_of(session, posts).values()
        for answer in standing(rules.left(answers)).values()
        if answer.kind == "labels"
    ]
    return sorted(found, key=lambda one: (one.answered_at, one.answer_id))


def _labelled(answer: Answer) -> Labelled:
    return Labelled(
        answer_id=answer.id,
        post_id=answer.post_id,
        course_id=answer.course_id,
        annotator_id=answer.annotator_id,
        annotator_role=answer.annotator_role,
        labels=answer.labels,
        shown=answer.shown,
        seconds_on_screen=answer.seconds_on_screen,
        answered_at=answer.answered_at,
        why=answer.why,
    )
