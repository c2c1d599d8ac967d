"""The shipped model reads what students say in a few words, and not the same words said of something else."""

import re

import pytest

from model import starter
from model.decision import Reading, read_all
from model.scoring import Scorer

SAID = (
    ("I'm completely lost in this chapter", "confusion"),
    ("You lost me at the chain rule", "confusion"),
    ("You lost me when the torque came in", "confusion"),
    ("I'm stuck on the quadratic formula", "confusion"),
    ("stuck on question 4, any hints?", "confusion"),
    ("Le cours d'hier sur les torseurs m'a complètement perdu", "confusion"),
    ("Bei den Kräften am Hebel verstehe ich nur Bahnhof", "confusion"),
    ("me perdí en la parte de las integrales dobles", "confusion"),
    ("今天讲的贝叶斯公式我完全没跟上", "confusion"),
    ("Permutations finally clicked for me on the bus home", "satisfaction"),
    ("nothing to ask this time, the whole chapter is clear to me", "satisfaction"),
    ("zoned out halfway through the talk on tax law", "boredom"),
    ("drowning in lab reports and nobody will move a date", "frustration"),
    ("I cannot wait for the next dissection!!", "enthusiasm"),
)
NOT_SAID = (
    ("The keys for lab 2 were lost over the weekend", "confusion"),
    ("The printer in room 4 is stuck again, please use the other one.", "confusion"),
    ("Ich warte am Bahnhof auf den Rest der Gruppe", "confusion"),
    ("Are there any questions about the room?", "satisfaction"),
    ("My sister was bored at the museum", "boredom"),
    ("We read a chapter about a man who drowns in a river", "frustration"),
)
MOST_IN_COMMON = 0.5
"""Share of words that one of these texts may have in common with a text that trained the model."""


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    scorer, texts = Scorer.load(), [text for text, _ in (*SAID, *NOT_SAID)]
    return dict(zip(texts, read_all(scorer.calibration, scorer.score(texts)), strict=True))


@pytest.mark.parametrize(("text", "label"), SAID)
def test_a_saying_is_read_as_it_is_meant(readings: dict[str, Reading], text: str, label: str) -> None:
    assert label in readings[text].labels


@pytest.mark.parametrize(("text", "label"), NOT_SAID)
def test_the_same_words_of_something_else_are_not(
    readings: dict[str, Reading], text: str, label: str
) -> None:
    assert label not in readings[text].labels


def test_no_learnt_text_says_the_same() -> None:
    learnt = [words(row["text"]) for part in starter.LEARNT for row in starter.load(part)]
    for text, _ in (*SAID, *NOT_SAID):
        own = words(text)
        assert max(len(own & other) / len(own | other) for other in learnt) < MOST_IN_COMMON, text


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[一-鿿]|[^\W一-鿿]+", text.lower()))
