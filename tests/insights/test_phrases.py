"""Phrases that stand for a feeling: of several authors, and not of those who say the opposite."""

from itertools import count

from lti_tool.insights.material import Text
from lti_tool.insights.phrases import phrases

_numbers = count()


def text(words: str) -> Text:
    number = str(next(_numbers))
    return Text(number, f"author {number}", True, None, 1, None, words, number)


def said(telling: list[Text], against: list[Text]) -> set[str]:
    by_id = {one.id: one.words for one in telling}
    found = phrases(telling, [*telling, *against], against=against)
    return {by_id[span.post][span.start : span.end] for span in found}


def test_what_frustrated_texts_say_too_is_no_word_for_engagement():
    glad = [
        text("I loved the shortest path lab. Then the grader said: times out daily."),
        text("Our shortest path lab was great fun. Times out daily, whatever."),
    ]
    angry = [text("It times out daily and nobody cares.")]
    assert any("times out" in phrase.lower() for phrase in said(glad, []))
    assert not any("times" in phrase.lower() for phrase in said(glad, angry))
    assert any("shortest path" in phrase.lower() for phrase in said(glad, angry))
