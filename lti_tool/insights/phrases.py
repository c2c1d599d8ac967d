"""Key phrases of a finding: stretches that several authors with B use, and that the other texts use less (U20)."""

import re
from collections.abc import Iterator, Sequence

from lti_tool.insights.material import Text
from lti_tool.insights.snapshot import PhraseSpan

MOST = 2
LONGEST = 4
FEWEST_AUTHORS = 2
WORD = re.compile(r"(?<!\[)\b[^\W\d_]+(?:[’'][^\W\d_]+)*(?!\])")
"""Words of letters; placeholders such as [NAME] and numbers are none."""


def phrases(
    telling: Sequence[Text], everything: Sequence[Text], known: str = "", against: Sequence[Text] = ()
) -> tuple[PhraseSpan, ...]:
    """The phrases most typical of `telling`, as places in its texts; only of texts that staff may read.

    What the name of the place, `known`, says already is no news, and what the texts `against` say is no sign.
    """
    ours = [text for text in telling if text.quotable]
    foreign = {phrase for text in against for phrase, _, _ in stretches(text.words)}
    candidates = {phrase: uses for phrase, uses in _shared(ours).items() if phrase not in foreign}
    if not candidates:
        return ()
    chosen: list[str] = []
    said = known.lower()
    for phrase in _ranked(sorted(candidates), ours, everything):
        if phrase not in said and not any(phrase in other or other in phrase for other in chosen):
            chosen.append(phrase)
    return tuple(_span(phrase, candidates[phrase]) for phrase in chosen[:MOST])


def _shared(texts: Sequence[Text]) -> dict[str, list[Text]]:
    """Phrases that at least two authors use, with their texts."""
    found: dict[str, dict[str, Text]] = {}
    for text in texts:
        for phrase, _, _ in stretches(text.words):
            found.setdefault(phrase, {})[text.id] = text
    return {
        phrase: list(uses.values())
        for phrase, uses in found.items()
        if len({text.author for text in uses.values()}) >= FEWEST_AUTHORS
    }


def _ranked(candidates: list[str], ours: Sequence[Text], everything: Sequence[Text]) -> list[str]:
    """By tf-idf summed over our texts, times the length in words."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    readable = [text.words for text in everything if text.quotable]
    vectorizer = TfidfVectorizer(
        vocabulary=candidates, analyzer=lambda words: [phrase for phrase, _, _ in stretches(words)], norm=None
    ).fit(readable)
    weights = vectorizer.transform([text.words for text in ours]).sum(axis=0).A1
    value = {phrase: weights[column] * len(phrase.split()) for column, phrase in enumerate(candidates)}
    return sorted(candidates, key=lambda phrase: (-value[phrase], phrase))


def _span(phrase: str, uses: Sequence[Text]) -> PhraseSpan:
    first = uses[0]
    start, end = next((start, end) for found, start, end in stretches(first.words) if found == phrase)
    return PhraseSpan(first.id, first.hash, start, end, tuple(text.id for text in uses))


def stretches(words: str) -> Iterator[tuple[str, int, int]]:
    """Runs of two to four words within a sentence that neither begin nor end with a stop word.

    A single word says little by itself.
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    tokens = list(WORD.finditer(words))
    plain = [token[0].lower().replace("’", "'") for token in tokens]
    stop = [word in ENGLISH_STOP_WORDS or len(word) < 3 or "'" in word for word in plain]
    for first in range(len(tokens)):
        for last in range(first + 1, min(first + LONGEST, len(tokens))):
            if not words[tokens[last - 1].end() : tokens[last].start()].isspace():
                break
            if not stop[first] and not stop[last]:
                yield " ".join(plain[first : last + 1]), tokens[first].start(), tokens[last].end()
