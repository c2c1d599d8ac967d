"""What the starter corpus promises in its datasheet."""

import re
from collections import defaultdict

import pytest

from model import starter
from model.errors import MissingCorpus
from model.labels import EMOTIONS
from model.rows import Row

LANGUAGES = {"es", "fr", "de", "pt", "zh", "ar", "hi", "vi"}


def everything() -> list[Row]:
    return [row for part in starter.PARTS for row in starter.load(part)]


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(tuple(words[start : start + 5]) for start in range(max(1, len(words) - 4)))


def test_every_row_has_every_label() -> None:
    assert all(row["labels"].keys() == {"sentiment", *EMOTIONS} for row in everything())


def test_enthusiasm_implies_engagement() -> None:
    assert all(row["labels"]["engagement"] >= row["labels"]["enthusiasm"] for row in everything())


def test_sizes_and_languages() -> None:
    assert len(starter.load("train")) + len(starter.load("heldout")) >= 2500
    assert {row["lang"] for row in starter.load("train")} == {"en"}
    counts: dict[str, int] = defaultdict(int)
    for row in starter.load("multilingual"):
        counts[row["lang"]] += 1
    assert counts.keys() == LANGUAGES
    assert min(counts.values()) >= 60


def test_no_text_lies_in_two_parts() -> None:
    texts = [" ".join(row["text"].lower().split()) for row in everything()]
    assert len(texts) == len(set(texts))


def test_near_duplicates_are_under_one_percent() -> None:
    seen: dict[tuple[str, ...], list[int]] = defaultdict(list)
    grams = [shingles(row["text"]) for row in everything()]
    near = 0
    for number, own in enumerate(grams):
        others = {other for gram in own for other in seen[gram]}
        near += any(len(own & grams[other]) / len(own | grams[other]) > 0.6 for other in others)
        for gram in own:
            seen[gram].append(number)
    assert near < 0.01 * len(grams)


def test_unknown_part_is_refused() -> None:
    with pytest.raises(MissingCorpus, match="no part"):
        starter.load("../../secrets")
