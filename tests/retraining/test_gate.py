"""The gate's rules, each with figures on both sides of its line."""

import pytest

from lti_tool.retraining.gate import Figures, judge, too_few

POSITIVES = {"confusion": 95, "toxicity": 15}
SERVING = Figures(macro_f1=0.700, recall={"confusion": 0.80, "toxicity": 0.60}, agreement=0.70)


def figures(
    macro_f1: float = 0.700, confusion: float = 0.80, toxicity: float = 0.60, agreement: float = 0.90
) -> Figures:
    return Figures(macro_f1, {"confusion": confusion, "toxicity": toxicity}, agreement)


@pytest.mark.parametrize(
    ("candidate", "decision"),
    [
        (figures(), "promoted"),
        (figures(agreement=0.70), "kept"),
        (figures(agreement=0.69), "kept"),
        (figures(macro_f1=0.6951), "promoted"),
        (figures(macro_f1=0.6949), "kept"),
        (figures(confusion=0.781), "promoted"),
        (figures(confusion=0.779), "kept"),
        (figures(toxicity=0.10), "promoted"),
    ],
)
def test_a_candidate_is_promoted_only_when_better_on_corrections_and_no_worse_elsewhere(
    candidate: Figures, decision: str
) -> None:
    assert judge(candidate, SERVING, POSITIVES, 5, held_out=False).decision == decision


def test_the_rule_that_failed_is_named_with_its_figures() -> None:
    verdict = judge(figures(macro_f1=0.6), SERVING, POSITIVES, 5, held_out=False)
    assert "0.600 against 0.700" in verdict.sentence


def test_it_is_said_whether_the_corrections_had_been_seen() -> None:
    seen = judge(figures(), SERVING, POSITIVES, 5, held_out=False)
    unseen = judge(figures(), SERVING, POSITIVES, 40, held_out=True)
    assert "which it was trained on" in seen.reasons[0]
    assert "40 corrections it had not seen" in unseen.reasons[0]


def test_too_few_corrections_is_a_verdict_of_its_own() -> None:
    verdict = too_few(3, 30)
    assert verdict.decision == "too_few"
    assert "3 corrections" in verdict.sentence
    assert "30 are needed" in verdict.sentence
