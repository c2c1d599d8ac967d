"""The shipped model reads what students say in a few words, and not the same words said of something else."""

import pytest

from model.decision import Reading, read_all
from model.scoring import Scorer

SAID = (
    ("I'm completely lost in this chapter", "confusion"),
    ("You lost me at eigenvalues.", "confusion"),
    ("I'm stuck on the quadratic formula", "confusion"),
    ("stuck on question 4, any hints?", "confusion"),
    ("Je suis complètement perdue dans ce chapitre", "confusion"),
    ("Ich verstehe nur Bahnhof", "confusion"),
    ("我完全迷糊了", "confusion"),
    ("It finally clicked!", "satisfaction"),
    ("no questions, all clear", "satisfaction"),
    ("Keine Fragen, alles klar", "satisfaction"),
    ("I zoned out after ten minutes", "boredom"),
    ("I'm drowning in deadlines", "frustration"),
    ("can't wait for next week", "enthusiasm"),
)
NOT_SAID = (
    ("I lost my notes on the bus", "confusion"),
    ("The printer in room 4 is stuck again, please use the other one.", "confusion"),
    ("Ich warte am Bahnhof auf den Rest der Gruppe", "confusion"),
    ("Are there any questions about the room?", "satisfaction"),
    ("My sister was bored at the museum", "boredom"),
)


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
