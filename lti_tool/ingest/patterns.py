"""Addresses, telephone, bank and id numbers → typed placeholders. Every pattern works in linear time (S31).

Numbers of mathematics and programming must stay ("n = 1024", "3.14159", "O(n^2)"), so a run of digits is
taken for an id only when a word says so, when letters and digits are joined as in student ids, or when it is
long and stands outside of any formula.

No pattern asks what follows with `\\w` or "no full stop": an id may close a sentence, and Chinese and Japanese
write it without a space.
"""

import re

from lti_tool.ingest.links import WORD, replace_links
from lti_tool.ingest.places import replace_streets

AT = "[@＠]"
SIGN = re.compile(r"[@＠]|[(\[{]at[)\]}]", re.IGNORECASE)
DIGIT = re.compile(r"\d")
"""Most texts hold neither, and need none of the patterns that do."""
DOT = r"(?:[.．]|\s?[(\[](?:dot|punkt|punto|point)[)\]]\s?)"
EMAIL = re.compile(
    rf"(?<![{WORD}_.+-])[{WORD}_.+-]{{1,64}}(?:{AT}|\s?[(\[{{]at[)\]}}]\s?)"
    rf"[{WORD}_-]{{1,63}}(?:{DOT}[{WORD}_-]{{1,63}}){{1,5}}",
    re.IGNORECASE,
)
HANDLE = re.compile(
    rf"(?<![{WORD}_@＠]){AT}(?!\d+(?:[:.]\d+)?(?:am|pm|h)?(?![{WORD}_]))"
    rf"(?:[{WORD}_][{WORD}_.-]{{0,38}}[{WORD}_]|(?<![\w./].)\w[\w.]{{1,38}}\w)",
    re.IGNORECASE,
)
_DECORATORS = (
    "@property @staticmethod @classmethod @override @dataclass @cache @lru_cache @abstractmethod @test @wraps"
)
DECORATORS = frozenset(_DECORATORS.split())

GAP = "[ .\u00a0\u202f\u2010-\u2013-]"
PHONE = re.compile(
    rf"(?:(?<![{WORD}.,+/=-])|(?<=[^\W\d_][.,/]))(?:"
    rf"[+＋]\d{{1,3}}(?:{GAP}|/)?(?:\(\d{{1,4}}\){GAP}?)?\d{{1,4}}(?:(?:{GAP}|/)?\d{{2,4}}){{1,5}}"
    rf"|\(\d{{2,5}}\){GAP}?\d{{3,4}}{GAP}?\d{{3,4}}"
    rf"|\d{{3}}{GAP}\d{{3}}{GAP}\d{{4}}"
    rf"|1[3-9]\d{GAP}\d{{4}}{GAP}\d{{4}}"
    r"|0\d{1,4}[ \u00a0/‑–-]\d{3,4}[ \u00a0‑–-]?\d{3,5}"
    rf"|0\d(?:{GAP}\d{{2}}){{4}}"
    rf"|[679]\d\d(?:{GAP}\d\d){{3}}"
    rf"|3\d\d{GAP}\d{{6,7}}"
    rf"|\(\d\d\){GAP}?9?\d{{4}}-\d{{4}}"
    rf"|[6-9]\d{{4}}{GAP}\d{{5}}"
    rf")(?![{WORD}=]|[.,]\d)"
)
ID_WORDS = (
    "student|matric(?:ulation)?|registration|enrol?ment|candidate|passport|id|matrikel|matrícula|matricule|matricola|"
    "étudiant|carnet|dni|nie|mssv"
)
ID_NUMBER_WORDS = "card|id|no\\.?|nr\\.?|nummer|number|num(?:éro|ero)?|número|n[°º]"
OWNED = (
    "(?:my|his|her|their|your|meine|deine|seine|ihre|mi|tu|su|mon|ton|son|minha|meu|mio|suo)\\s"
    "(?:number|nummer|numéro|número|numero)"
)
_YEARS_OR_DATE = r"(?!\d{1,2}/\d{1,2}/\d{2,4}(?!\d)|(?:19|20)\d\d/\d{2,4}(?!\d))"
NAMED_NUMBER = re.compile(
    rf"(?<![{WORD}_])((?:(?:{ID_WORDS})(?:[ -]?(?:{ID_NUMBER_WORDS}))?|{OWNED})"
    r"\s?(?:is|:|#|=|：|,|\(|（|ist|es|est|è|é)?\s?[\"'“‘]?)"
    rf"(?:[A-Z]{{0,3}}|(?-i:[A-Z]{{1,2}})[ -]){_YEARS_OR_DATE}\d(?:[ /\u2010-\u2013-]{{0,2}}\d){{4,14}}"
    rf"(?:-?[A-Z])?(?![{WORD}])"
    r"|((?:学号|學號|考号|准考证号|身份证号?|学籍番号|학번|رقم(?:ي)?(?: الجامعي)?|रोल नंबर|mã số sinh viên)"
    r"\s?(?:是|为|為|は|:|：|،)?\s?)[A-Za-z]{0,3}\d(?:-?\d){3,17}",
    re.IGNORECASE,
)
JOINED_ID = re.compile(
    rf"(?<![{WORD}])(?!(?<=#)[A-Fa-f]{{2}}\d{{6}}(?![{WORD}]))"
    rf"(?:[A-Za-zＡ-Ｚａ-ｚ]{{1,3}}-?\d{{6,9}}|[A-Za-z]\d{{3,5}}-\d{{3,5}})[A-Za-z]?(?![{WORD}]|\.\d)"
)
SPLIT_ID = re.compile(rf"(?<![{WORD}.,/-])\d{{4}}[-‑]0\d{{2}}(?![{WORD}]|[-.,/]\d)")
SSN = re.compile(rf"(?<![{WORD}-])\d{{3}}-\d{{2}}-\d{{4}}(?![{WORD}]|-\d)")
TAXPAYER = re.compile(rf"(?<![{WORD}.-])\d{{3}}\.\d{{3}}\.\d{{3}}-\d\d(?![{WORD}-])")
CARD = re.compile(r"(?<![\d.])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?![\d.])")
IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d\d(?:[ ]?[A-Z\d]{4}){2,7}(?:[ ]?[A-Z\d]{1,3})?(?!\w)")
LONG_NUMBER = re.compile(
    rf"(?:(?<![{WORD}.,+*^%=<>\[{{])|(?<=[^\W\d_][.,]))\d{{7,18}}(?![{WORD}^*%=<>\]}}]|[.,]\d)"
)
FORMULA_BEFORE = re.compile(
    r"(?:[=<>≤≥≈+*^%\[{]|[\d\"')\]],|(?:\d|(?<!\w)\w|[)\]])\s?[-/]|(?:^|[=(\s,])-(?!\s)|[\d\"')\]]\s?:"
    r"|\b(?:output|result|answer|value|sum|key|hash|prints?|returns?|ergebnis|ausgabe|resultado|résultat):"
    r"|[A-Za-z0-9_][(\[{][^()\[\]{}]*"
    r"|\b(?:mod|modulo|input|n|size|of|than|about|over|under|for|to|is)|[约約共于於为為是到模])\s?$",
    re.IGNORECASE,
)
FORMULA_AFTER = re.compile(
    r"\s?(?:[=<>≤≥≈+*^%]|,\s?\d|[-/]\s?(?:\d|\w\b|\()"
    r"|(?:items|elements|steps|nodes|rows|times|comparisons|bytes|keys|operations)\b|[个個次元字步行倍位人年万萬条回円개명원])"
)


