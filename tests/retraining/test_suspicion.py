"""What makes a label wait for a second reader, and that four kinds of annotators are told apart (S43)."""

from collections import Counter
from statistics import mean

import pytest

from lti_tool.retraining import habits, suspicion
from model.labels import LABELS
from tests.retraining.annotators import KINDS, careful, course, flipper, one, sure_of

SAD = {"sentiment": "negative", "frustration": 1}
GLAD = {"sentiment": "positive", "satisfaction": 1}


def found_in(seed: int, kinds=KINDS) -> dict[str, Counter[str]]:
    """For each annotator the share of labels that wait, by reason."""
    labelled, shown = course(seed, kinds)
    found = suspicion.found(labelled, {text.post_id: text.chances for text in shown})
    shares = {who: Counter[str]() for who in kinds}
    for label in labelled:
        if label.answer_id in found:
            shares[label.annotator_id][found[label.answer_id]] += 1 / 128
    return shares


def test_s43_four_kinds_of_annotators_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    seeds = [found_in(seed) for seed in range(10)]
    names = sorted({reason for seed in seeds for shares in seed.values() for reason in shares})
    with capsys.disabled():
        print("\nshare of labels that wait, mean of ten courses")
        for who in KINDS:
            told = {name: round(mean(seed[who][name] for seed in seeds), 3) for name in names}
            print(f"  {who}: {told}")
    for seed in seeds:
        assert seed["careless"]["pace"] > 0.95
        assert seed["flipper"]["one_way"] > 0.2
        assert seed["at_random"]["checks"] > 0.95
        assert seed["at_random"]["pace"] == seed["flipper"]["pace"] == 0
        for who in KINDS:
            if who.startswith("careful"):
                assert sum(seed[who].values()) < 0.06
                assert not seed[who]["pace"] + seed[who]["one_way"] + seed[who]["checks"]


def test_s43_one_flipper_beside_one_careful_colleague_is_found() -> None:
    pair = {"flipper": flipper, "careful": careful}
    for seed in range(10):
        shares = found_in(seed, pair)
        assert shares["flipper"]["one_way"] > 0.2
        assert shares["careful"]["one_way"] == 0


def test_s43_alone_nobody_is_compared() -> None:
    shares = found_in(1, {"careful": careful})
    assert sum(shares["careful"].values()) < 0.06


@pytest.mark.parametrize(
    ("said", "chances", "crosses"),
    [
        (GLAD, sure_of(negative=0.96, neutral=0.03), True),
        (SAD, sure_of(positive=0.96, neutral=0.03), True),
        (GLAD, sure_of(negative=0.94, neutral=0.03), False),
        ({"sentiment": "neutral"}, sure_of(negative=0.99, neutral=0.01), False),
        ({"sentiment": "negative", "confusion": 1}, sure_of(frustration=0.97), False),
        ({"sentiment": "neutral", "satisfaction": 1}, sure_of(frustration=0.97), True),
        ({"sentiment": "neutral", "satisfaction": 1, "confusion": 1}, sure_of(frustration=0.97), True),
        (GLAD | {"boredom": 1}, sure_of(negative=0.98, frustration=0.6), True),
        (GLAD | {"confusion": 1}, sure_of(negative=0.99, frustration=0.97, confusion=0.96), True),
        (SAD | {"engagement": 1}, sure_of(positive=0.99, engagement=0.97), True),
        (SAD | {"engagement": 1}, sure_of(negative=0.99, frustration=0.97), False),
        (GLAD, sure_of(positive=0.99, neutral=0.01), False),
    ],
)
def test_s43_a_flip_over_the_poles_of_which_the_model_was_sure(said, chances, crosses) -> None:
    assert suspicion.crosses(one("a", "t", "ann", said), chances) is crosses


def test_s43_what_the_model_has_learnt_or_not_read_says_nothing() -> None:
    label, sure = one("a", "t", "ann", GLAD), {"t": sure_of(negative=0.99, neutral=0.01)}
    assert suspicion.found([label], sure) == {"a": "sure"}
    assert suspicion.found([label], sure, {"a"}) == {}
    assert suspicion.found([label], {}) == {}


def test_s43_an_authors_own_claim_can_wait_too() -> None:
    label = one("a", "t", "author", GLAD, role="student")
    assert suspicion.found([label], {"t": sure_of(negative=0.99, neutral=0.01)}) == {"a": "sure"}


def in_a_row(seconds: list[float | None], gap: float = 60) -> list[str]:
    """Which of answers with these times on screen, and so many seconds between two of them, wait."""
    labels = [
        one(f"{n:02}", f"t{n}", "ann", SAD, seconds=s, minute=n * gap / 60) for n, s in enumerate(seconds)
    ]
    return sorted(habits.too_quick(habits.by_annotator(labels)))


def test_s43_twenty_in_a_row_under_two_seconds_wait_and_the_others_do_not() -> None:
    assert in_a_row([1.9] * 19) == []
    assert len(in_a_row([1.9] * 20)) == 20
    assert len(in_a_row([10.0] + [1.0] * 20)) == 21  # one slow text among them hides nothing
    assert list(in_a_row([30.0] * 5 + [1.0] * 20 + [30.0] * 5)) == [f"{n:02}" for n in range(5, 25)]
    assert in_a_row([2.0] * 40) == []
    assert in_a_row([None] * 40) == []


@pytest.mark.parametrize("seconds", [None, 600.0])
def test_s43_what_a_page_says_does_not_excuse_answers_that_follow_each_other_too_quickly(seconds) -> None:
    assert in_a_row([seconds] * 30, gap=1.5)[-29:] == [f"{n:02}" for n in range(1, 30)]
    assert in_a_row([seconds] * 19, gap=1.5) == []
    assert in_a_row([seconds] * 40, gap=2.0) == []


