"""Which labels wait for a second reader, and why (S43): pure functions of labels and the model's probabilities."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from lti_tool.retraining import habits
from lti_tool.review.holds import Reason
from lti_tool.review.labelled import Labelled
from model.labels import EMOTIONS, SENTIMENT

Chances = Mapping[str, float]
"""The calibrated probability of each of the ten labels."""

VERY_SURE = 0.95
POLES: tuple[frozenset[str], frozenset[str]] = (
    habits.BAD | {"negative"},
    habits.GOOD | {"positive"},
)
LEAST_QUALITY = 0.05
"""Labels of a lower quality by cleanlab: the model is far surer than usual, for their class, that it is not so."""
LEAST_OF_A_CLASS = 5
"""With fewer labels of a class it is not known what is usual for it."""


def found(
    labelled: Sequence[Labelled], chances: Mapping[str, Chances], trained_on: Collection[str] = ()
) -> dict[str, Reason]:
    """Answer id → the first reason that holds, for labels that should wait.

    `chances` are the serving model's by post id; texts without any are judged by how their annotator answers alone.
    `trained_on` names the answers that it has learnt: of their texts its probabilities say nothing.
    """
    known = fresh(labelled, chances, trained_on)
    by = habits.by_annotator(labelled)
    doubted = habits.unconfirmed(by)
    reasons: list[tuple[Reason, set[str]]] = [
        ("pace", habits.too_quick(by)),
        ("one_way", habits.one_way(by)),
        ("checks", {one.answer_id for who in doubted for one in by[who]}),
        ("sure", {one.answer_id for one in known if crosses(one, chances[one.post_id])}),
        ("quality", poor(known, chances)),
    ]
    result: dict[str, Reason] = {}
    for reason, answer_ids in reasons:
        for answer_id in sorted(answer_ids):
            result.setdefault(answer_id, reason)
    return result


def fresh(
    labelled: Sequence[Labelled], chances: Mapping[str, Chances], trained_on: Collection[str]
) -> list[Labelled]:
    """The labels that the model's probabilities say something of."""
    return [one for one in labelled if one.post_id in chances and one.answer_id not in trained_on]


def crosses(one: Labelled, chances: Chances) -> bool:
    """Whether a label goes over from one pole to the other although the model was at least 0.95 sure of the first.

    It takes away a label of one pole that the model is so sure of, and says one of the other pole. What else it says of
    the first pole does not matter: one more box ticked would hide any flip.
    """
    said = {one.labels["sentiment"]} | {name for name in EMOTIONS if one.labels.get(name)}
    sure = {name for name, chance in chances.items() if chance >= VERY_SURE}
    return any(sure & pole - said and said & other for pole, other in (POLES, POLES[::-1]))


def poor(labelled: Sequence[Labelled], chances: Mapping[str, Chances]) -> set[str]:
    """Ids of answers of which some label has a quality under 0.05 by cleanlab, on out-of-sample probabilities.

    Cleanlab adjusts for how sure the model usually is of each class (confident learning), so that a rare label, or one
    that the model misses throughout, is not doubted for being rare or missed.
    """
    if not labelled:
        return set()
    rows = [chances[one.post_id] for one in labelled]
    sentiment = np.array([SENTIMENT.index(one.labels["sentiment"]) for one in labelled])
    scores = [_quality(sentiment, np.array([[row[name] for name in SENTIMENT] for row in rows]))]
    for name in EMOTIONS:
        said = np.array([int(bool(one.labels.get(name))) for one in labelled])
        scores.append(_quality(said, np.array([[1 - row[name], row[name]] for row in rows])))
    worst = np.min(scores, axis=0)
    return {one.answer_id for one, score in zip(labelled, worst, strict=True) if score < LEAST_QUALITY}


def _quality(said: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Cleanlab's score (n) from 0 to 1 of labels (n) under probabilities (n, classes); 1 where a class is too rare."""
    if (np.bincount(said, minlength=probabilities.shape[1]) < LEAST_OF_A_CLASS).any():
        return np.ones(len(said))
    from cleanlab.rank import get_label_quality_scores

    return np.asarray(get_label_quality_scores(said, probabilities, adjust_pred_probs=True))
