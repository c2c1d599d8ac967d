"""Whether a candidate may serve: pure functions from figures to a verdict (S42); `words` puts it in words.

"Too few corrections", "better, but perhaps by chance" and "worse" are different verdicts: the first says nothing about
the candidate.
"""

from collections.abc import Mapping
from typing import Literal

from lti_tool.retraining import rules
from lti_tool.retraining.paired import Agreement
from lti_tool.retraining.rules import LEAST_POSITIVES as LEAST_POSITIVES
from lti_tool.retraining.rules import Figures, Reason, Verdict

LEAST_HELD_OUT = 30
"""So many corrected texts that no training has seen it takes to judge a training."""
LEAST_TO_RECALIBRATE = 8
LEAST_GROUPS = 5
"""Texts of fewer people are too alike to tell progress from chance."""

Way = Literal["training", "recalibration"]


def too_few(corrections: int, least: int) -> Verdict:
    """The verdict without training when there are fewer than `least` corrections."""
    return Verdict("too_few", (Reason("too_few", False, corrections=corrections, least=least),))


def too_alike() -> Verdict:
    """The verdict when there are corrections enough, but of texts of too few people."""
    return Verdict("too_few", (Reason("too_alike", False),))


def pointer_moved() -> Verdict:
    """The verdict when another model was made the serving one while the candidate trained."""
    return Verdict("kept", (Reason("pointer_moved", False),))


def withdrawn() -> Verdict:
    """The verdict when a text that the candidate learnt from was withdrawn while it trained (P17)."""
    return Verdict("kept", (Reason("withdrawn", False),))


def out_of_time() -> Verdict:
    """The verdict when the run took longer than it may."""
    return Verdict("kept", (Reason("out_of_time", False),))


def cancelled() -> Verdict:
    """The verdict when somebody ended the run."""
    return Verdict("kept", (Reason("cancelled", False),))


def nothing_new() -> Verdict:
    """The verdict without training when the run before has judged the same corrections against the same model."""
    return Verdict("nothing_new", ())


def pinned(verdict: Verdict) -> Verdict:
    """What becomes of a promotion while somebody has pinned the serving version; every rule is still told."""
    return Verdict("kept", (*verdict.reasons, Reason("pinned", False)))


def way(held_out: int, groups: int) -> Way:
    """A training only where it can be judged, on so many held-out texts of so many groups; else a recalibration."""
    return "training" if held_out >= LEAST_HELD_OUT and groups >= LEAST_GROUPS else "recalibration"


def judge(
    by: Way,
    agreement: Agreement,
    newest: Agreement,
    candidate: Figures,
    serving: Figures,
    positives: Mapping[str, int],
    shipped: Figures | None = None,
) -> Verdict:
    """Promote only what agrees better with the corrections, by more than chance, and is no worse elsewhere.

    `agreement` is on held-out corrections, or of a recalibration on what each fold had not seen; `newest` on those of
    them that were written last. `positives` counts the frozen texts that carry a label or sentiment. `shipped`
    is the model that came with the project, where it is not the serving one.
    """
    least = LEAST_HELD_OUT if by == "training" else LEAST_TO_RECALIBRATE
    if agreement.texts < least:
        return too_few(agreement.texts, least)
    if agreement.groups < LEAST_GROUPS:
        return too_alike()
    better = rules.agrees_better(agreement)
    elsewhere = [*rules.newest(newest), *rules.elsewhere(candidate, serving, positives, shipped)]
    if not all(reason.passed for reason in elsewhere):
        return Verdict("kept", (better, *elsewhere))
    if not better.passed:
        return Verdict("unstable" if better.by_chance else "kept", (better, *elsewhere))
    return Verdict("promoted" if by == "training" else "recalibrated", (better, *elsewhere))
