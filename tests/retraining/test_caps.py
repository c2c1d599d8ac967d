"""No annotator over a tenth and no course over a quarter of the weight, whatever the pool looks like (S41)."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.retraining.caps import AUTHORS, FLOOR, OF_A_COURSE, OF_AN_ANNOTATOR, Part, share, weights

SKEWED = st.lists(
    st.tuples(st.integers(0, 14), st.integers(0, 5), st.sampled_from([1, 2, 19, 21, 60, 400])),
    min_size=1,
    max_size=25,
)
"""Annotators, courses, and how many labels each annotator gave in each."""


def parts(blocks: list[tuple[int, int, int]]) -> list[Part]:
    return [Part(f"a{who}", f"c{course}") for who, course, count in blocks for _ in range(count)]


def sums(made: list[Part], found: list[float], kind: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for part, weight in zip(made, found, strict=True):
        total[getattr(part, kind)] += weight
    return total


@given(SKEWED)
def test_s41_nobody_and_no_course_is_over_its_share(blocks: list[tuple[int, int, int]]) -> None:
    made = parts(blocks)
    found = weights(made)
    assert all(0 < weight <= 1 for weight in found)
    for kind, wanted in (("annotator", OF_AN_ANNOTATOR), ("course", OF_A_COURSE)):
        most = share(wanted, [getattr(part, kind) for part in made])
        by = sums(made, found, kind)
        assert max(by.values()) <= max(FLOOR, most * sum(found)) * (1 + 1e-6)


@given(SKEWED)
def test_s41_labels_of_one_annotator_in_one_course_weigh_the_same_in_any_order(
    blocks: list[tuple[int, int, int]],
) -> None:
    made = parts(blocks)
    found = dict(zip(made, weights(made), strict=True))
    again = dict(zip(made[::-1], weights(made[::-1]), strict=True))
    assert found == pytest.approx(again)
    assert weights(made) == pytest.approx([found[part] for part in made])


@given(SKEWED)
def test_s41_whoever_has_twenty_labels_or_fewer_keeps_them_all_unless_a_course_is_over(
    blocks: list[tuple[int, int, int]],
) -> None:
    made = [Part(part.annotator, "one") for part in parts(blocks)]
    found = weights(made)
    given_by = Counter(part.annotator for part in made)
    assert all(
        weight == pytest.approx(1)
        for part, weight in zip(made, found, strict=True)
        if given_by[part.annotator] <= 20
    )


def test_s41_one_who_floods_a_pool_of_thirty_gets_a_tenth() -> None:
    made = parts([(99, 0, 700), *((who, 0, 10) for who in range(30))])
    by = sums(made, weights(made), "annotator")
    assert by["a99"] == pytest.approx(300 / 9)  # a tenth of itself and the three hundred others
    assert all(by[f"a{who}"] == pytest.approx(10) for who in range(30))


def test_s41_three_annotators_have_equal_shares_since_a_tenth_each_is_no_whole() -> None:
    made = parts([(0, 0, 500), (1, 0, 300), (2, 0, 40)])
    assert list(sums(made, weights(made), "annotator").values()) == pytest.approx([40, 40, 40])


def test_s41_a_fourth_with_one_label_takes_nobody_below_twenty() -> None:
    made = parts([(0, 0, 500), (1, 0, 300), (2, 0, 40), (3, 0, 1)])
    by = sums(made, weights(made), "annotator")
    assert [round(by[f"a{who}"], 6) for who in range(4)] == [20, 20, 20, 1]


@pytest.mark.parametrize("counts", [[500], [500, 3]])
def test_s41_one_or_two_are_not_capped(counts: list[int]) -> None:
    made = parts([(who, who, count) for who, count in enumerate(counts)])
    assert weights(made) == [1.0] * sum(counts)


def test_s41_a_course_of_two_hundred_gets_a_quarter() -> None:
    made = parts([(who, 0, 20) for who in range(15)] + [(20 + who, 1 + who % 5, 15) for who in range(15)])
    by = sums(made, weights(made), "course")
    assert by["c0"] == pytest.approx(sum(by.values()) / 4)


@pytest.mark.parametrize("instructors", [1, 2])
def test_s41_authors_who_contest_do_not_make_up_the_number_of_annotators(instructors: int) -> None:
    made = parts([(who, 0, 200) for who in range(instructors)]) + [Part(AUTHORS, f"c{n}") for n in range(2)]
    assert weights(made) == [1.0] * len(made)


def test_s41_what_all_authors_contest_weighs_as_much_as_one_annotator_may() -> None:
    made = parts([(who, who, 40) for who in range(12)]) + [Part(AUTHORS, f"c{n % 12}") for n in range(300)]
    by = sums(made, weights(made), "annotator")
    assert by[AUTHORS] == pytest.approx(480 / 9)  # a tenth of itself and the others
    assert all(by[f"a{who}"] == pytest.approx(40) for who in range(12))


def test_s41_with_a_lower_floor_few_labels_are_capped_too() -> None:
    made = parts([(0, 0, 30), *((who, who, 2) for who in range(1, 10))])
    assert sums(made, weights(made, 6.0), "annotator")["a0"] == pytest.approx(6)
    assert sums(made, weights(made), "annotator")["a0"] == pytest.approx(20)


def test_an_empty_pool_weighs_nothing() -> None:
    assert weights([]) == []