def test_s43_one_answer_without_a_time_excuses_no_other() -> None:
    assert len(in_a_row([1.0] * 10 + [None] + [1.0] * 9)) == 20
    assert in_a_row([9.0] * 19 + [None]) == []


def rate(who: str, share: float, count: int = 40, back: int = 0):
    """An annotator who turns this share of neutral texts negative, and so many back."""
    out = round(share * count)
    said = ["negative"] * out + ["positive"] * back + ["neutral"] * (count - out - back)
    return [
        one(f"{who} {n}", f"{who} t{n}", who, {"sentiment": s}, {"sentiment": "neutral"})
        for n, s in enumerate(said)
    ]


def gone_one_way(*groups) -> set[str]:
    labels = [label for group in groups for label in group]
    return {answer_id.split()[0] for answer_id in habits.one_way(habits.by_annotator(labels))}


def test_s43_a_rate_far_over_that_of_peers_is_an_exception() -> None:
    peers = [rate(f"p{n}", share) for n, share in enumerate([0.05, 0.1, 0.1, 0.15])]
    assert gone_one_way(*peers, rate("x", 0.5)) == {"x"}
    assert gone_one_way(*peers, rate("x", 0.2)) == set()
    assert gone_one_way(*peers, rate("x", 0.5, count=19)) == set()


@pytest.mark.parametrize(
    ("said", "shown", "way"),
    [
        (GLAD, SAD, 1),
        (SAD, GLAD, -1),
        ({"sentiment": "negative"}, SAD, 1),
        ({"sentiment": "negative", "boredom": 1}, SAD, 0),
        ({"sentiment": "positive", "confusion": 1}, {"sentiment": "neutral"}, 0),
        (SAD, SAD, 0),
        (SAD, None, 0),
    ],
)
def test_s43_better_and_worse(said, shown, way) -> None:
    assert habits.way(one("a", "t", "ann", said, shown)) == way


def test_s43_who_changes_as_much_both_ways_goes_no_way() -> None:
    peers = [rate(f"p{n}", 0.05) for n in range(4)]
    assert gone_one_way(*peers, rate("x", 0.5, back=18)) == set()


def test_s43_a_model_that_is_wrong_throughout_makes_nobody_an_exception() -> None:
    assert gone_one_way(*(rate(f"p{n}", 0.5 + n / 50) for n in range(5))) == set()


@pytest.mark.parametrize(
    ("peers", "share", "found"), [(0, 1.0, False), (1, 0.5, True), (1, 0.25, False), (2, 0.5, True)]
)
def test_s43_with_few_peers_more_is_needed_and_alone_there_is_no_rate(peers, share, found) -> None:
    assert bool(gone_one_way(*(rate(f"p{n}", 0.05) for n in range(peers)), rate("x", share))) is found


def readers(*said: list[dict]):
    return habits.by_annotator(
        [
            one(f"{who} {n}", f"t{n}", f"r{who}", labels)
            for who, all_ in enumerate(said)
            for n, labels in enumerate(all_)
        ]
    )


def test_s43_who_agrees_with_nobody_is_doubted_and_who_agrees_with_somebody_is_not() -> None:
    assert habits.unconfirmed(readers([SAD] * 5, [SAD] * 5, [GLAD] * 5)) == {"r2"}


def test_s43_of_two_who_differ_both_wait_and_few_texts_tell_nothing() -> None:
    assert habits.unconfirmed(readers([SAD] * 5, [GLAD] * 5)) == {"r0", "r1"}
    assert habits.unconfirmed(readers([SAD] * 4, [GLAD] * 4)) == set()


def cells(count: int, said: dict, **chances: float):
    labels = [one(f"{said['sentiment']}{sorted(chances.items())} {n}", "", "ann", said) for n in range(count)]
    return [(label, dict.fromkeys(LABELS, 0.02) | chances) for label in labels]


def poor(*groups) -> list[str]:
    labels, chances = [], {}
    for number, (label, found) in enumerate(pair for group in groups for pair in group):
        post_id = f"t{number}"
        labels.append(one(label.answer_id, post_id, "ann", dict(label.labels)))
        chances[post_id] = found
    return sorted(suspicion.poor(labels, chances))


LIKELY_SAD = {"negative": 0.9, "neutral": 0.08, "positive": 0.02}
LIKELY_NEUTRAL = {"negative": 0.08, "neutral": 0.9, "positive": 0.02}
LIKELY_GLAD = {"negative": 0.02, "neutral": 0.08, "positive": 0.9}
USUAL = (
    cells(20, {"sentiment": "negative"}, **LIKELY_SAD),
    cells(20, {"sentiment": "neutral"}, **LIKELY_NEUTRAL),
    cells(20, {"sentiment": "positive"}, **LIKELY_GLAD),
)


def test_s43_cleanlab_finds_a_label_unlike_its_class() -> None:
    pytest.importorskip("cleanlab")
    odd = cells(1, {"sentiment": "positive"}, negative=0.985, neutral=0.01, positive=0.005)
    assert poor(*USUAL, odd) == [odd[0][0].answer_id]


def test_s43_a_rare_label_that_the_model_misses_throughout_is_not_doubted() -> None:
    pytest.importorskip("cleanlab")
    bored = cells(8, {"sentiment": "neutral", "boredom": 1}, **LIKELY_NEUTRAL, boredom=0.01)
    assert poor(*USUAL, bored) == []


def test_s43_of_a_class_with_few_labels_nothing_is_usual() -> None:
    assert (
        poor(
            cells(4, {"sentiment": "positive"}, **LIKELY_SAD),
            cells(40, {"sentiment": "negative"}, **LIKELY_SAD),
        )
        == []
    )
    assert suspicion.poor([], {}) == set()
