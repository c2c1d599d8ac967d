"""Texts become token ids whole, in order, whatever is read at once."""

import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from model import reading
from model.network import MAX_LENGTH
from model.reading import TextReader
from model.scoring import Scorer


def test_ids_are_those_of_the_tokenizer(scorer: Scorer) -> None:
    texts = ["Why does this work?? So cool", "", "第三天了,还是不懂", "a" * 300]
    parts = TextReader(scorer.tokenizer).parts(texts)
    assert parts.ids == scorer.tokenizer(texts)["input_ids"]
    assert (parts.owners, parts.texts) == ([0, 1, 2, 3], 4)


def test_an_earlier_cut_of_the_tokenizer_does_not_stay(scorer: Scorer) -> None:
    scorer.tokenizer(["some words that are cut off"], truncation=True, max_length=4, padding=True)
    (ids,) = TextReader(scorer.tokenizer).parts(["a few more words than four, all of which are read"]).ids
    assert len(ids) > 10


@settings(deadline=None, max_examples=10)
@given(lengths=st.lists(st.sampled_from([1, 3, 600]), min_size=1, max_size=7))
def test_a_long_texts_parts_stand_together_and_lose_nothing(scorer: Scorer, lengths: list[int]) -> None:
    texts = [" ".join(["word"] * length) for length in lengths]
    parts = TextReader(scorer.tokenizer).parts(texts)
    assert max(len(own) for own in parts.ids) <= MAX_LENGTH
    words = [0] * len(texts)
    for ids, owner in zip(parts.ids, parts.owners, strict=True):
        words[owner] += scorer.tokenizer.decode(ids).split().count("word")
    assert words == lengths
    assert parts.owners == sorted(parts.owners)


def test_many_texts_are_shared_out_and_come_back_in_order(scorer: Scorer) -> None:
    texts = [f"text number {number}" for number in range(2 * reading.SHARE + 5)]
    assert TextReader(scorer.tokenizer).parts(texts).ids == scorer.tokenizer(texts)["input_ids"]


def test_the_next_texts_are_read_while_the_present_ones_are_used(scorer: Scorer) -> None:
    reader, begun = TextReader(scorer.tokenizer), {"second": threading.Event()}
    real = reader.parts

    def parts(texts: list[str]) -> reading.Parts:
        if texts[0] in begun:
            begun[texts[0]].set()
        return real(texts)

    reader.parts = parts  # type: ignore[method-assign,assignment]
    ahead = reader.ahead([["first"], ["second"], ["third"]])
    assert next(ahead).ids == real(["first"]).ids
    assert begun["second"].wait(5)
    assert [own.ids for own in ahead] == [real(["second"]).ids, real(["third"]).ids]
