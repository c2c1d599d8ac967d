"""Which language a text is in, as far as it matters: is it clearly one that the shipped model has not learned?

Short posts by students confuse every detector, so a text counts as another language only on strong
evidence: mostly another script, or a confident detector on enough Latin words.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from functools import lru_cache
from typing import Any

COVERED = ("ar", "de", "en", "es", "fr", "hi", "it", "pt", "vi", "zh")
UNDETERMINED = "und"

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
UNPARTED = ("zh", "ja", "th")
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
FOREIGN_SCRIPT_SHARE = 0.3
FEWEST_WORDS = 5
CONFIDENT = 0.9
COMMON_ENGLISH = """
the and is are was were to of in it that this for not but with have has had does did you we they my on at be
so just can can't don't i'm it's what how why when if or from about there your our
"""
ENGLISH_SHARE = 0.2


def detect(text: str) -> str:
    """BCP 47 tag of the text's language, or "und" when it is too short or unsure."""
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return UNDETERMINED
    foreign = _script(letters)
    if foreign is not None:
        return foreign
    words = WORD.findall(text.lower().replace("’", "'"))
    if _looks_english(words):
        return "en"
    if len(words) < FEWEST_WORDS:
        return UNDETERMINED
    language, confidence = _identifier().classify(" ".join(words))
    return str(language) if confidence >= CONFIDENT else UNDETERMINED


def word_count(text: str) -> int:
    """About how many words a text has; in scripts that do not part words two letters count as one."""
    unparted = sum(_script_of(char) in UNPARTED for char in text if char.isalpha())
    parted = sum(_script_of(word[0]) not in UNPARTED for word in WORD.findall(text))
    return parted + unparted // 2


def covered(language: str, learnt: Collection[str] = COVERED) -> bool:
    """Whether a model that has learnt these languages, by default the shipped one, may speak about a text in this one.

    Undetermined counts as yes.
    """
    return language == UNDETERMINED or language.split("-")[0] in learnt


def _script(letters: list[str]) -> str | None:
    """The language of a script other than Latin, where it makes up enough of the letters."""
    found = Counter(_script_of(letter) for letter in letters)
    found.pop(None, None)
    if not found or sum(found.values()) < FOREIGN_SCRIPT_SHARE * len(letters):
        return None
    if found["ja"]:
        return "ja"
    return found.most_common(1)[0][0]


@lru_cache(maxsize=4096)
def _script_of(letter: str) -> str | None:
    return SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0])


def _looks_english(words: list[str]) -> bool:
    """Enough of the commonest English words that slang, names and code cannot make it another language."""
    return bool(words) and sum(word in _common_english() for word in words) / len(words) >= ENGLISH_SHARE


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
