"""The gate's rules, each with figures on both sides of its line."""

from dataclasses import asdict

import pytest

from lti_tool.retraining.gate import Figures, Verdict, judge, pointer_moved, too_few
from lti_tool.retraining.words import other_reasons, verdict_words

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


def in_words(verdict: Verdict) -> tuple[str, list[str]]:
    report = asdict(verdict)
    return verdict_words(report), other_reasons(report)


def test_the_rule_that_was_broken_is_named_once_with_its_figures() -> None:
    headline, others = in_words(judge(figures(macro_f1=0.6), SERVING, POSITIVES, 5, held_out=False))
    assert headline == (
        "Kept the serving model. Macro-F1 on the frozen texts: 60.0 % for the candidate, 70.0 % for the serving "
        "model; at most half a point may be lost."
    )
    assert [words.split(":")[0] for words in others] == [
        "Agreement with the 5 corrections it was trained on",
        "Recall of confusion",
    ]


def test_a_promotion_names_every_rule() -> None:
    headline, others = in_words(judge(figures(), SERVING, POSITIVES, 5, held_out=False))
    assert headline == "Promoted: better on the corrections and no worse elsewhere."
    assert len(others) == 3


def test_it_is_said_whether_the_corrections_had_been_seen() -> None:
    seen = in_words(judge(figures(), SERVING, POSITIVES, 5, held_out=False))[1][0]
    unseen = in_words(judge(figures(), SERVING, POSITIVES, 40, held_out=True))[1][0]
    assert "5 corrections it was trained on" in seen
    assert "40 corrections that no training has seen" in unseen


def test_too_few_corrections_is_a_verdict_of_its_own() -> None:
    verdict = too_few(3, 30)
    assert verdict.decision == "too_few"
    assert in_words(verdict) == ("Not trained. 3 corrections may be used and 30 are needed.", [])


def test_a_pointer_that_moved_is_said_as_such() -> None:
    assert in_words(pointer_moved())[0].startswith("Kept the serving model. It was changed while")
