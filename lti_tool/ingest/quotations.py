"""Which lines of a text are somebody else's: marked ones, and what a mail program puts under its own line (P21)."""

import re
from collections.abc import Iterable, Iterator

from lti_tool.ingest.names import PARTICLES

QUOTED = "> "
"""Stands for a quotation that was dropped, as an empty marked line."""
REST_IS_QUOTED = "-----Original Message-----"
MARKED_LINE = re.compile(r"\n[ \t]*[>＞]")
LONGEST_START = 250
_WRITING = (
    "wrote|writes|schrieb|escribió|a écrit|ha scritto|escreveu|写道|寫道|写到|كتب|كتبت|ने लिखा|đã viết|viết|schreef"
    "|написала?|napisała?|yazdı|のメッセージ"
)
_VERB = rf"(?<![a-zà-ÿ])(?:{_WRITING})(?![a-zà-ÿ])"
_OPENS = "On|Am|El|Le|Il|Em|Vào|في|Op"
_MONTH = (
    r"(?:(?:jan|feb|mar|mär|mrz|apr|abr|avr|may|mai|mei|mag|maj|jun|jui|giu|jul|lug|aug|ago|aoû|sep|set|oct|okt|ott|out"
    r"|nov|dec|dez|dic|déc|gen|ene|fév|fev|maa)[^\W\d_]{0,8}|thg|tháng|يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر"
    r"|أكتوبر|نوفمبر|ديسمبر|जनवरी|फ़?रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|सितम्बर|अक्टूबर|अक्तूबर|नवंबर|नवम्बर|दिसंबर|दिसम्बर)"
)
WRITES = re.compile(rf"^(?P<who>.{{0,200}}?)\s?{_VERB}\s?[:：]$", re.IGNORECASE)
WRITES_BY_MAIL = re.compile(rf"^.{{1,200}}?\s?{_VERB}[^:：]{{0,100}}[:：]$", re.IGNORECASE)
_OF_ESSAYS = re.compile(r"writes\s?[:：]$", re.IGNORECASE)
"""No mail program writes so; "Knuth writes:" is a student's own sentence."""
MYSELF = re.compile(
    r"(?:(?<!\w)(?:I|we|ich|wir|tôi|mình|em|ik|wij|я|мы)\s(?:(?-i:[^\W\d_A-Z])\w{0,19}\s){0,2}"
    r"(?:wrote|writes|schrieb|đã viết|viết|schreef|написала?)|(?:schrieb|schreef)\s(?:ich|ik)(?!\w)"
    r"|(?:我|我们|我們)\w{0,6}(?:写道|寫道|写到)|(?:मैं|हम)ने लिखा|(?:أنا|نحن)\sكتبت)[^:：,@]{0,60}[:：]$",
    re.IGNORECASE,
)
TIME_OR_ADDRESS = re.compile(
    r"(?<![\d.:])\d{1,2}[:h]\d\d(?!\d)|(?<![\d.])\d{1,2}\.\d\d\s(?:Uhr|uur)|(?:alle|ore|kl\.?|klo)\s\d{1,2}\.\d\d|\w@\w",
    re.IGNORECASE,
)
DATE = re.compile(
    rf"(?<!\d)\d{{1,2}}([./-])\d{{1,2}}\1(?:\d\d){{1,2}}(?!\d)|(?:19|20)\d\d\s?[-/.年]\s?\d{{1,2}}(?!\d)|\d月\s?\d{{1,2}}日"
    rf"|(?<!\d)\d{{1,2}}(?:st|nd|rd|th|er|\.)?,?\s(?:de\s|of\s)?{_MONTH}(?!\w)|(?<!\w){_MONTH}\.?\s\d{{1,2}}(?!\d)",
    re.IGNORECASE,
)
"""A day with its month: the number of a page or a week is none."""
FIRST_PART = re.compile(rf"^(?:{_OPENS})\s.*[^.!?:：]$|^[^\W_a-zA-Z].*[^.!?:：]$|@[\w.-]{{1,80}}>?\)?$")
"""How a mail program's line starts that goes on in the next one."""
MOST_PARTS = 3
NO_DATE = re.compile(rf"^(?:{_OPENS})\s[^\d,]{{3,40}},\s")
LONGEST_NAME = 5
FORWARDED = re.compile(
    r"^[-_*]{2,10}\s?(?:Original Message|Forwarded|Begin forwarded|Ursprüngliche Nachricht|Originalnachricht|"
    r"Weitergeleitete|Mensaje original|Mensaje reenviado|Message d.origine|Message transféré|Messaggio originale|"
    r"Messaggio inoltrato|Mensagem original|Mensagem encaminhada|原始邮件|原邮件|原始郵件|转发|الرسالة الأصلية|मूल संदेश|"
    r"Thư gốc|Tin nhắn gốc|Oorspronkelijk bericht)",
    re.IGNORECASE,
)
_FROM = "From|Von|De|Da|发件人|寄件者|من|प्रेषक|Từ|Van"
_THEN = (
    "Sent|Date|Gesendet|Datum|Enviado|Enviada|Fecha|Envoyé|Inviato|Data|发送时间|日期|已發送|تاريخ الإرسال|التاريخ|"
    "भेजा गया|दिनांक|Đã gửi|Ngày|Verzonden|To|An|Para|À|A|收件人|إلى|सेवा में|Tới|Đến|Aan"
)
FROM = re.compile(rf"^\*?(?:{_FROM})\s?[:：]\*?\s?\S", re.IGNORECASE)
THEN = re.compile(rf"^\*?(?:{_THEN})\s?[:：]", re.IGNORECASE)
"""Two such lines under one another head the mail that is answered."""


