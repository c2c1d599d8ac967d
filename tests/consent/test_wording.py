import re
from collections.abc import Iterator

import pytest

from lti_tool.consent import texts, wording
from lti_tool.consent.ledger import ImmutableRowError
from lti_tool.consent.tables import Wording
from lti_tool.errors import ConfigurationError

VALUES = {"course": "Algorithms I", "institution": "Riverside University", "group": "5"}
PUBLISHED = {
    2: "b54c7ea740411421f0a25588f0930f02ca22afdf928ae596b44dc283da8dbab8",
    3: "71835dfc90f29dc4a0678670d050a0a197c302a9576c25d12ab7db70573223a3",
    4: "fcfb1849ce887337dd56b35747681c9b0a07d314c48e2a964678e6cc7c54d39f",
}
"""SHA-256 of the English words of each number. Other words get a new number and a line of their own here (P18)."""

BARRED = re.compile(
    r"\byou are\b|\byou're\b|percentile|\branks?\b|\branking\b|anonym|streak|classmates", re.I
)


def sentences(part) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    else:
        for inner in part.values() if isinstance(part, dict) else part:
            yield from sentences(inner)


def layer_one() -> list[str]:
    return list(sentences(wording.filled(texts.texts(str)["first"], VALUES)))


def syllables(word: str) -> int:
    """Vowel groups, less a silent final e: near enough for a grade."""
    groups = re.findall(r"[aeiouy]+", word.lower())
    silent = word.lower().endswith("e") and not word.lower().endswith("le") and len(groups) > 1
    return max(1, len(groups) - silent)


def test_p23_layer_one_has_at_most_150_words():
    words = re.findall(r"[\w'’-]+", " ".join(layer_one()))
    assert len(words) <= 150


def test_p23_layer_one_reads_at_grade_eight():
    """Flesch-Kincaid grade (P23)."""
    found = [part for text in layer_one() for part in re.split(r"[.?!;:]", text) if part.strip()]
    words = re.findall(r"[A-Za-z'-]+", " ".join(found))
    per_word = sum(map(syllables, words)) / len(words)
    assert 0.39 * len(words) / len(found) + 11.8 * per_word - 15.59 <= 8


def test_no_text_judges_a_person_or_claims_too_much():
    for text in sentences(texts.texts(str)):
        assert not BARRED.search(text), text


ARTICLE_13 = {
    "1a": "controller",
    "1b": "contact",
    "1c": "purposes",
    "1e": "recipients",
    "1f": "transfers",
    "2a": "retention",
    "2b": "rights",
    "2c": "withdrawal",
    "2d": "complaint",
    "2e": "voluntary",
    "2f": "automated",
    "3": "further",
}
"""Each item of Art. 13 GDPR and its anchor. 1d, legitimate interests, has none: consent is the only basis."""


def test_p23_the_second_layer_has_an_anchor_for_every_item_that_the_law_asks_for():
    ids = [item["id"] for item in texts.texts(str)["who"]["items"]]
    assert len(ids) == len(set(ids))
    assert set(ids) == {*ARTICLE_13.values(), "data"}


def test_p23_the_third_layer_tells_of_the_model_and_of_the_impact_assessment():
    ids = [item["id"] for item in texts.texts(str)["how"]["items"]]
    assert ids == ["method", "errors", "limits", "risks", "remains", "assessment"]


def test_every_text_goes_through_the_translation():
    shouted = texts.texts(lambda text: text.upper().replace("%(COURSE)S", "").replace("%(GROUP)S", ""))
    for item in sentences({key: part for key, part in shouted.items() if key not in ("who", "how", "bases")}):
        assert item == item.upper()


def test_filling_in_leaves_no_placeholder():
    for text in sentences(wording.filled(texts.texts(str), VALUES)):
        assert "%(" not in text


def test_publishing_twice_keeps_one_row(session, now, later):
    first = wording.publish(session, now)
    assert wording.publish(session, later) is first
    assert session.query(Wording).count() == 1
    assert first.published_at == now


def test_the_words_are_those_that_were_published_under_their_number(session, now):
    published = wording.publish(session, now)
    assert published.sha256 == PUBLISHED.get(texts.VERSION), "changed words need a new VERSION"


def test_other_words_under_a_published_number_are_refused(session, now):
    wording.publish(session, now)
    with pytest.raises(ImmutableRowError):
        wording.publish(session, now, translate=lambda text: text + "!")


def test_a_language_without_reviewed_texts_gets_the_english_ones(session, now):
    wording.publish(session, now)
    wording.publish(session, now, "fr", lambda text: f"« {text} »")
    assert wording.current(session, "fr").language == "fr"
    assert wording.current(session, "de").language == "en"


def test_without_published_texts_nobody_can_be_asked(session):
    with pytest.raises(ConfigurationError):
        wording.current(session, "en")
