"""Where a word stands in a text: at a sentence's start, addressed, speaking, beside another (P31)."""

import re
from dataclasses import dataclass

BETWEEN = re.compile(r"[ \t]?[-‐‑'’ʼ`.]?[ \t]?")
"""What may stand between two words of one name."""
ENDS_SENTENCE = re.compile(r"(?:^|[.!?:;…\n\"“”«»(\[*•>–—-])\s*[\"“'‘«(¿¡]*$")
TITLE = re.compile(
    r"(?<!\w)(?:(?-i:M|Ms|Mx|Me|Fr|Sr|Sra|Srta|Sig|Sn|Hr|St)|mr|mrs|mme|mlle|dr|dra|drs|prof|profa|doç|dott|sig\.ra|dott\.ssa|mgr"
    r"|ing|mevr|dhr|hrn|др|проф|г-н|г-жа|κ|δρ|د|أ|डॉ|श्री)\.\s?$",
    re.IGNORECASE,
)
"""Its full stop ends no sentence."""
_THANKS = (
    "thanks|thank you|thx|ty|cheers|hi|hey|hello|dear|hola|gracias|merci|salut|bonjour|danke|hallo|liebe[rs]?|bedankt"
    "|hoi|ol[aá]|oi|obrigad[oa]|ciao|grazie|cześć|dzięki|ahoj|díky|selam|merhaba|teşekkürler|kiitos|hei|moi|привет|спасибо"
    "|привіт|дякую|ευχαριστώ|cảm ơn|chào|يا|شكرا|شكراً"
)
AFTER_THANKS = re.compile(rf"(?:@|(?<!\w)(?:{_THANKS})\s)$", re.IGNORECASE)
_SPEAKING = (
    "said|says|wrote|writes|explained|explains|mentioned|told|asked|answered|suggested|posted|showed|helped|thinks|"
    "thought|pointed|and\\s+I"
)
SPEAKS = re.compile(rf"[’']s\b|\s(?:{_SPEAKING})\b|,\s")
CALENDAR = re.compile(
    r"(?:\b(?:in|by|since|until|till|of|early|late|mid|next|last|from|on|and|to)\s|\d\s?)$", re.IGNORECASE
)
MONTHS = frozenset({"april", "may", "june", "august", "mai", "juni", "avril", "mayo"})
NUMBER_AFTER = re.compile(r"\s\d")
FAR_ENOUGH = 14
"""Characters before a word that are looked at: more than the longest greeting."""


@dataclass(frozen=True)
class Word:
    start: int
    end: int
    raw: str
    folded: str


def capitalised(word: str) -> bool:
    """Will, but neither will nor WILL; a script without capitals never is."""
    return word[0].isupper() and (len(word) == 1 or not word[1:].isupper())


def adjacent(text: str, words: list[Word], place: int) -> bool:
    """Whether words `place` and `place + 1` may belong to one name by what stands between them."""
    return BETWEEN.fullmatch(text, words[place].end, words[place + 1].start) is not None


def adjoining_by_comma(text: str, words: list[Word], place: int) -> bool:
    """Family, Given"""
    return text[words[place].end : words[place + 1].start] in (", ", "، ")


def before(text: str, word: Word) -> str:
    return text[max(0, word.start - FAR_ENOUGH) : word.start]


def addressed(text: str, word: Word) -> bool:
    return AFTER_THANKS.search(before(text, word)) is not None


def opens_sentence(text: str, word: Word) -> bool:
    if not word.start:
        return True
    here = before(text, word)
    return ENDS_SENTENCE.search(here) is not None and TITLE.search(here) is None


def speaks(text: str, word: Word) -> bool:
    return SPEAKS.match(text, word.end) is not None


def in_calendar(text: str, word: Word) -> bool:
    """May and the like, as a month."""
    return word.folded in MONTHS and bool(
        CALENDAR.search(before(text, word)) or NUMBER_AFTER.match(text, word.end)
    )
