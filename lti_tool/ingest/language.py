"""In which language a text is, as far as it matters: may the model that is shipped speak about it?

The same rule as the classifier's own, which this part may not import: short texts by students confuse
every detector, so a text counts as foreign only on strong evidence, another script or a confident detector
on enough words. A test holds the two together.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Any, Literal

COVERED = frozenset({"en", "und"})
CANDIDATES = "en es fr de pt it nl pl cs sv da fi ro hu tr vi id"
SCRIPTS = {
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "ARABIC": "ar",
    "DEVANAGARI": "hi",
    "CYRILLIC": "ru",
    "HEBREW": "he",
    "THAI": "th",
    "GREEK": "el",
    "BENGALI": "bn",
    "TAMIL": "ta",
}
FOREIGN_SCRIPT_SHARE = 0.3
FEWEST_WORDS = 5
CONFIDENT = 0.9
COMMON_ENGLISH = """
the and is are was were to of in it that this for not but with have has had does did you we they my on at be
so just can can't don't i'm it's what how why when if or from about there your our
"""
ENGLISH_SHARE = 0.2
FEWEST_SCORED_WORDS = 2
PLACEHOLDER = re.compile(r"\[[A-Z]+\]")
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")

Scorable = Literal["yes", "language", "short"]


def detect(text: str) -> str:
    """BCP 47 tag of the text's language, or "und" when it is too short or unsure."""
    text = PLACEHOLDER.sub(" ", text)
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return "und"
    foreign = _script(letters)
    if foreign is not None:
        return foreign
    words = WORD.findall(text.lower().replace("’", "'"))
    common = _common_english()
    if words and sum(word in common for word in words) / len(words) >= ENGLISH_SHARE:
        return "en"
    if len(words) < FEWEST_WORDS:
        return "und"
    language, confidence = _identifier().classify(" ".join(words))
    return str(language) if confidence >= CONFIDENT else "und"


def scorable(text: str, language: str) -> Scorable:
    """`yes`, `language` (not covered yet) or `short` (under two words)."""
    if language not in COVERED:
        return "language"
    return "yes" if len(WORD.findall(PLACEHOLDER.sub(" ", text))) >= FEWEST_SCORED_WORDS else "short"


def _script(letters: list[str]) -> str | None:
    """The language of a script other than Latin, where it makes up enough of the letters."""
    found = Counter(_script_of(letter) for letter in letters)
    found.pop(None, None)
    if not found or sum(found.values()) < FOREIGN_SCRIPT_SHARE * len(letters):
        return None
    return "ja" if found["ja"] else found.most_common(1)[0][0]


@lru_cache(maxsize=4096)
def _script_of(letter: str) -> str | None:
    return SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0])


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """Loaded at first need: pages start without it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(CANDIDATES.split())
    return identifier


@lru_cache(maxsize=1)
def _common_english() -> frozenset[str]:
    return frozenset(COMMON_ENGLISH.split())
