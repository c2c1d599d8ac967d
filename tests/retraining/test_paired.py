"""The paired bootstrap over groups of authors, on figures whose answer is known."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from lti_tool.retraining import paired
from lti_tool.retraining.paired import Agreement, compare, shares
from model.rows import MASK

SINGLE = [str(number) for number in range(200)]


def test_a_text_counts_by_the_share_of_its_annotated_cells() -> None:
    gold = np.full((3, 8), MASK, dtype=np.float32)
    gold[0, :4], gold[1, 0] = [1, 0, 1, 0], 2
    said = np.zeros((3, 8), dtype=int)
    found = shares(said, gold)
    assert found[:2].tolist() == [0.5, 0.0]
    assert np.isnan(found[2])


def test_texts_that_nobody_annotated_are_left_out() -> None:
    found = compare(np.array([1.0, np.nan]), np.array([0.0, np.nan]), ["a", "b"])
    assert (found.texts, found.groups, found.candidate, found.serving) == (1, 1, 1.0, 0.0)
    assert compare(np.array([np.nan]), np.array([np.nan]), ["a"]) == Agreement()


def test_the_bound_is_that_of_the_normal_distribution_where_texts_are_independent() -> None:
    rng = np.random.default_rng(0)
    differences = rng.normal(0.05, 0.2, 200)
    found = compare(0.5 + differences, np.full(200, 0.5), SINGLE)
    expected = differences.mean() - norm.ppf(0.95) * differences.std() / np.sqrt(200)
    assert abs(found.low - expected) < 0.004


def test_texts_of_one_author_count_as_one_opinion() -> None:
    """Ten authors of twenty texts each: what is sure of 200 independent texts is not sure of them."""
    rng = np.random.default_rng(1)
    own = np.repeat(rng.normal(0.05, 0.2, 10), 20)
    alone = compare(0.5 + own, np.full(200, 0.5), SINGLE)
    grouped = compare(0.5 + own, np.full(200, 0.5), [str(number // 20) for number in range(200)])
    assert alone.candidate == grouped.candidate
    assert grouped.low < alone.low - 0.03


def test_a_candidate_without_effect_is_seldom_believed() -> None:
    """At a bound of 5 % about one in twenty of models that differ by chance alone seems better."""
    rng = np.random.default_rng(2)
    wrong = 0
    for _ in range(200):
        differences = rng.choice([-0.125, 0.0, 0.125], 60)
        wrong += compare(0.5 + differences, np.full(60, 0.5), SINGLE[:60]).low > 0
    assert wrong <= 20


def test_a_text_of_weight_two_counts_as_two_texts_of_its_group() -> None:
    rng = np.random.default_rng(4)
    ours, theirs, groups = rng.random(40), rng.random(40), [f"g{number // 2}" for number in range(40)]
    whole = np.where(np.arange(40) % 3 == 0, 2, 1)
    again = np.repeat(np.arange(40), whole)
    weighed = compare(ours, theirs, groups, whole.tolist())
    doubled = compare(ours[again], theirs[again], [groups[number] for number in again])
    assert weighed.texts == 40
    assert np.allclose([weighed.candidate, weighed.serving], [doubled.candidate, doubled.serving])
    assert np.allclose([weighed.low, *weighed.halves], [doubled.low, *doubled.halves])
    light = compare(ours, theirs, groups, [0.01] * 40)
    alike = compare(ours, theirs, groups)
    assert np.allclose([light.low, *light.halves], [alike.low, *alike.halves])


def test_what_weighs_little_does_not_say_what_is_better() -> None:
    """Thirty texts of one annotator, for whom the candidate is better, and twenty of others, for whom it is worse."""
    ours = np.array([1.0] * 30 + [0.4] * 20)
    assert compare(ours, np.full(50, 0.5), SINGLE[:50]).low > 0
    assert compare(ours, np.full(50, 0.5), SINGLE[:50], [0.1] * 30 + [1.0] * 20).low < 0


@given(st.permutations(range(40)))
def test_the_order_of_texts_does_not_matter(order: list[int]) -> None:
    rng = np.random.default_rng(3)
    ours, theirs = rng.random(40), rng.random(40)
    groups = [f"g{number % 9}" for number in range(40)]
    moved = compare(ours[order], theirs[order], [groups[number] for number in order])
    first = compare(ours, theirs, groups)
    assert (moved.texts, moved.groups) == (first.texts, first.groups)
    assert np.allclose([moved.low, *moved.halves], [first.low, *first.halves])


def test_the_halves_are_fixed_and_about_equally_large() -> None:
    first = [name for name in SINGLE if paired._in_first_half(name)]
    assert 80 <= len(first) <= 120
    rises = np.array([0.1 if name in first else -0.1 for name in SINGLE])
    one, other = compare(0.5 + rises, np.full(200, 0.5), SINGLE).halves
    assert np.allclose([one, other], [0.1, -0.1])
