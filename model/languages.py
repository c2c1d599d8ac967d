"""Which language a text is in, as far as it matters: is it clearly one that the shipped model has not learned?

Short posts by students confuse every detector, so a text counts as another language only on strong
evidence: mostly another script, or a detector that gives languages not learnt nearly all of its belief.
`scripts/language_figures.py` measures it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from functools import lru_cache
from typing import Any

COVERED = ("ar", "de", "en", "es", "fr", "hi", "it", "pt", "vi", "zh")
THREE_LETTERS = {
    "ara": "ar",
    "chi": "zh",
    "cmn": "zh",
    "deu": "de",
    "eng": "en",
    "fra": "fr",
    "fre": "fr",
    "ger": "de",
    "hin": "hi",
    "ita": "it",
    "por": "pt",
    "spa": "es",
    "vie": "vi",
    "zho": "zh",
}
"""ISO 639-2 and 639-3 of the languages that we cover, in the two letters of ISO 639-1."""
UNDETERMINED = "und"

CANDIDATES = "en es fr de pt it nl pl cs sv da fi ro hu tr vi id sw ar fa ur hi mr ne"
SAME_SCRIPT = {"ar": ("ar", "fa", "ur"), "hi": ("hi", "mr", "ne")}
"""Languages that the letters alone do not tell apart."""
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
TOLD_APART = frozenset((*CANDIDATES.split(), *SCRIPTS.values()))
"""The languages that a text can be found to be in."""
UNPARTED = ("zh", "ja", "th")
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
FOREIGN_SCRIPT_SHARE = 0.3
KANA_SHARE = 0.15
"""Under it a Chinese text quotes Japanese."""
FEWEST_WORDS = 3
CONFIDENT = 0.9
"""Of the detector's belief."""
FEWEST_LETTERS = 12
COMMON_ENGLISH = """
the and is are was were to of in it that this for not but with have has had does did you we they my on at be
so just can can't don't i'm it's what how why when if or from about there your our
"""
COMMON_ROMAN_HINDI = """
hai hain nahi nahin kya mujhe mera meri mere aur bhi toh yeh woh tha thi raha rahi kuch kyun kaise hua gaya samajh
karna karo bahut lekin abhi sab ek hi ko ke ka ki se me mein main par ye bhai yaar
"""
COMMON_MARATHI = """
आहे आहेत नाही मला होते होता झाले माझ्या माझा माझे आणि काय आम्ही आता आवडले कुठे खूप फार करेन चूक मी
"""
COMMON_SHARE = 0.2


def detect(text: str) -> str:
    """BCP 47 tag of the text's language, or "und" when it is too short or unsure."""
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return UNDETERMINED
    words = WORD.findall(text.lower().replace("’", "'"))
    script = _script(letters)
    if script is not None:
        return _within(script, text.split(), words)
    if _has_common(words, COMMON_ENGLISH):
        return "en"
    if _has_common(words, COMMON_ROMAN_HINDI):
        return "hi"
    if len(words) < FEWEST_WORDS or len(letters) < FEWEST_LETTERS:
        return UNDETERMINED
    return _most_likely(_shares(" ".join(words), CANDIDATES.split()))


def _within(script: str, tokens: list[str], words: list[str]) -> str:
    """One of the languages of a script; its commonest unless another is nearly certain."""
    if script not in SAME_SCRIPT:
        return script
    if script == "hi" and _has_common([token.strip("।.,?!") for token in tokens], COMMON_MARATHI, needed=1):
        return "mr"
    found = _most_likely(_shares(" ".join(words), SAME_SCRIPT[script]))
    return script if found == UNDETERMINED else found


def _most_likely(shares: dict[str, float]) -> str:
    """The likeliest language not learnt, where these together have nearly all belief; else the likeliest learnt one."""
    foreign = {language: share for language, share in shares.items() if language not in COVERED}
    if sum(foreign.values()) >= CONFIDENT:
        return max(foreign, key=foreign.__getitem__)
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] >= CONFIDENT else UNDETERMINED


def _shares(text: str, among: Collection[str]) -> dict[str, float]:
    """The detector's belief in each language, of 1 over those asked about."""
    ranked = {
        str(language): float(share) for language, share in _identifier().rank(text) if language in among
    }
    total = sum(ranked.values())
    return {language: share / total if total else 0.0 for language, share in ranked.items()}


def unparted(letter: str) -> bool:
    """Whether the letter is of a script that does not part words by spaces."""
    return _script_of(letter) in UNPARTED


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
    if found["ja"] >= KANA_SHARE * sum(found.values()):
        return "ja"
    return found.most_common(1)[0][0]


@lru_cache(maxsize=4096)
def _script_of(letter: str) -> str | None:
    return SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0])


def _has_common(words: list[str], common: str, needed: int = 2) -> bool:
    """Enough of a language's commonest words that slang, names and code cannot make it another one."""
    found = sum(word in _set(common) for word in words)
    return bool(words) and found >= min(needed, len(words)) and found / len(words) >= COMMON_SHARE


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """Loaded at first need: pages start without it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(CANDIDATES.split())
    return identifier


@lru_cache(maxsize=8)
def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())
