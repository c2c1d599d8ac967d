import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.labels import LABELS
from model.splitting import combined, pieces

written = st.text(alphabet=st.sampled_from("ab .!?\n。é"), min_size=1, max_size=300)


def words(text: str) -> list[tuple[int, int]]:
    """Places of "tokens": runs of at most three characters that are no spaces."""
    return [found.span() for found in re.finditer(r"\S{1,3}", text)]


def cut(text: str, limit: int) -> list[str]:
    """The text of each piece."""
    places = words(text)
    begins = [places[piece.start][0] for piece in pieces(text, places, limit)]
    return [text[begin:end] for begin, end in pairwise([*begins, len(text)])]


def test_a_piece_ends_with_a_sentence_where_one_ends_in_reach() -> None:
    text = "It was ok. I did it. We met at ten. He was ill."
    assert cut(text, 9) == ["It was ok. I did it. ", "We met at ten. He was ill."]


def test_two_spaces_after_a_sentence_hide_no_end() -> None:
    text = "It was ok.  I did it.  We met at ten.  He was ill."
    assert cut(text, 9) == ["It was ok.  I did it.  ", "We met at ten.  He was ill."]


def test_without_sentences_a_piece_ends_between_words() -> None:
    text = "one two six ten ten one two six"
    assert cut(text, 5) == ["one two six ten ", "ten one two six"]


def test_a_word_without_end_is_cut_anywhere() -> None:
    assert [len(piece) for piece in cut("a" * 30, 4)] == [12, 9, 9]


def test_chinese_sentences_end_without_a_space() -> None:
    text = "很有意思。我不懂。" * 3
    places = [(number, number + 1) for number in range(len(text))]
    assert all(text[piece].endswith("。") for piece in pieces(text, places, 12))


@given(written, st.integers(min_value=1, max_value=20))
def test_every_token_is_in_one_piece_and_none_is_too_long(text: str, limit: int) -> None:
    places = words(text)
    found = [list(range(len(places)))[piece] for piece in pieces(text, places, limit)]
    assert [token for piece in found for token in piece] == list(range(len(places)))
    assert all(len(piece) <= limit for piece in found)


def test_the_sentiment_is_of_the_whole_and_a_label_of_any_piece() -> None:
    logits = np.zeros((2, len(LABELS)), dtype=np.float32)
    logits[0, 0], logits[1, 0] = 3.0, -1.0
    logits[0, 3], logits[1, 4] = 2.0, 5.0
    answer = combined(logits, [300, 100])
    assert answer[0] == pytest.approx(2.0)
    assert answer[[3, 4]].tolist() == [2.0, 5.0]
