"""Whether a candidate may serve: pure functions from figures to a verdict (S42); `words` puts it in words.

"Too few corrections" and "not better" are different verdicts: the first says nothing about the candidate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Decision = Literal["promoted", "kept", "too_few", "rolled_back"]
Rule = Literal["agreement", "macro_f1", "recall", "too_few", "pointer_moved", "withdrawn"]

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
class Reason:
    """One rule and what it found: the candidate's figure and the serving model's, both between 0 and 1.

    `corrections` were compared or may be used, `least` are needed; `held_out` says that the candidate had not seen
    them.
    """

    rule: Rule
    passed: bool
    candidate: float = 0.0
    serving: float = 0.0
    label: str = ""
    corrections: int = 0
    least: int = 0
    held_out: bool = False


@dataclass(frozen=True)
class Verdict:
    """The decision and every rule behind it."""

    decision: Decision
    reasons: tuple[Reason, ...]


def too_few(corrections: int, least: int) -> Verdict:
    """The verdict without training when there are fewer than `least` corrections."""
    return Verdict("too_few", (Reason("too_few", False, corrections=corrections, least=least),))


def pointer_moved() -> Verdict:
    """The verdict when another model was made the serving one while the candidate trained."""
    return Verdict("kept", (Reason("pointer_moved", False),))


def withdrawn() -> Verdict:
    """The verdict when a text that the candidate learnt from was withdrawn while it trained (P17)."""
    return Verdict("kept", (Reason("withdrawn", False),))


def judge(
    candidate: Figures, serving: Figures, positives: Mapping[str, int], checked_on: int, held_out: bool
) -> Verdict:
    """Promote only what agrees better with the corrections and is no worse elsewhere.

    `positives` counts the frozen texts that carry a label, `checked_on` the corrections compared;
    `held_out` says whether the candidate had not seen them.
    """
    rules = [_agrees_better(candidate, serving, checked_on, held_out), _no_worse(candidate, serving)]
    rules += [
        _recall_kept(label, candidate, serving)
        for label in serving.recall
        if positives.get(label, 0) >= LEAST_POSITIVES
    ]
    passed = all(reason.passed for reason in rules)
    return Verdict("promoted" if passed else "kept", tuple(rules))


def _agrees_better(candidate: Figures, serving: Figures, checked_on: int, held_out: bool) -> Reason:
    one, other = candidate.agreement, serving.agreement
    return Reason("agreement", one > other, one, other, corrections=checked_on, held_out=held_out)


def _no_worse(candidate: Figures, serving: Figures) -> Reason:
    one, other = candidate.macro_f1, serving.macro_f1
    return Reason("macro_f1", one >= other - MOST_LOST, one, other)


def _recall_kept(label: str, candidate: Figures, serving: Figures) -> Reason:
    one, other = candidate.recall[label], serving.recall[label]
    return Reason("recall", one >= other - MOST_RECALL_LOST, one, other, label)
