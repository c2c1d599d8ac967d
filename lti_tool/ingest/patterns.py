"""Addresses, telephone numbers and id numbers → typed placeholders. Every pattern works in linear time (S31).

Numbers of mathematics and programming must stay ("n = 1024", "3.14159", "O(n^2)"), so a run of digits is
taken for an id only when a word says so, when letters and digits are joined as in student ids, or when it is
long and stands outside of any formula.
"""

import re

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}(?:@|\s?\(at\)\s?)[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
LINK = re.compile(
    r"\b(?:https?|ftp)://[^\s<>\"]+|\bwww\.[^\s<>\"]+"
    r"|(?<![\w.@/])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|edu|gov|info|ac\.[a-z]{2}|co\.[a-z]{2})(?:/[^\s<>\"]*)?(?![\w-])",
    re.IGNORECASE,
)
LINK_END = ".,;:!?)]}'»”"
HANDLE = re.compile(r"(?<![\w@./])@\w[\w.]{1,38}\w")
_DECORATORS = (
    "@property @staticmethod @classmethod @override @dataclass @cache @lru_cache @abstractmethod @test @wraps"
)
DECORATORS = frozenset(_DECORATORS.split())

PHONE = re.compile(
    r"(?<![\w.,+/=-])(?:"
    r"\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){1,5}"
    r"|\(\d{2,5}\)[ .-]?\d{3,4}[ .-]?\d{3,4}"
    r"|\d{3}[ .-]\d{3}[ .-]\d{4}"
    r"|0\d{1,4}[ /-]\d{3,4}[ -]?\d{3,5}"
    r"|0\d(?:[ .-]\d{2}){4}"
    r")(?![\w=]|[.,]\d)"
)
ID_WORDS = "student|matric(?:ulation)?|registration|enrol?ment|candidate|passport|id|matrikel|matrícula|étudiant|carnet"
ID_NUMBER_WORDS = "card|id|no\\.?|nr\\.?|nummer|number|num(?:éro|ero)?"
NAMED_NUMBER = re.compile(
    rf"\b((?:{ID_WORDS})(?:[ -]?(?:{ID_NUMBER_WORDS}))?\s?(?:is|:|#|=|：|ist|es|est)?\s?)"
    r"[A-Z]{0,3}\d[\d -]{3,12}\d\b"
    r"|((?:学号|身份证号?|رقم(?:ي)?(?: الجامعي)?)\s?(?:是|为|:|：)?\s?)\d{4,18}",
    re.IGNORECASE,
)
JOINED_ID = re.compile(r"(?<![\w.#/-])[A-Za-z]{1,3}\d{6,9}(?![\w.])")
SSN = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
LONG_NUMBER = re.compile(r"(?<![\w.,+\-*/^%=<>(\[{])\d{7,18}(?![\w^*/%=<>)\]}]|[.,]\d)")
FORMULA_BEFORE = re.compile(
    r"(?:[=<>≤≥≈+\-*/^%(\[{,:]|\b(?:mod|modulo|input|n|size|of|than|about|over|under|for|to|is))\s?$"
)
FORMULA_AFTER = re.compile(
    r"\s?(?:[=<>≤≥≈+\-*/^%,]|(?:items|elements|steps|nodes|rows|times|comparisons|bytes|keys|operations)\b)"
)


def replace_patterns(text: str) -> str:
    """The text with e-mails, links, handles, telephone numbers and ids replaced by [EMAIL], [LINK], …"""
    text = EMAIL.sub("[EMAIL]", text)
    text = LINK.sub(_link, text)
    text = HANDLE.sub(lambda found: found[0] if found[0].lower() in DECORATORS else "[HANDLE]", text)
    text = NAMED_NUMBER.sub(_named, text)
    text = SSN.sub("[NUMBER]", text)
    text = PHONE.sub(_phone, text)
    text = JOINED_ID.sub("[NUMBER]", text)
    return LONG_NUMBER.sub(_long, text)


def _link(found: re.Match[str]) -> str:
    kept = found[0].rstrip(LINK_END)
    return "[LINK]" + found[0][len(kept) :]


def _named(found: re.Match[str]) -> str:
    return f"{found[1] or found[2]}[NUMBER]"


def _phone(found: re.Match[str]) -> str:
    """Bits in groups look like a number to call."""
    digits = re.sub(r"\D", "", found[0])
    return found[0] if set(digits) <= {"0", "1"} or not 7 <= len(digits) <= 15 else "[PHONE]"


def _long(found: re.Match[str]) -> str:
    number, whole = int(found[0]), found.string
    before, after = whole[max(0, found.start() - 12) : found.start()], whole[found.end() : found.end() + 14]
    formula = FORMULA_BEFORE.search(before) or FORMULA_AFTER.match(after)
    return found[0] if formula or _round(number) or set(found[0]) <= {"0", "1"} else "[NUMBER]"


def _round(number: int) -> bool:
    """A power of two or of ten, or one off it: nobody's id, and at home in any programming course."""
    near = (number - 1, number, number + 1, number - 7)
    return number % 1000 == 0 or any(n > 0 and (n & (n - 1) == 0 or n % 10**7 == 0) for n in near)
