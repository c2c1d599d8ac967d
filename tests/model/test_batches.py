from hypothesis import given
from hypothesis import strategies as st

from model.batches import by_length

lengths = st.lists(st.integers(min_value=1, max_value=600), max_size=60)


def test_batches_hold_texts_of_like_length_longest_first() -> None:
    assert list(by_length([3, 9, 1, 7], 18)) == [[1, 3], [0, 2]]


def test_no_texts_are_no_batch() -> None:
    assert list(by_length([], 10)) == []


def test_batches_are_as_many_as_keep_every_reader_at_work() -> None:
    assert list(by_length([10] * 4, 40, readers=2)) == [[0, 1], [2, 3]]
    assert [len(batch) for batch in by_length([10] * 12, 40, readers=2)] == [3, 3, 3, 3]


def test_a_text_longer_than_a_fair_share_does_not_part_the_rest() -> None:
    assert list(by_length([30, 2, 2], 100, readers=2)) == [[0, 1, 2]]


@given(lengths, st.integers(min_value=1, max_value=700), st.integers(min_value=1, max_value=5))
def test_every_text_is_in_one_batch_and_none_exceeds_the_budget(
    own: list[int], budget: int, readers: int
) -> None:
    batches = list(by_length(own, budget, readers))
    assert sorted(number for batch in batches for number in batch) == list(range(len(own)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(own[number] for number in batch) <= budget