def without_quotations(lines: Iterable[str]) -> Iterator[str]:
    """The lines that are the author's own.

    A mail program's "… wrote:" is followed by marked lines, and then own words may come, or by the whole mail, and
    then none do.
    """
    rows = list(lines)
    place = 0
    while place < len(rows):
        line, after = rows[place], place + _parts_of_attribution(rows, place)
        following = _at(rows, place + 1)
        if FORWARDED.match(line) or (FROM.match(line) and THEN.match(following)):
            return
        if after > place:
            if not _is_marked(_at(rows, after)):
                return
        elif not _is_marked(line) and not (_says_who_writes(line) and _is_marked(following)):
            yield line
        place = max(after, place + 1)


def _at(rows: list[str], place: int) -> str:
    return rows[place] if place < len(rows) else ""


def _is_marked(line: str) -> bool:
    return line.startswith((">", "＞"))


def _parts_of_attribution(rows: list[str], place: int) -> int:
    """How many lines from here on are one mail program's "… wrote:"; 0 if they are none."""
    line = rows[place]
    if _is_marked(line):
        return 0
    if _ends_own_words(line):
        return 1
    whole = line
    for parts in range(2, MOST_PARTS + 1):
        goes_on = len(whole) <= LONGEST_START and FIRST_PART.search(line) and _dated(line)
        following = _at(rows, place + parts - 1)
        if not goes_on or not following or _is_marked(following):
            return 0
        whole = f"{whole} {following}"
        if following.endswith((":", "：")):
            return parts if _ends_own_words(whole) else 0
        if following.endswith((".", "!", "?")):
            return 0
    return 0


def _dated(line: str) -> bool:
    """With a time or an address, or with a date and a comma behind it."""
    return TIME_OR_ADDRESS.search(line) is not None or (line.endswith(",") and DATE.search(line) is not None)


def _ends_own_words(line: str) -> bool:
    """Whether somebody else's mail follows: by a time, a date or an address, or by a bare name."""
    if len(line) > LONGEST_START or not line.endswith((":", "：")) or MYSELF.search(line):
        return False
    if TIME_OR_ADDRESS.search(line) or DATE.search(line):
        return WRITES_BY_MAIL.match(line) is not None
    writes = WRITES.match(line)
    return writes is not None and not _OF_ESSAYS.search(line) and _is_name(NO_DATE.sub("", writes["who"]))


def _is_name(words: str) -> bool:
    """A few capitalised words, or words of a script without capitals, and nothing else."""
    parts = words.split()
    capital = all(not part[0].islower() or part in PARTICLES for part in parts)
    return 0 < len(parts) <= LONGEST_NAME and capital and not any(char.isdigit() for char in words)


def _says_who_writes(line: str) -> bool:
    return len(line) <= LONGEST_START and WRITES.match(line) is not None
