"""The gate's rules, each with figures on both sides of its line."""

from dataclasses import asdict, replace

import pytest

from lti_tool.retraining import gate
from lti_tool.retraining.gate import judge, pinned, pointer_moved, too_few
from lti_tool.retraining.paired import Agreement
from lti_tool.retraining.rules import Figures, Gap, Verdict
from lti_tool.retraining.words import rule_rows, verdict_words

POSITIVES = {"confusion": 95, "toxicity": 15, "negative": 400}
FAIR = {"toxicity": {"identity": Gap(0.01, -0.01)}, "strong negative": {"names": Gap(0.02, 0.0)}}
SERVING = Figures(
    macro_f1=0.700,
    recall={"confusion": 0.80, "toxicity": 0.60, "negative": 0.75},
    calibration={"confusion": 0.030, "sentiment": 0.050},
    frozen=1000,
    gaps=FAIR,
    insults=0.8,
    seconds=2.0,
)
BETTER = Agreement(texts=40, groups=12, candidate=0.90, serving=0.70, low=0.05, halves=(0.2, 0.2))
NONE = Agreement()


def figures(confusion: float = 0.80, toxicity: float = 0.60, negative: float = 0.75, **other) -> Figures:
    return replace(
        SERVING, recall={"confusion": confusion, "toxicity": toxicity, "negative": negative}, **other
    )


def gap(size: float, low: float) -> Figures:
    return replace(SERVING, gaps={**FAIR, "toxicity": {"identity": Gap(size, low)}})


def judged(
    candidate: Figures = SERVING,
    agreement: Agreement = BETTER,
    newest: Agreement = NONE,
    serving: Figures = SERVING,
    way: gate.Way = "training",
) -> Verdict:
    return judge(way, agreement, newest, candidate, serving, POSITIVES)


@pytest.mark.parametrize(
    ("candidate", "decision"),
    [
        (figures(), "promoted"),
        (figures(macro_f1=0.695), "promoted"),
        (figures(macro_f1=0.6949), "kept"),
        (figures(confusion=0.78), "promoted"),
        (figures(confusion=0.779), "kept"),
        (figures(negative=0.729), "kept"),
        (figures(toxicity=0.6 - 2 / 15), "promoted"),
        (figures(toxicity=0.6 - 3 / 15), "kept"),
        (figures(calibration={"confusion": 0.040, "sentiment": 0.060}), "promoted"),
        (figures(calibration={"confusion": 0.030, "sentiment": 0.061}), "kept"),
        (figures(calibration={"confusion": 0.900, "sentiment": 0.050}, frozen=199), "promoted"),
        (figures(seconds=2.5), "promoted"),
        (figures(seconds=2.6), "kept"),
        (figures(seconds=0.0), "promoted"),
        (figures(insults=0.25), "promoted"),
        (figures(insults=0.24), "kept"),
        (gap(0.05, 0.01), "promoted"),
        (gap(0.051, 0.01), "kept"),
        (gap(0.20, 0.0), "promoted"),
    ],
)
def test_s42_a_candidate_may_be_worse_in_nothing_else(candidate: Figures, decision: str) -> None:
    assert judged(candidate).decision == decision


@pytest.mark.parametrize(("heard", "decision"), [(9, "promoted"), (7, "promoted"), (6, "kept"), (0, "kept")])
def test_s42_a_class_of_few_texts_is_guarded_by_their_number(heard: int, decision: str) -> None:
    """Nine of fifteen toxic texts are heard now: one or two that flip are luck, a model gone deaf is not."""
    verdict = judged(figures(toxicity=heard / 15))
    assert verdict.decision == decision
    if decision == "kept":
        assert headline(verdict).startswith("Kept the serving model. Recall of hurtful words:")
        assert headline(verdict).endswith("at most two of so few texts (15) may be lost.")


def test_a_class_of_one_or_two_texts_tells_nothing() -> None:
    verdict = judge("training", BETTER, NONE, figures(toxicity=0.0), SERVING, {**POSITIVES, "toxicity": 2})
    assert verdict.decision == "promoted"


def test_s42_many_promotions_may_not_lose_what_one_may_not() -> None:
    """Each night loses all that one promotion may; the shipped model bounds the sum."""
    nights, serving = 0, SERVING
    while nights < 10:
        candidate = replace(
            serving,
            macro_f1=serving.macro_f1 - 0.005,
            recall={**serving.recall, "confusion": serving.recall["confusion"] - 0.02},
            calibration={name: error + 0.01 for name, error in serving.calibration.items()},
        )
        verdict = judge("training", BETTER, NONE, candidate, serving, POSITIVES, SERVING)
        if verdict.decision != "promoted":
            break
        nights, serving = nights + 1, candidate
    assert nights == 2
    assert verdict.decision == "kept"
    assert headline(verdict) == (
        "Kept the serving model. Macro-F1 on the frozen texts, beside the model that came with the project: 68.5 % for "
        "the candidate, 70.0 % for that one; at most one point may be lost in all."
    )


