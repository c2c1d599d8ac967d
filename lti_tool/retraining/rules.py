"""The rules of the gate, each a pure function from the figures of both models to a reason (S42, P59)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lti_tool.retraining.paired import Agreement

Decision = Literal["promoted", "kept", "too_few", "unstable", "recalibrated", "nothing_new", "rolled_back"]
Rule = Literal[
    "agreement",
    "newest",
    "macro_f1",
    "recall",
    "calibration",
    "gap",
    "insults",
    "speed",
    "too_few",
    "too_alike",
    "pointer_moved",
    "withdrawn",
    "out_of_time",
    "cancelled",
    "pinned",
]
Against = Literal["serving", "shipped"]

MOST_LOST = 0.005
MOST_RECALL_LOST = 0.02
LEAST_POSITIVES = 50
MOST_CALIBRATION_LOST = 0.01
FEWEST_POSITIVES = 3
MOST_TEXTS_LOST = 2
"""Of a class with at least three and fewer than fifty texts whole texts are counted: one that flips tells nothing."""
IN_ALL = 2
"""What may be lost since the shipped model, however many promotions lie between: so many times what one may lose."""
LEAST_FROZEN = 200
"""Ten bins of fewer texts differ by chance alone, so a calibration error is not judged on them."""
LARGEST_GAP = 0.05
LEAST_INSULTS = 0.25
MOST_SLOWER = 1.25
LEAST_NEWEST = 30
ROUNDING = 1e-9


@dataclass(frozen=True)
class Gap:
    """How much more often a label is wrong for one group than for another, 0 to 1, and the low end of its interval."""

    size: float
    low: float

    @property
    def blocks(self) -> bool:
        """Over five points, and not by the noise of one text (P59)."""
        return self.size > LARGEST_GAP and self.low > 0


@dataclass(frozen=True)
class Figures:
    """What was measured of one model besides its agreement with the corrections.

    `macro_f1`, `recall` and `calibration` (expected calibration error, by label) are on `frozen` texts, `gaps` (label
    → set → gap) and `insults` (the share heard as toxic) on the templates. `seconds` are those that both models took
    for the same texts; 0 where both are the same network.
    """

    macro_f1: float
    recall: Mapping[str, float]
    calibration: Mapping[str, float] = field(default_factory=dict)
    frozen: int = 0
    gaps: Mapping[str, Mapping[str, Gap]] = field(default_factory=dict)
    insults: float = 1.0
    seconds: float = 0.0


@dataclass(frozen=True)
class Reason:
    """One rule and what it found: the candidate's figure and the serving model's.

    `against` says that the second figure is the shipped model's instead, and `texts` how many carry a label of which
    there are so few that they are counted; else 0. `corrections` were compared or may be used, `least` are needed;
    `held_out` says that the candidate had not seen them. `low` is the least that the agreement rises by, chance left
    aside, and `by_chance` says that it rose on average and no more can be told. `label` and `group` say what the
    figure is of.
    """

    rule: Rule
    passed: bool
    candidate: float = 0.0
    serving: float = 0.0
    label: str = ""
    corrections: int = 0
    least: int = 0
    held_out: bool = False
    low: float = 0.0
    by_chance: bool = False
    group: str = ""
    against: Against = "serving"
    texts: int = 0


@dataclass(frozen=True)
class Verdict:
    """The decision and every rule behind it."""

    decision: Decision
    reasons: tuple[Reason, ...]


def agrees_better(found: Agreement) -> Reason:
    """Better by more than chance: the lower bound is above zero, and neither half of the groups says otherwise."""
    sure = found.low > ROUNDING and min(found.halves) >= -ROUNDING
    return Reason(
        "agreement",
        sure,
        found.candidate,
        found.serving,
        corrections=found.texts,
        held_out=True,
        low=found.low,
        by_chance=not sure and found.candidate > found.serving + ROUNDING,
    )


def newest(found: Agreement) -> list[Reason]:
    """On what was written last the candidate is no worse; fewer than thirty texts are told and do not decide."""
    if not found.texts:
        return []
    passed = found.texts < LEAST_NEWEST or found.candidate >= found.serving - ROUNDING
    return [Reason("newest", passed, found.candidate, found.serving, corrections=found.texts)]


def elsewhere(
    candidate: Figures, serving: Figures, positives: Mapping[str, int], shipped: Figures | None = None
) -> list[Reason]:
    """No worse in anything else: of alike rules those that are broken, else the one that came nearest to it.

    Each promotion may lose a little, so `shipped`, the model that all of them go back to, bounds what many may lose.
    """
    return [
        *_on_frozen(Beside(candidate, serving, serving, positives, "serving", 1)),
        *(_on_frozen(Beside(candidate, shipped, serving, positives, "shipped", IN_ALL)) if shipped else []),
        *(reason for label in candidate.gaps for reason in _telling(_gaps(label, candidate, serving))),
        *_insults(candidate, serving),
        *_speed(candidate, serving),
    ]


@dataclass(frozen=True)
class Beside:
    """A candidate beside another model on the frozen texts: it may lose `times` as much as one promotion may.

    What `serving` has lost already need not come back, but nothing may be added to it.
    """

    candidate: Figures
    other: Figures
    serving: Figures
    positives: Mapping[str, int]
    against: Against
    times: int

    def slack(self, candidate: float, other: float, serving: float, most: float) -> float:
        """How far a figure lies above the least that it may be; below zero the rule is broken."""
        return candidate - min(other - self.times * most, serving) + ROUNDING


def _on_frozen(beside: Beside) -> list[Reason]:
    ours, theirs = beside.candidate.macro_f1, beside.other.macro_f1
    kept = beside.slack(ours, theirs, beside.serving.macro_f1, MOST_LOST) >= 0
    macro = Reason("macro_f1", kept, ours, theirs, against=beside.against)
    return [macro, *_telling(_recalls(beside)), *_telling(_calibrations(beside))]


def _telling(reasons: list[Reason]) -> list[Reason]:
    """What is told of rules that are alike; the lower a reason stands in order, the nearer it is to broken."""
    broken = [reason for reason in reasons if not reason.passed]
    return broken or reasons[:1]


def _recalls(beside: Beside) -> list[Reason]:
    """Of a class of few texts whole texts are counted, so that none goes unheard and one that flips does not refuse."""
    ours, theirs, before = beside.candidate.recall, beside.other.recall, beside.serving.recall
    found = []
    for label, recall in theirs.items():
        count = beside.positives.get(label, 0)
        few = count < LEAST_POSITIVES
        if count >= FEWEST_POSITIVES:
            most = MOST_TEXTS_LOST / count if few else MOST_RECALL_LOST
            slack = beside.slack(ours[label], recall, before[label], most)
            against, texts = beside.against, count if few else 0
            told = Reason("recall", slack >= 0, ours[label], recall, label, against=against, texts=texts)
            found.append((slack, label, told))
    return [told for _, _, told in sorted(found, key=lambda one: one[:2])]


def _calibrations(beside: Beside) -> list[Reason]:
    ours, theirs, before = beside.candidate, beside.other, beside.serving
    if min(ours.frozen, theirs.frozen) < LEAST_FROZEN:
        return []
    found = []
    for label in ours.calibration.keys() & theirs.calibration.keys() & before.calibration.keys():
        error, other = ours.calibration[label], theirs.calibration[label]
        slack = beside.slack(-error, -other, -before.calibration[label], MOST_CALIBRATION_LOST)
        told = Reason("calibration", slack >= 0, error, other, label, against=beside.against)
        found.append((slack, label, told))
    return [told for _, _, told in sorted(found, key=lambda one: one[:2])]


def _gaps(label: str, candidate: Figures, serving: Figures) -> list[Reason]:
    """A gap that the serving model has already need not close, but it may not grow."""
    found = []
    for name, gap in sorted(candidate.gaps[label].items(), key=lambda item: -item[1].size):
        before = serving.gaps[label][name]
        passed = not gap.blocks or (before.blocks and gap.size <= before.size + ROUNDING)
        found.append(Reason("gap", passed, gap.size, before.size, label, group=name))
    return found


def _insults(candidate: Figures, serving: Figures) -> list[Reason]:
    """Silence has no false positives, so a model must hear insults too."""
    if not candidate.gaps:
        return []
    least = min(LEAST_INSULTS, serving.insults)
    return [Reason("insults", candidate.insults >= least - ROUNDING, candidate.insults, serving.insults)]


def _speed(candidate: Figures, serving: Figures) -> list[Reason]:
    if not candidate.seconds or not serving.seconds:
        return []
    ratio = candidate.seconds / serving.seconds
    return [Reason("speed", ratio <= MOST_SLOWER, ratio, 1.0)]
