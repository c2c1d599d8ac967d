"""The gate's rules, each with figures on both sides of its line."""

from dataclasses import asdict

import pytest

from lti_tool.retraining.gate import Figures, Verdict, judge, pointer_moved, too_few
from lti_tool.retraining.words import rule_rows, verdict_words

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


def headline(verdict: Verdict) -> str:
    return verdict_words(asdict(verdict))


def rules(verdict: Verdict) -> list[dict[str, str]]:
    return rule_rows(asdict(verdict))


def test_the_rule_that_was_broken_is_named_with_its_figures() -> None:
    assert headline(judge(figures(macro_f1=0.6), SERVING, POSITIVES, 5, held_out=False)) == (
        "Kept the serving model. Macro-F1 on the frozen texts: 60.0 % for the candidate, 70.0 % for the serving "
        "model; at most half a point may be lost."
    )


def test_every_rule_is_told_with_both_figures_and_whether_it_held() -> None:
    rows = rules(judge(figures(confusion=0.7), SERVING, POSITIVES, 5, held_out=False))
    assert [(row["what"], row["candidate"], row["serving"], row["held"]) for row in rows] == [
        ("Agreement with the corrections it was trained on", "90 %", "70 %", "held"),
        ("Macro-F1 on the frozen texts", "70.0 %", "70.0 %", "held"),
        ("Recall of confusion", "70.0 %", "80.0 %", "broken"),
    ]


def test_it_is_said_whether_the_corrections_had_been_seen() -> None:
    unseen = rules(judge(figures(), SERVING, POSITIVES, 40, held_out=True))[0]
    assert unseen["what"] == "Agreement with corrections that no training has seen"


def test_a_promotion_says_so() -> None:
    promoted = judge(figures(), SERVING, POSITIVES, 5, held_out=False)
    assert headline(promoted) == "Promoted: better on the corrections and no worse elsewhere."


def test_too_few_corrections_is_a_verdict_of_its_own() -> None:
    verdict = too_few(3, 30)
    assert verdict.decision == "too_few"
    assert headline(verdict) == "Not trained. Fewer corrections may be used than the 30 that are needed."
    assert rules(verdict) == []


def test_a_pointer_that_moved_is_said_as_such() -> None:
    assert headline(pointer_moved()).startswith("Kept the serving model. It was changed while")
