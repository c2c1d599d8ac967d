"""How words are compared: in small letters and without accents (P31)."""

import unicodedata
from functools import lru_cache

LETTERS = str.maketrans(
    {
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ø": "o",
        "ß": "ss",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ŋ": "n",
        "ə": "e",
    }
    | {"ـ": None, "ى": "ي", "ة": "ه", "ٱ": "ا", "ک": "ك", "ی": "ي"}
)
MARKS = frozenset({"Mn", "Cf"})


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """Lower case without accents: José, JOSÉ and jose become one."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in plain if unicodedata.category(char) not in MARKS).translate(LETTERS)
