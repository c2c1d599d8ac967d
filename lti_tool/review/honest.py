"""How often the serving model says what people say, on texts that were drawn by chance.

Corrections chosen by uncertainty, or because somebody saw a mistake, would make the model look worse than it is. Texts
of the random slice that their authors contest are often mistakes: without them it would look better. They are read
before the others, so each of the two kinds counts by its share of the slice (post-stratification).
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from lti_tool.consent.standing import counts
from lti_tool.consent.tables import ConsentState
from lti_tool.ingest.tables import Post
from lti_tool.launch import stopping
from lti_tool.review.agreement import say_the_same
from lti_tool.review.labelled import Labelled, labelled
from lti_tool.review.ordering import in_slice
from lti_tool.review.tables import Answer
from lti_tool.scoring.readings import Reading, readings
from lti_tool.scoring.tables import ModelVersion, Score
from model.labels import EMOTIONS

ASKED = ("random", "contested")
"""Why the queue asks about a text of the slice; whoever chose it, or reads it a second time, was not sent by chance."""


@dataclass(frozen=True)
class Share:
    """How many of `texts` agree, as a share from 0 to 1 with Wilson's 95 % interval; all 0 to 1 without a text.

    Where texts weigh differently, the interval is that of as many as they are worth (Kish's effective size).
    """

    texts: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Honest:
    """Agreement on whole texts (as two readers would be said to agree), on the sentiment, and on each label."""

    whole: Share
    sentiment: Share
    labels: Mapping[str, Share]


def honest_agreement(session: Session, version: ModelVersion, without: Collection[str] = ()) -> Honest:
    """The agreement of `version` with instructors' newest answers about texts of the random slice.

    `without` names the answers that it has learnt, which say nothing. The figures count texts: a page must not show
    them for so few that they tell of somebody (P14).
    """
    drawn = [one for one in labelled(session) if _is_drawn(one) and one.answer_id not in without]
    kinds, answers = _slice(session, version), {one.post_id: one.labels for one in drawn}
    read = readings(session, version, answers.keys() & kinds.keys())
    weights = _weights(kinds, list(read))
    pairs = [(answers[post_id], _said(reading)) for post_id, reading in read.items()]

    def on(name: str) -> Share:
        return share([int(ours.get(name, 0) == theirs.get(name, 0)) for ours, theirs in pairs], weights)

    return Honest(
        whole=share([int(say_the_same(ours, theirs)) for ours, theirs in pairs], weights),
        sentiment=on("sentiment"),
        labels={name: on(name) for name in EMOTIONS},
    )


def share(agrees: Sequence[int], weights: Sequence[float] | None = None) -> Share:
    """The share of ones, each of the weight given or of one, with its interval."""
    if not agrees:
        return Share(0, 0.0, 0.0, 1.0)
    each = weights or [1.0] * len(agrees)
    found = sum(one * weight for one, weight in zip(agrees, each, strict=True)) / sum(each)
    worth, z = sum(each) ** 2 / sum(weight**2 for weight in each), NormalDist().inv_cdf(0.975)
    middle = found + z**2 / (2 * worth)
    half = z * (found * (1 - found) / worth + z**2 / (4 * worth**2)) ** 0.5
    low, high = ((middle + sign * half) / (1 + z**2 / worth) for sign in (-1, 1))
    return Share(len(agrees), found, max(0.0, low), min(1.0, high))


def _is_drawn(one: Labelled) -> bool:
    return one.annotator_role == "instructor" and one.why in ASKED and in_slice(one.post_id)


def _slice(session: Session, version: ModelVersion) -> dict[str, bool]:
    """The texts of the slice that the version has read and that may be asked about: id → whether it is contested."""
    running = stopping.running_courses(session)
    query = (
        select(Post.id, Post.course_id)
        .join(Score, and_(Score.post_id == Post.id, Score.text_hash == Post.text_hash))
        .join(ConsentState, ConsentState.person_id == Post.person_id)
        .where(counts("b"), Post.scorable == "yes", Post.trainable)
        .where(Score.weights_hash == version.weights_hash)
    )
    own = select(Answer.post_id).join(
        Post, and_(Post.id == Answer.post_id, Post.text_hash == Answer.text_hash)
    )
    contested = set(session.scalars(own.where(Answer.annotator_role == "student", Answer.kind == "labels")))
    return {
        post_id: post_id in contested
        for post_id, course_id in session.execute(query)
        if course_id in running and in_slice(post_id)
    }


def _weights(kinds: Mapping[str, bool], post_ids: Sequence[str]) -> list[float]:
    """How many texts of the slice each of these stands for."""
    of_all, of_read = Counter(kinds.values()), Counter(kinds[post_id] for post_id in post_ids)
    return [of_all[kinds[post_id]] / of_read[kinds[post_id]] for post_id in post_ids]


def _said(reading: Reading) -> dict[str, object]:
    return {"sentiment": reading.sentiment} | dict.fromkeys(reading.labels, 1)
