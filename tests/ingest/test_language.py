"""Which language a text is in, placeholders left out, and whether it may be scored."""

from pathlib import Path

import pytest

from lti_tool.ingest import language
from model import starter


@pytest.mark.parametrize(
    ("text", "tag", "scorable"),
    [
        ("I do not get the second step at all.", "en", "yes"),
        ("kk lol ngl", "und", "yes"),
        ("ok", "und", "short"),
        ("[NAME] thanks", "und", "short"),
        ("我不明白第二步", "zh", "yes"),
        ("好", "zh", "short"),
        ("لم أفهم الخطوة الثانية", "ar", "yes"),
        ("Je ne comprends pas du tout la deuxième étape de la preuve.", "fr", "yes"),
        ("Я не понимаю второй шаг", "ru", "language"),
        ("[NAME] ik snap echt niet waarom dit antwoord fout is, kan iemand het uitleggen?", "nl", "language"),
        ("", "und", "short"),
    ],
)
def test_a_text_is_foreign_only_on_strong_evidence(text, tag, scorable):
    assert language.detect(text) == tag
    assert language.scorable(text, tag) == scorable


def short_texts() -> list[list[str]]:
    path = Path(__file__).with_name("languages") / "not_covered.tsv"
    return [line.split("\t") for line in path.read_text("utf-8").splitlines()]


def test_short_texts_in_other_languages_are_hardly_ever_scored():
    """What a wrong answer costs here is nonsense in a figure."""
    scored = [text for _, text in short_texts() if language.scorable(text, language.detect(text)) == "yes"]
    assert len(short_texts()) >= 300
    assert len(scored) <= 0.05 * len(short_texts()), scored


def test_short_texts_in_covered_languages_are_hardly_ever_left_out():
    """What a wrong answer costs here is a text that is not scored."""
    cut = [" ".join(row["text"].split()[:6])[:60] for row in starter.load("multilingual_heldout")]
    left_out = [text for text in cut if language.scorable(text, language.detect(text)) == "language"]
    assert len(left_out) <= 0.02 * len(cut), left_out
