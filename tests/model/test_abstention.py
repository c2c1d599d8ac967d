import pytest

from lti_tool.ingest import language
from model import languages
from model.abstention import decide, words
from model.decision import UNCALIBRATED, Reading, read


def reading(**logits: float) -> Reading:
    """What is read of a text with these logits, the labels' very low where not named."""
    order = ("negative", "neutral", "positive", "confusion")
    return read(
        UNCALIBRATED, [logits.get(name, 0.0 if name != "confusion" else -5.0) for name in order] + [-5.0] * 6
    )


UNSURE = reading(negative=0.3)


@pytest.mark.parametrize(
    ("text", "covered", "found", "reason"),
    [
        (" \n", True, None, "no text"),
        ("Why?", True, None, "too short"),
        ("[NAME] ok", True, None, "too short"),
        ("42 :-)", True, None, "too short"),
        ("我不明白这个问题", True, None, ""),
        ("Nie rozumiem tego zadania", False, None, "language not covered yet"),
        ("Lab two", True, None, ""),
        ("Lab two", True, UNSURE, "unsure"),
        ("Lab two", True, reading(neutral=3.0), ""),
        ("Lab two", True, reading(confusion=1.0), ""),
    ],
)
def test_p60_nothing_is_said_of_what_is_short_foreign_or_unsure(
    text: str, covered: bool, found: Reading | None, reason: str
) -> None:
    assert decide(text, covered, found) == reason


@pytest.mark.parametrize(
    "text",
    ["", "hm", "I am lost", "[NAME]", "[NAME] helped", "don't", "№ 3", "Не понимаю", "谢谢你", "zero 0 two"],
)
def test_p60_the_tool_scores_the_same_texts(text: str) -> None:
    spoken = language.detect(text)
    ours = decide(text, languages.covered(spoken))
    assert (ours == "") is (language.scorable(text, spoken) == "yes")


def test_a_placeholder_is_no_word() -> None:
    assert words("[NAME] helped me, [EMAIL]") == 2
