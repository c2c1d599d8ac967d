"""Biased toys are blocked, even ones are not; and what the test texts promise."""

import json
import re
from collections import Counter
from dataclasses import asdict
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.decision import UNCALIBRATED
from model.fairness import Fairness, blocked, load, markdown, measure, run
from model.labels import EMOTIONS, LABELS, SENTIMENT
from model.rows import Row, check_labels, targets

TOXIC = LABELS.index("toxicity")
SEEDS = st.integers(0, 2**32 - 1)
TEMPLATES = ("identity", "names")
PAIRS = ("dialect", "second-language")


@cache
def texts() -> list[Row]:
    return load()


def knowing() -> np.ndarray:
    """Logits of a model that says what the labels say."""
    gold = targets(texts())
    logits = np.full((len(gold), len(LABELS)), -4, dtype=np.float32)
    logits[np.arange(len(gold)), gold[:, 0].astype(int)] = 4
    logits[gold[:, 1 + EMOTIONS.index("toxicity")] == 1, TOXIC] = 4
    return logits


def figures(logits: np.ndarray) -> Fairness:
    return measure(UNCALIBRATED, logits, texts())


def where(words: str) -> list[int]:
    """Rows whose group holds these words."""
    return [number for number, row in enumerate(texts()) if words in row["group"]]


def test_an_even_model_may_be_promoted() -> None:
    found = figures(knowing())
    assert blocked(found) == []
    assert all(gap.size == 0 for part in found.parts.values() for gap in part.gaps.values())
    assert found.heard == found.insults


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("religion: Muslim", "identity"),
        ("age: over sixty", "identity"),
        ("name: Igbo", "names"),
        ("dialect / African American English", "dialect"),
        ("learner / ", "second-language"),
    ],
)
def test_p59_a_model_that_hears_toxicity_in_a_group_is_blocked(words: str, name: str) -> None:
    logits = knowing()
    logits[where(words), TOXIC] += 8
    (reason,) = blocked(figures(logits))
    assert reason.startswith(
        f"{name}: toxicity is wrongly said more often of {words.split(' / ')[0]} than of "
    )


def test_p59_a_model_that_hears_strong_negatives_in_a_group_is_blocked() -> None:
    logits = knowing()
    logits[where("disability: deaf"), 0] += 12
    found = figures(logits)
    assert [reason.split(" than ")[0] for reason in blocked(found)] == [
        "identity: strong negative is wrongly said more often of disability: deaf"
    ]
    gap = found.parts["identity"].gaps["strong negative"]
    assert (gap.worst, gap.size, gap.low, gap.high) == ("disability: deaf", 1, 1, 1)


def test_a_negative_below_the_limit_of_certainty_is_no_strong_one() -> None:
    logits = knowing()
    logits[where("disability: deaf"), :3] = np.log([0.74, 0.13, 0.13])
    assert blocked(figures(logits)) == []


def test_a_negative_that_is_meant_is_no_false_one() -> None:
    logits = knowing()
    meant = [
        number for number in where("race: Black") if texts()[number]["labels"]["sentiment"] == "negative"
    ]
    logits[meant, 0] += 20
    assert figures(logits).parts["identity"].gaps["strong negative"].size == 0


def test_the_gap_counts_frames() -> None:
    logits = knowing()
    logits[where("class: poor")[:5], TOXIC] = 4
    part = figures(logits).parts["identity"]
    frames = len(where("class: poor"))
    assert part.rates["class: poor"]["toxicity"] == part.gaps["toxicity"].size == 5 / frames
    assert part.gaps["toxicity"].low < 5 / frames < part.gaps["toxicity"].high
    assert str(part.gaps["toxicity"]).startswith("10.0 points (2.0 to ")


def test_a_model_that_never_says_toxic_is_blocked() -> None:
    logits = knowing()
    logits[:, TOXIC] = -4
    found = figures(logits)
    assert blocked(found) == [f"Only 0 of {found.insults} insults are heard as toxic."]


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_one_text_never_decides(seed: int) -> None:
    logits = knowing()
    one = np.random.default_rng(seed).integers(len(logits))
    logits[one, [0, TOXIC]] = 12
    assert blocked(figures(logits)) == []


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_a_model_that_cannot_tell_the_groups_apart_has_no_gap(seed: int) -> None:
    frames = {frame: number for number, frame in enumerate(dict.fromkeys(row["frame"] for row in texts()))}
    by_frame = np.random.default_rng(seed).normal(0, 3, (len(frames), len(LABELS)))
    found = figures(by_frame[[frames[row["frame"]] for row in texts()]])
    for part in found.parts.values():
        assert all(gap.size == gap.low == gap.high == 0 for gap in part.gaps.values())
        assert set(part.differences.values()) == set(part.flips.values()) == {0}


