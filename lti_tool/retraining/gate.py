"""Whether a candidate may serve: pure functions from figures to a verdict in words (S42).

"Too few corrections" and "not better" are different verdicts: the first says nothing about the candidate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Decision = Literal["promoted", "kept", "too_few"]

MOST_LOST = 0.005
MOST_RECALL_LOST = 0.02
LEAST_POSITIVES = 50


@dataclass(frozen=True)
class Figures:
    """What was measured of one model.

    `macro_f1` and `recall` are on the frozen held-out texts; `agreement` is the share of (text, label) cells of the
    corrections on which the model says what the person said.
    """

    macro_f1: float
    recall: Mapping[str, float]
    agreement: float


@dataclass(frozen=True)
class Verdict:
    """The decision, the rules behind it in words, each with its figure."""

    decision: Decision
    sentence: str
    reasons: tuple[str, ...]


def too_few(corrections: int, least: int) -> Verdict:
    """The verdict without training when there are fewer than `least` corrections."""
    sentence = f"Not trained: {corrections} corrections may be used and {least} are needed."
    return Verdict("too_few", sentence, (sentence,))


def pointer_moved() -> Verdict:
    """The verdict when another model was made the serving one while the candidate trained."""
    sentence = "Kept the serving model: it was changed while the candidate trained, so the comparison no longer holds."
    return Verdict("kept", sentence, (sentence,))


def judge(
    candidate: Figures, serving: Figures, positives: Mapping[str, int], checked_on: int, held_out: bool
) -> Verdict:
    """Promote only what agrees better with the corrections and is no worse elsewhere.

    `positives` counts the frozen texts that carry a label, `checked_on` the corrections compared;
    `held_out` says whether the candidate had not seen them.
    """
    rules = [_agrees_better(candidate, serving, checked_on, held_out), _no_worse(candidate, serving)]
    rules += [
        _recall_kept(label, candidate, serving) for label in serving.recall if _counted(label, positives)
    ]
    reasons = tuple(words for _, words in rules)
    if all(passed for passed, _ in rules):
        return Verdict("promoted", "Promoted: better on the corrections and no worse elsewhere.", reasons)
    failed = tuple(words for passed, words in rules if not passed)
    return Verdict("kept", "Kept the serving model. " + failed[0], reasons)


def _counted(label: str, positives: Mapping[str, int]) -> bool:
    return positives.get(label, 0) >= LEAST_POSITIVES


def _agrees_better(candidate: Figures, serving: Figures, checked_on: int, held_out: bool) -> tuple[bool, str]:
    kind = "corrections it had not seen" if held_out else "corrections, which it was trained on"
    figures = f"{_percent(candidate.agreement)} against {_percent(serving.agreement)}"
    passed = candidate.agreement > serving.agreement
    verb = "agrees better" if passed else "does not agree better"
    return passed, f"The candidate {verb} with {checked_on} {kind}: {figures}."


def _no_worse(candidate: Figures, serving: Figures) -> tuple[bool, str]:
    passed = candidate.macro_f1 >= serving.macro_f1 - MOST_LOST
    verb = "is no worse" if passed else "is worse"
    return passed, (
        f"On the frozen held-out texts the candidate {verb}: macro-F1 {candidate.macro_f1:.3f} against "
        f"{serving.macro_f1:.3f}; at most {MOST_LOST:.3f} may be lost."
    )


def _recall_kept(label: str, candidate: Figures, serving: Figures) -> tuple[bool, str]:
    passed = candidate.recall[label] >= serving.recall[label] - MOST_RECALL_LOST
    verb = "keeps" if passed else "loses"
    figures = f"{_percent(candidate.recall[label])} against {_percent(serving.recall[label])}"
    return passed, f"The candidate {verb} the recall of {label}: {figures}; at most two points may be lost."


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
