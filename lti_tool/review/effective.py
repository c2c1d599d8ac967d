"""Which labels are shown for a text: a person's, else the model's; a prediction is never overwritten."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.ingest.tables import Post
from lti_tool.review.tables import Answer
from lti_tool.scoring.readings import Reading
from model.labels import EMOTIONS

Source = Literal["model", "instructor", "contested"]
BY_A_PERSON = "by a person"
CHUNK = 500


@dataclass(frozen=True)
class Shown:
    """What a page shows for one text.

    `labels` maps each label that applies to its certainty: "likely", "mixed", "unsure" or "by a person".
    With source "contested" they are still the model's; `contested_labels` are the author's own (P40).
    """

    sentiment: str
    labels: Mapping[str, str]
    source: Source
    probabilities: Mapping[str, float] = field(default_factory=dict)
    contested_labels: Mapping[str, str] | None = None
    contested_sentiment: str | None = None

    def reads_as(self, label: str) -> bool:
        """Whether the text counts as `label` in a figure: unsure and contested ones do not (U24, P40)."""
        return self.source != "contested" and self.labels.get(label, "unsure") != "unsure"


def standing(answers: Iterable[Answer]) -> dict[str, Answer]:
    """The answer of each annotator that counts, for answers of one text in order of time.

    An "undone" takes back that annotator's newest answer, so the one before it counts again.
    """
    given: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        stack = given[answer.annotator_id]
        if answer.kind != "undone":
            stack.append(answer)
        elif stack:
            stack.pop()
    return {annotator: stack[-1] for annotator, stack in given.items() if stack}


def answers_of(session: Session, posts: Sequence[Post]) -> dict[str, list[Answer]]:
    """Answers per post id that were given for its present text, in order of time."""
    hashes = {post.id: post.text_hash for post in posts}
    found: dict[str, list[Answer]] = defaultdict(list)
    ids = list(hashes)
    for start in range(0, len(ids), CHUNK):
        query = select(Answer).where(Answer.post_id.in_(ids[start : start + CHUNK]))
        for answer in session.scalars(query.order_by(Answer.answered_at, Answer.id)):
            if answer.text_hash == hashes[answer.post_id]:
                found[answer.post_id].append(answer)
    return found


def effective(session: Session, posts: Sequence[Post], readings: Mapping[str, Reading]) -> dict[str, Shown]:
    """What is shown per post id: the newest instructor's answer, else contested, else the model's reading.

    A contest newer than the instructor's answer counts: it waits for review again (P40). Posts with neither
    answer nor reading are left out.
    """
    answers = answers_of(session, posts)
    result = {}
    for post in posts:
        shown = _one(answers.get(post.id, []), readings.get(post.id))
        if shown is not None:
            result[post.id] = shown
    return result


def newest_claim(answers: Sequence[Answer]) -> Answer | None:
    """The newest standing answer that names labels: an instructor's or the author's contest."""
    claims = [answer for answer in standing(answers).values() if answer.kind == "labels"]
    return max(claims, key=lambda answer: answer.answered_at, default=None)


def _one(answers: Sequence[Answer], reading: Reading | None) -> Shown | None:
    claim = newest_claim(answers)
    chances = reading.probabilities if reading else {}
    if claim is not None and claim.annotator_role == "instructor":
        return Shown(claim.labels["sentiment"], _by_a_person(claim), "instructor", chances)
    if reading is None:
        return None
    words = {name: reading.certainty[name] for name in reading.labels}
    if claim is None:
        return Shown(reading.sentiment, words, "model", chances)
    own = _by_a_person(claim)
    return Shown(reading.sentiment, words, "contested", chances, own, claim.labels["sentiment"])


def _by_a_person(answer: Answer) -> dict[str, str]:
    return {name: BY_A_PERSON for name in EMOTIONS if answer.labels.get(name)}
