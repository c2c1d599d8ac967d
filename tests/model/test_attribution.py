"""Passages that drove a label: faithful, in every script, for long texts, and in words."""

import random

import numpy as np
import pytest
import torch

from model import attribution, starter
from model.attribution import Passage, Word, _margins, _passages, _words, explain
from model.decision import read
from model.labels import LABELS
from model.scoring import Scorer

ARABIC = "لا أفهم لماذا يمكن حذف الخطوة الثانية، لكن الأمثلة كانت جميلة."
CHINESE = "我完全不明白第二步为什么可以省略，其他部分都很好。"


@pytest.fixture(scope="module")
def shipped():
    return Scorer.load(device="cpu")


def likeliest(scorer, text):
    """The likeliest label that is shown for a text, and its probability."""
    reading = read(scorer.calibration, scorer.score([text])[0])
    label = max(reading.labels, key=reading.probabilities.__getitem__, default=None)
    return label, reading.probabilities.get(label or "", 0.0)


def test_p7_removing_the_first_passage_lowers_the_label_more_than_removing_any_other_words(shipped):
    """Over a fixed set of held-out texts, as long a stretch at four random places for comparison."""
    dice = random.Random(11)
    rows = [row["text"] for row in starter.load("heldout") if 8 <= len(row["text"].split()) <= 24]
    found = [(text, *likeliest(shipped, text)) for text in dice.sample(rows, 24)]
    texts = [(text, label, chance) for text, label, chance in found if label][:8]
    assert len(texts) == 8
    first, other = [], []
    for text, label, chance in texts:
        top = explain(shipped, text, [label])[label].towards[0]
        without = [text[: top.start] + text[top.end :]]
        tokens, length = text.split(), len(text[top.start : top.end].split())
        for _ in range(4):
            place = dice.randrange(max(1, len(tokens) - length + 1))
            without.append(" ".join(tokens[:place] + tokens[place + length :]))
        left = [read(shipped.calibration, row).probabilities[label] for row in shipped.score(without)]
        first.append(chance - left[0])
        other.append(chance - np.mean(left[1:]))
    assert np.mean(first) > 1.5 * np.mean(other)
    assert np.mean(first) > 0.1


@pytest.mark.parametrize(("text", "part"), [(ARABIC, "لماذا"), (CHINESE, "为什么")])
def test_p7_right_to_left_and_chinese_texts_are_explained_in_their_own_words(shipped, text, part):
    found = explain(shipped, text, ["confusion"])["confusion"]
    passages = [text[one.start : one.end] for one in found.towards]
    assert any(part in passage for passage in passages)
    assert all(passage == passage.strip() for passage in passages)


def test_p7_a_long_text_is_followed_to_where_it_is_confused(shipped):
    plain = "We met on Tuesday and split the tasks. The room was quiet and the slides were clear. " * 14
    text = plain + "I do not understand at all why the second step may be left out."
    assert len(shipped.reader.placed(text)) > 1
    assert explain(shipped, text, ["confusion"])["confusion"].towards[0].start >= len(plain)


def test_p7_the_sentiment_of_a_long_text_is_explained_from_its_parts(scorer):
    text = "That was fun, I want more of it! The lab is in room four. " * 25
    assert len(scorer.reader.placed(text)) > 1
    found = explain(scorer, text, ["positive"])["positive"]
    assert all(text[one.start : one.end].strip() for one in (*found.towards, *found.away))


def test_p7_the_shares_are_of_what_pushed_and_fall(shipped):
    found = explain(shipped, "I do not understand this at all, why would anybody skip it?", ["confusion"])
    shares = [one.share for one in found["confusion"].towards]
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 1


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_p7_without_words_there_is_nothing_to_explain(scorer, text):
    assert explain(scorer, text, ["confusion"])["confusion"] == attribution.Explanation((), ())


@pytest.mark.parametrize("text", ["?", "\ud800 half", "🙂🙂", "a" * 3000, "x\u200by"])
def test_p7_strange_texts_are_explained_without_a_fault(scorer, text):
    for own in explain(scorer, text, ["confusion", "positive"]).values():
        assert all(0 <= one.start < one.end <= len(text) for one in (*own.towards, *own.away))


def test_an_unknown_label_is_refused(scorer):
    with pytest.raises(ValueError):
        explain(scorer, "a", ["anger"])


def test_a_sentiments_margin_is_its_lead_over_the_others():
    logits = torch.zeros(1, len(LABELS))
    logits[0, 0] = 3.0
    margins = _margins(logits)[0]
    assert margins[0] == pytest.approx(3.0 - np.log(2))
    assert margins[1] == pytest.approx(-np.log(np.exp(3) + 1), rel=1e-5)


def test_pieces_of_a_word_are_added_up_and_chinese_ones_stand_alone():
    assert _words("un even go", [(0, 2), (2, 4), (4, 7), (7, 10)], [1, 2, 3, 4]) == [
        Word(0, 2, 1.0),
        Word(3, 7, 5.0),
        Word(8, 10, 4.0),
    ]
    assert [(one.start, one.end) for one in _words("我完全。", [(0, 1), (1, 3), (3, 4)], [1, 1, 1])] == [
        (0, 1),
        (1, 4),
    ]


def test_strong_neighbours_are_one_passage_but_not_over_a_sentences_end():
    text = "really lost here. Lost again"
    words = [Word(0, 6, 4), Word(7, 11, 4), Word(12, 17, -1), Word(18, 22, 4), Word(23, 28, 4)]
    assert _passages(text, words) == (Passage(0, 11, 0.5), Passage(18, 22, 0.25))