@given(SEEDS)
@settings(max_examples=5, deadline=None)
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, order = rng.normal(0, 3, (len(texts()), len(LABELS))), rng.permutation(len(texts()))
    there = measure(UNCALIBRATED, logits[order], [texts()[number] for number in order])
    here = figures(logits)
    assert (there.heard, there.insults) == (here.heard, here.insults)
    for name, part in here.parts.items():
        assert there.parts[name].gaps == part.gaps
        assert there.parts[name].flips == pytest.approx(part.flips)
        assert there.parts[name].differences == pytest.approx(part.differences)


def test_pairs_are_compared_text_by_text() -> None:
    logits = knowing()
    dialect = where("dialect / ")
    logits[dialect[:17], LABELS.index("boredom")] = 4
    part = figures(logits).parts["dialect"]
    assert part.flips["boredom"] == part.flips["any"] == pytest.approx(17 / 85)
    assert part.flips["toxicity"] == part.differences["toxicity"] == 0
    assert part.differences["boredom"] == pytest.approx(17 / 85 * np.tanh(2), abs=1e-6)


def test_a_frame_without_one_of_its_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="reshape"):
        measure(UNCALIBRATED, knowing()[1:], [row for row in texts() if row is not texts()[0]])


def test_the_figures_are_json_and_a_table_for_the_card() -> None:
    found = figures(knowing())
    assert json.loads(json.dumps(asdict(found))) == asdict(found)
    table = markdown(found)
    assert table.count("\n| ") == 2 * len(found.parts)
    identity = found.parts["identity"].texts
    assert f"\nIdentity texts wrongly called toxic: 0 of {identity}, 0.0% (the aim is under 5%).\n" in table
    assert "| names | 720 | toxicity | – | – | 0.0 points (0.0 to 0.0) | 0.0% |" in table
    assert table.endswith(f"Insults heard as toxic: {found.insults} of {found.insults}.\n")


def test_the_card_counts_the_identity_texts_that_are_called_toxic() -> None:
    logits = knowing()
    called = where("religion: Muslim")[:7] + where("age: over sixty")[:5]
    logits[called, TOXIC] = 4
    logits[where("dialect / ")[:9], TOXIC] = 4
    found = figures(logits)
    identity = found.parts["identity"].texts
    assert f"wrongly called toxic: 12 of {identity}, {12 / identity:.1%} (" in markdown(found)


def test_a_checkpoint_is_measured_on_all_texts() -> None:
    asked: list[str] = []

    def score(given: list[str], progress: object) -> np.ndarray:
        asked.extend(given)
        return knowing()

    assert run(SimpleNamespace(calibration=UNCALIBRATED, score=score)) == figures(knowing())
    assert asked == [row["text"] for row in texts()]


def test_every_text_is_there_once_and_labelled() -> None:
    for field in ("id", "text"):
        assert len({row[field].lower() for row in texts()}) == len(texts())
    for row in texts():
        check_labels(row["labels"], row["id"])
        assert row["labels"].keys() == {"sentiment", "toxicity"}
        assert row["labels"]["toxicity"] == (row["set"] == "counter")
        assert not re.search(r"[{}|]|\s{2}", row["text"])


def test_each_set_has_its_size() -> None:
    counts = Counter(row["set"] for row in texts())
    frames = {name: len({row["frame"] for row in texts() if row["set"] == name}) for name in counts}
    assert counts.keys() == {*TEMPLATES, *PAIRS, "counter"}
    assert frames["identity"] + frames["names"] >= 40
    assert min(frames[name] for name in PAIRS) >= 60
    assert counts["counter"] >= 40


def test_the_groups_cover_what_the_law_protects() -> None:
    groups = {row["group"] for row in texts() if row["set"] == "identity"}
    kinds = Counter(group.split(": ")[0] for group in groups)
    assert kinds.keys() == {
        *("race", "gender", "religion", "disability", "class", "sexuality", "nationality", "age")
    }
    assert len(groups) >= 36
    assert len({row["group"] for row in texts() if row["set"] == "names"}) >= 16
    assert len(where("dialect / ")) == sum(row["set"] == "dialect" for row in texts()) / 2


@pytest.mark.parametrize("name", [*TEMPLATES, *PAIRS])
def test_every_attitude_is_in_every_set(name: str) -> None:
    of_frames = {row["frame"]: row["labels"]["sentiment"] for row in texts() if row["set"] == name}
    assert min(Counter(of_frames.values())[sentiment] for sentiment in SENTIMENT) >= 6


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_is_two_texts_with_the_same_labels(name: str) -> None:
    pairs: dict[str, list[Row]] = {}
    for row in texts():
        if row["set"] == name:
            pairs.setdefault(row["frame"], []).append(row)
    for standard, other in pairs.values():
        assert standard["labels"] == other["labels"]
        assert " / " not in standard["group"]
        assert " / " in other["group"]
