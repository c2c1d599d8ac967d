"""The pool of one run: corrections whose authors gave C, each text once, weighed, with some kept apart to measure on.

An author is never both in training and in the held-out part (`hold_out.groups` says what holds for threads). The pool
is a function of what it is given: without somebody's corrections it is as if they had never labelled (S40).
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lti_tool.retraining import caps, hold_out
from lti_tool.retraining.hold_out import LEAST_TO_HOLD_OUT as LEAST_TO_HOLD_OUT
from lti_tool.retraining.near_duplicates import Text, merged
from lti_tool.review.pool import Correction

Row = dict[str, Any]

NEWEST = timedelta(days=14)
FEW_ANNOTATORS = 3
REPLAY_OF_FEW = 0.5
"""With fewer than three annotators at least half of the training weight is replay (S41)."""
REPLAY_OF_MANY = 0.2
FLOOR_HELD_OUT = caps.FLOOR * hold_out.HELD_OUT
"""What anybody may have of the weight of the held-out texts at least: their part of the floor in training."""


@dataclass(frozen=True)
class Pool:
    """What a run learns from. `held_out` is empty when there are too few texts to spare any.

    A row is `{"text", "lang", "labels", "corpus"}`; labels on which two people differ are left out of it. It has a
    `group` (an opaque name of a group of authors) and a `weight`, over 0 and at most 1, by the caps of its side
    (`caps`), and names the `answers` behind it. Those of `held_out` say whether they are among the `newest`, written in
    the last 14 days.
    """

    corrections: tuple[Row, ...]
    held_out: tuple[Row, ...]
    answer_ids: tuple[str, ...]
    """Every answer that was taken, on either side."""
    people: tuple[str, ...]
    """Whose texts these are: the authors, each once."""
    duplicates: int
    """Answers that are no row of their own, since another answer to the same or a near-identical text is newer."""
    hash: str
    learnt_ids: tuple[str, ...] = ()
    """The answers behind `corrections`, which a version made of this pool has seen."""
    held: Mapping[str, str] = field(default_factory=dict)
    """Answer id → why it waits for a second reader (a reason of `review.holds`); none of these is in the pool."""
    annotators: int = 0
    """How many instructors' labels train; authors who contest are none."""

    @property
    def size(self) -> int:
        return len(self.corrections) + len(self.held_out)

    @property
    def replay_share(self) -> float:
        """The share of the training weight that has to be replay (S41)."""
        return REPLAY_OF_FEW if self.annotators < FEW_ANNOTATORS else REPLAY_OF_MANY


def build(
    corrections: Sequence[Correction],
    only: Iterable[str] | None = None,
    *,
    now: datetime | None = None,
    trained_on: Collection[str] = (),
) -> Pool:
    """The pool of these corrections, the same for any order of them.

    `only` names the answers that an interrupted run had already taken, so that its second try sees the same pool, less
    what was withdrawn since (P17). `trained_on` names the answers that versions have learnt already, which are not held
    out; what an answer was given anew to has to be among them (`review.pool.of_same_texts`). Without `now` no text
    counts as one of the newest.
    """
    wanted = None if only is None else set(only)
    offered = [one for one in corrections if wanted is None or one.answer_id in wanted]
    taken = [one for one in offered if not one.held]
    texts = [text for text in merged(taken) if text.labels]
    named = hold_out.groups(texts)
    newest = {text.newest.answer_id for text in texts if _is_newest(text, now)}
    apart = hold_out.chosen(texts, named, set(trained_on), newest)
    kept = [text for text in texts if named[text.newest.answer_id] not in apart]
    held_out = [text for text in texts if named[text.newest.answer_id] in apart]
    return Pool(
        corrections=_weighed(kept, named),
        held_out=tuple(
            row | {"newest": text.newest.answer_id in newest}
            for row, text in zip(_weighed(held_out, named, FLOOR_HELD_OUT), held_out, strict=True)
        ),
        answer_ids=tuple(sorted(one.answer_id for one in taken)),
        people=tuple(sorted({one.person_id for one in taken})),
        duplicates=len(taken) - len(texts),
        hash=_hash(kept, held_out),
        learnt_ids=tuple(sorted(one.answer_id for text in kept for one in text.all)),
        held={one.answer_id: one.held for one in sorted(offered, key=lambda one: one.answer_id) if one.held},
        annotators=len({_source(one) for text in kept for one in text.said} - {caps.AUTHORS}),
    )


def _row(correction: Correction) -> Row:
    return {
        "text": correction.text,
        "lang": correction.language,
        "labels": dict(correction.labels),
        "corpus": "corrections",
    }


def _source(correction: Correction) -> str:
    """Whose weight is capped: each instructor's, and that of all authors' own claims together."""
    return correction.annotator_id if correction.annotator_role == "instructor" else caps.AUTHORS


def _weighed(texts: Sequence[Text], named: Mapping[str, str], floor: float = caps.FLOOR) -> tuple[Row, ...]:
    """The rows with what each may weigh: one for a text, shared by its annotators, less what the caps take."""
    owners = [(number, one) for number, text in enumerate(texts) for one in text.said]
    parts = [caps.Part(_source(one), one.course_id, 1 / len(texts[number].said)) for number, one in owners]
    sums = [0.0] * len(texts)
    for (number, _), weight in zip(owners, caps.weights(parts, floor), strict=True):
        sums[number] += weight
    return tuple(
        _row(text.newest)
        | {"labels": text.labels, "weight": round(weight, 6), "group": named[text.newest.answer_id]}
        | {"answers": [one.answer_id for one in text.all]}
        for text, weight in zip(texts, sums, strict=True)
    )


def _is_newest(text: Text, now: datetime | None) -> bool:
    written = text.newest.written_at
    return now is not None and written is not None and written > now - NEWEST


def _hash(kept: Sequence[Text], held_out: Sequence[Text]) -> str:
    """SHA-256 over which answers say what, on which side; holds no text."""
    facts = [
        [side, one.answer_id, sorted(one.labels.items())]
        for side, texts in (("train", kept), ("check", held_out))
        for text in texts
        for one in text.said
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