def replace_patterns(text: str) -> str:
    """The text with e-mails, links, handles, streets and numbers replaced by [EMAIL], [LINK], …"""
    if SIGN.search(text):
        text = EMAIL.sub("[EMAIL]", text)
    if "." in text or "://" in text or "tel:" in text.lower():
        text = replace_links(text)
    if SIGN.search(text):
        text = HANDLE.sub(lambda found: found[0] if found[0].lower() in DECORATORS else "[HANDLE]", text)
    return _without_numbers(text) if DIGIT.search(text) else text


def _without_numbers(text: str) -> str:
    text = replace_streets(text)
    text = IBAN.sub(_iban, text)
    text = CARD.sub(_card, text)
    text = TAXPAYER.sub("[NUMBER]", text)
    text = NAMED_NUMBER.sub(_named, text)
    text = SSN.sub("[NUMBER]", text)
    text = PHONE.sub(_phone, text)
    text = JOINED_ID.sub("[NUMBER]", text)
    text = SPLIT_ID.sub("[NUMBER]", text)
    return LONG_NUMBER.sub(_long, text)


def _iban(found: re.Match[str]) -> str:
    """Its check digits tell a bank account from words in capitals."""
    packed = found[0].replace(" ", "")
    digits = "".join(str(int(char, 36)) for char in packed[4:] + packed[:4])
    return "[NUMBER]" if int(digits) % 97 == 1 else found[0]


def _card(found: re.Match[str]) -> str:
    """Every second digit doubled, the sum is a multiple of ten."""
    digits = [int(char) for char in reversed(found[0]) if char.isdigit()]
    total = sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return "[NUMBER]" if total % 10 == 0 else found[0]


def _named(found: re.Match[str]) -> str:
    return f"{found[1] or found[2]}[NUMBER]"


def _phone(found: re.Match[str]) -> str:
    """Bits in groups look like a number to call."""
    digits = re.sub(r"\D", "", found[0])
    return found[0] if set(digits) <= {"0", "1"} or not 7 <= len(digits) <= 15 else "[PHONE]"


def _long(found: re.Match[str]) -> str:
    number, whole = int(found[0]), found.string
    before, after = whole[max(0, found.start() - 24) : found.start()], whole[found.end() : found.end() + 14]
    formula = FORMULA_BEFORE.search(before) or FORMULA_AFTER.match(after)
    return found[0] if formula or _round(number) or set(found[0]) <= {"0", "1"} else "[NUMBER]"


def _round(number: int) -> bool:
    """A power of two or of ten, or one off it: nobody's id, and at home in any programming course."""
    near = (number - 1, number, number + 1, number - 7)
    return number % 1000 == 0 or any(n > 0 and (n & (n - 1) == 0 or n % 10**7 == 0) for n in near)
