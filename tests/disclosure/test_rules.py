"""The rules hold for any numbers, not only for those somebody thought of (P15, P49, P50)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.disclosure import rules


@given(st.lists(st.sampled_from("abcd"), min_size=1))
def test_an_author_with_over_half_of_the_texts_dominates(authors):
    assert rules.dominated(authors) == any(authors.count(one) > len(authors) / 2 for one in authors)


@given(st.integers(0, 10_000))
def test_counts_are_told_in_fives_within_two_and_a_half(n):
    assert rules.rounded(n) % 5 == 0
    assert abs(rules.rounded(n) - n) <= 2.5
    assert n - 5 < rules.rounded_down(n) <= n


@given(st.integers(1, 500).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_percentages_are_steps_of_five_and_open_at_the_ends(pair):
    part, whole = pair
    value = rules.percent(part, whole)
    assert value % 5 == 0
    assert abs(value - 100 * part / whole) <= 3
    assert rules.percent_text(value) not in ("0 %", "100 %")


@given(st.integers(1, 500).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_shares_in_words_keep_their_order(pair):
    part, whole = pair
    order = [name for _, name in rules._UP_TO]
    if part < whole:
        assert order.index(rules.share(part, whole)) <= order.index(rules.share(part + 1, whole))


@given(st.integers(1, 500).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_a_share_in_words_is_that_of_the_percentage_that_is_printed(pair):
    assert rules.share(*pair) == rules.share(rules.percent(*pair), 100)


MEANT = {
    "few": (0, 5),
    "about_a_tenth": (10,),
    "about_a_sixth": (100 / 6,),
    "about_a_fifth": (20,),
    "about_a_quarter": (25,),
    "about_a_third": (100 / 3,),
    "about_two_fifths": (40,),
    "about_half": (50,),
    "about_three_fifths": (60,),
    "about_two_thirds": (200 / 3,),
    "about_three_quarters": (75,),
    "about_four_fifths": (80,),
    "most": (85, 90),
    "nearly_all": (95, 100),
}


@pytest.mark.parametrize("told", range(0, 101, 5))
def test_a_word_stands_within_a_step_of_its_percentage_and_no_other_is_nearer(told):
    """The words "about a third" beside "40 %" would be two figures for one share."""
    away = {word: min(abs(told - value) for value in values) for word, values in MEANT.items()}
    said = rules.share(told, 100)
    assert away[said] == min(away.values()) <= rules.STEP


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (1, 58, "few"),
        (12, 60, "about_a_fifth"),
        (31, 58, "about_half"),
        (40, 60, "about_two_thirds"),
        (60, 60, "nearly_all"),
    ],
)
def test_shares_read_as_a_person_would_say(part, whole, said):
    assert rules.share(part, whole) == said


@pytest.mark.parametrize(("part", "whole"), [(0, 0), (3, 2), (-1, 5)])
def test_a_share_of_nothing_is_refused(part, whole):
    with pytest.raises(ValueError, match="share"):
        rules.share(part, whole)


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (11, 24, "under_half"),
        (12, 24, "half_to_three_quarters"),
        (18, 24, "half_to_three_quarters"),
        (19, 24, "over_three_quarters"),
        (0, 0, "under_half"),
    ],
)
def test_coverage_is_a_band(part, whole, said):
    assert rules.band(part, whole) == said
