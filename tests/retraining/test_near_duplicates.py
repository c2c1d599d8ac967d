"""One text is one row, however often it was written and by however many it was labelled (S41)."""

import random
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.retraining.near_duplicates import merged
from tests.classroom import START
from tests.retraining.test_pool import ONE

CONFUSED = {"sentiment": "negative", "confusion": 1, "boredom": 0}
BORED = {"sentiment": "negative", "confusion": 0, "boredom": 0}


def said(answer_id, annotator="teacher", text=ONE.text, day=0, **more):
    written = START + timedelta(days=day)
    return replace(ONE, answer_id=answer_id, annotator_id=annotator, text=text, written_at=written, **more)


def test_the_newest_of_near_identical_texts_stays() -> None:
    (text,) = merged([said("a1", day=3), said("a2", text=ONE.text + " now", day=9), said("a3", day=1)])
    assert text.newest.answer_id == "a2"
    assert [one.answer_id for one in text.all] == ["a2", "a1", "a3"]
    assert [one.answer_id for one in text.said] == ["a2"]


def test_a_text_kept_for_the_pool_alone_is_older_than_any_other() -> None:
    (text,) = merged([said("a1"), replace(ONE, answer_id="z9", written_at=None)])
    assert text.newest.answer_id == "a1"


def test_two_readers_of_one_text_make_one_row_of_what_they_agree_on() -> None:
    (text,) = merged([said("a1", "ann", labels=CONFUSED), said("a2", "bob", labels=BORED)])
    assert text.labels == {"sentiment": "negative", "boredom": 0}
    assert [one.annotator_id for one in text.said] == ["ann", "bob"]


def test_each_annotator_counts_with_the_newest_text() -> None:
    both = [said("a1", "ann", labels=BORED), said("a2", "ann", labels=CONFUSED, day=2)]
    (text,) = merged([*both, said("a3", "bob", labels=CONFUSED, day=1)])
    assert text.labels["confusion"] == 1


def test_different_texts_stay_apart_also_short_ones() -> None:
    texts = ["I am lost", "I am fine", "", "Why would the base case ever return here and not there"]
    assert len(merged([said(f"a{n}", text=text) for n, text in enumerate(texts)])) == len(texts)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6), st.integers(0, 4)), max_size=25), st.randoms()
)
def test_the_order_in_which_they_come_makes_no_difference(
    rows: list[tuple[int, int, int]], dice: random.Random
) -> None:
    words = "when does the recursion stop at all if nothing is left".split()
    made = [
        said(f"a{n:02}", f"who{who}", " ".join(words[cut:]), day) for n, (who, cut, day) in enumerate(rows)
    ]
    shuffled = dice.sample(made, len(made))
    assert merged(shuffled) == merged(made)
    assert sorted(one.answer_id for text in merged(made) for one in text.all) == [
        one.answer_id for one in made
    ]
