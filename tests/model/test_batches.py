from hypothesis import given
from hypothesis import strategies as st

from model.batches import by_length

lengths = st.lists(st.integers(min_value=1, max_value=600), max_size=60)


def test_batches_hold_texts_of_like_length_longest_first() -> None:
    assert list(by_length([3, 9, 1, 7], 18)) == [[1, 3], [0, 2]]


def test_no_texts_are_no_batch() -> None:
    assert list(by_length([], 10)) == []


@given(lengths, st.integers(min_value=1, max_value=700))
def test_every_text_is_in_one_batch_and_none_exceeds_the_budget(own: list[int], budget: int) -> None:
    batches = list(by_length(own, budget))
    assert sorted(number for batch in batches for number in batch) == list(range(len(own)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(own[number] for number in batch) <= budget
