"""The shipped model reads what most students write: advice, lists of facts, praise and complaint side by side."""

import pytest

from model.decision import Reading, read_all
from model.scoring import Scorer

PLAIN = (
    "Learn the reaction tables and go through the sheets again before the midterm.",
    "Four assignments at 10 percent each, the rest is the final. Calculators are allowed.",
    "Attendance is counted from week 2. Bring your own laptop to the tutorials.",
)
MIXED = (
    "nice guy and knows his subject, but his teaching is not very good and he goes too fast",
    "Okay course. Slides are fine, homework takes long. Not great, not bad.",
)
GOOD = (
    "Easy class, everything is open book, take it if you need the credits.",
    "He explains every step and answers all questions after class. Exams are fair.",
)
BAD = (
    "Jumps from one topic to the next and never says what is on the test. Take it with somebody else.",
    "Feedback comes late and does not say what to improve.",
)
CASES = [
    *((text, "neutral") for text in (*PLAIN, *MIXED)),
    *((text, "positive") for text in GOOD),
    *((text, "negative") for text in BAD),
]


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    scorer, texts = Scorer.load(), [text for text, _ in CASES]
    return dict(zip(texts, read_all(scorer.calibration, scorer.score(texts)), strict=True))


@pytest.mark.parametrize(("text", "sentiment"), CASES)
def test_an_ordinary_text_is_read_by_its_attitude(
    readings: dict[str, Reading], text: str, sentiment: str
) -> None:
    assert readings[text].sentiment == sentiment


@pytest.mark.parametrize("text", PLAIN)
def test_advice_and_facts_carry_no_label(readings: dict[str, Reading], text: str) -> None:
    assert readings[text].labels == ()


def test_ease_alone_is_no_satisfaction(readings: dict[str, Reading]) -> None:
    assert "satisfaction" not in readings[GOOD[0]].labels


def test_both_sides_of_a_mixed_review_are_heard() -> None:
    scorer = Scorer.load()
    found = read_all(
        scorer.calibration,
        scorer.score(["Pretty interesting at the start. Got a bit dry in the second half."]),
    )
    assert set(found[0].labels) == {"engagement", "boredom"}