@pytest.mark.parametrize(
    ("candidate", "what"),
    [
        (figures(confusion=0.79), "Recall of confusion"),
        (figures(toxicity=4 / 15), "Recall of hurtful words"),
        (figures(calibration={"confusion": 0.051, "sentiment": 0.05}), "How far stated probabilities"),
    ],
)
def test_s42_each_figure_has_its_allowance_since_the_shipped_model(candidate: Figures, what: str) -> None:
    serving = figures(confusion=0.805, toxicity=5 / 15, calibration={"confusion": 0.045, "sentiment": 0.05})
    shipped = figures(confusion=0.84, toxicity=9 / 15, calibration={"confusion": 0.03, "sentiment": 0.05})
    verdict = judge("training", BETTER, NONE, candidate, serving, POSITIVES, shipped)
    assert verdict.decision == "kept"
    assert f"{what}" in headline(verdict)
    assert "beside the model that came with the project" in headline(verdict)
    assert "in all." in headline(verdict)


def test_what_was_lost_before_does_not_bar_the_way_back() -> None:
    """A model that somebody chose by hand may be far below the shipped one; nothing more may go."""
    low = replace(SERVING, macro_f1=0.6)
    assert judge("training", BETTER, NONE, low, low, POSITIVES, SERVING).decision == "promoted"
    lower = replace(SERVING, macro_f1=0.599)
    assert judge("training", BETTER, NONE, lower, low, POSITIVES, SERVING).decision == "kept"


@pytest.mark.parametrize(
    ("agreement", "decision"),
    [
        (BETTER, "promoted"),
        (replace(BETTER, low=0.0), "unstable"),
        (replace(BETTER, low=-0.02), "unstable"),
        (replace(BETTER, halves=(0.5, -0.01)), "unstable"),
        (replace(BETTER, halves=(0.5, 0.0)), "promoted"),
        (replace(BETTER, candidate=0.70, low=-0.1), "kept"),
        (replace(BETTER, candidate=0.69, low=-0.1), "kept"),
        (replace(BETTER, texts=29), "too_few"),
        (replace(BETTER, groups=4), "too_few"),
    ],
)
def test_s42_it_has_to_agree_better_by_more_than_chance(agreement: Agreement, decision: str) -> None:
    assert judged(agreement=agreement).decision == decision


def test_what_is_worse_elsewhere_is_no_question_of_chance() -> None:
    verdict = judged(figures(macro_f1=0.6), replace(BETTER, low=-0.1))
    assert verdict.decision == "kept"
    assert "Macro-F1 on the frozen texts: 60.0 %" in headline(verdict)


@pytest.mark.parametrize(
    ("newest", "decision"),
    [
        (Agreement(texts=30, groups=9, candidate=0.7, serving=0.7), "promoted"),
        (Agreement(texts=30, groups=9, candidate=0.69, serving=0.7), "kept"),
        (Agreement(texts=29, groups=9, candidate=0.1, serving=0.7), "promoted"),
    ],
)
def test_the_newest_weeks_are_told_and_decide_from_thirty_texts_on(newest: Agreement, decision: str) -> None:
    verdict = judged(newest=newest)
    assert verdict.decision == decision
    assert "Agreement with corrections of the last two weeks" in [row["what"] for row in rules(verdict)]


@pytest.mark.parametrize(("size", "decision"), [(0.12, "promoted"), (0.121, "kept")])
def test_p59_a_gap_that_was_there_before_may_stay_and_not_grow(size: float, decision: str) -> None:
    assert judged(gap(size, 0.05), serving=gap(0.12, 0.06)).decision == decision


def test_p59_a_gap_that_takes_the_place_of_noise_is_new() -> None:
    assert judged(gap(0.08, 0.02), serving=gap(0.30, -0.1)).decision == "kept"


def test_a_model_that_heard_few_insults_before_need_not_hear_more() -> None:
    assert judged(figures(insults=0.1), serving=figures(insults=0.1)).decision == "promoted"


def test_a_recalibration_needs_fewer_texts_and_is_a_decision_of_its_own() -> None:
    few = replace(BETTER, texts=8, groups=5)
    assert judged(agreement=few, way="recalibration").decision == "recalibrated"
    assert judged(agreement=replace(few, texts=7), way="recalibration").decision == "too_few"
    assert judged(agreement=replace(few, groups=4), way="recalibration").decision == "too_few"
    assert judged(figures(macro_f1=0.5), agreement=few, way="recalibration").decision == "kept"
    assert "No text has to be read again" in headline(judged(agreement=few, way="recalibration"))


@pytest.mark.parametrize(("held_out", "groups"), [(29, 20), (40, 4)])
def test_a_training_that_could_not_be_judged_is_none(held_out: int, groups: int) -> None:
    assert gate.way(held_out, groups) == "recalibration"
    assert gate.way(30, 5) == "training"


def headline(verdict: Verdict) -> str:
    return verdict_words(asdict(verdict))


def rules(verdict: Verdict) -> list[dict[str, str]]:
    return rule_rows(asdict(verdict))


def test_the_rule_that_was_broken_is_named_with_its_figures() -> None:
    assert headline(judged(figures(macro_f1=0.6))) == (
        "Kept the serving model. Macro-F1 on the frozen texts: 60.0 % for the candidate, 70.0 % for the serving "
        "model; at most half a point may be lost."
    )


def test_every_rule_is_told_with_both_figures_and_whether_it_held() -> None:
    rows = rules(judged(figures(confusion=0.7)))
    assert [(row["what"], row["candidate"], row["serving"], row["held"]) for row in rows] == [
        ("Agreement with corrections that no training has seen", "90 %", "70 %", "held"),
        ("Macro-F1 on the frozen texts", "70.0 %", "70.0 %", "held"),
        ("Recall of confusion", "70.0 %", "80.0 %", "broken"),
        ("How far stated probabilities of confusion are from the truth", "3.0 %", "3.0 %", "held"),
        ("Hurtful words wrongly said, between groups of writers", "1.0 %", "1.0 %", "held"),
        ("Strong negative wrongly said, between groups of writers", "2.0 %", "2.0 %", "held"),
        ("Insults that are heard", "80.0 %", "80.0 %", "held"),
        ("Time to read the same texts", "1.00 ×", "1.00 ×", "held"),
    ]


def test_of_alike_rules_all_broken_ones_are_told_or_the_nearest_to_it() -> None:
    def recalls(candidate: Figures) -> list[str]:
        return [row["what"] for row in rules(judged(candidate)) if row["what"].startswith("Recall")]

    assert recalls(figures(confusion=0.5, negative=0.5)) == ["Recall of confusion", "Recall of negative"]
    assert recalls(figures(confusion=0.85, negative=0.74)) == ["Recall of negative"]


def test_why_a_rise_is_not_believed_is_told_in_whole_points() -> None:
    by_chance = headline(judged(agreement=replace(BETTER, low=-0.034)))
    assert by_chance == (
        "Kept the serving model: the candidate was better, but perhaps by chance. Agreement with corrections that no "
        "training has seen: 90 % for the candidate, 70 % for the serving model; on so few texts the true difference "
        "may be as low as −3 points."
    )
    assert "may be as low as 0 points" in headline(judged(agreement=replace(BETTER, low=-0.001)))
    assert "fell in the other" in headline(judged(agreement=replace(BETTER, halves=(0.5, -0.1))))


def test_a_promotion_says_so() -> None:
    assert headline(judged()) == "Promoted: better on the corrections and no worse elsewhere."


def test_too_few_corrections_is_a_verdict_of_its_own() -> None:
    verdict = too_few(3, 30)
    assert verdict.decision == "too_few"
    assert headline(verdict) == "Not trained. Fewer corrections may be used than the 30 that are needed."
    assert rules(verdict) == []


def test_corrections_of_too_few_people_tell_nothing() -> None:
    assert "too few people" in headline(judged(agreement=replace(BETTER, groups=1)))


def test_a_pointer_that_moved_is_said_as_such() -> None:
    assert headline(pointer_moved()).startswith(
        "Kept the serving model. What the candidate rests on changed while"
    )


def test_a_run_that_was_ended_says_by_what() -> None:
    assert headline(gate.cancelled()).endswith("The run was cancelled before it came to a decision.")
    assert "longer than it may" in headline(gate.out_of_time())


def test_a_pin_keeps_what_passed_every_rule_and_tells_them_all() -> None:
    verdict = pinned(judged())
    assert verdict.decision == "kept"
    assert headline(verdict) == (
        "Kept the serving model. It is pinned, so the candidate that passed every rule does not take its place."
    )
    assert rules(verdict) == rules(judged())


def test_nothing_new_says_which_decision_stands() -> None:
    report = {**asdict(judged(figures(macro_f1=0.6))), "stands": "kept", "decision": "nothing_new"}
    assert verdict_words(report).startswith(
        "Nothing new to learn since the last run, so its decision stands. Kept"
    )


OLD = {"passed": True, "candidate": 0.82, "serving": 0.8, "label": "", "corrections": 9, "least": 0}


def test_a_report_of_before_still_reads() -> None:
    """Rows that were written when the corrections were also what was trained on."""
    reasons = [
        {"rule": "agreement", **OLD, "held_out": False},
        {"rule": "macro_f1", **OLD, "held_out": False, "passed": False},
    ]
    report = {"decision": "kept", "reasons": reasons, "candidate": {}, "seconds": 61.0}
    assert [row["what"] for row in rule_rows(report)] == [
        "Agreement with the corrections it was trained on",
        "Macro-F1 on the frozen texts",
    ]
    assert verdict_words(report).startswith("Kept the serving model. Macro-F1")
