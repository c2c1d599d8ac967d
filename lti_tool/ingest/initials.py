"""Initials alone, where they are a member's: J.S., JS (P31)."""

from lti_tool.ingest.surroundings import Word, addressed, speaks

_SHORT = """
td kw ub ab vo lm hw sw qc ux vb gb
ai am ap ba bc bs ca cd cm cs cv da dc de dj dm dr ed eg em eq es eu ex fb fc fm fr ft gb go gp hd hi hp
hq hr ht ia ib ic id ie if ii ij im in io ip iq is it iv ix jr js kg km kb la lb le ma mb me mg ml mm mr
ms mt mv my na nb nh nl nm no np ns nt ny of ok on op or os pa pb pc pe pi pj pm pp pr ps pt qa qr ra rd
re ri rl rn rs se so sr st ta tb tf th ti to tp ts tv ui uk un up us uv vc vi vm vr vs wc we xi yo zz
"""
ABBREVIATIONS = frozenset(_SHORT.split())
"""Of subjects, units, countries and programs: initials only where somebody is addressed or speaks."""
DOTTED = frozenset("us uk dc ps bc ad am pm un eu nb zb ba ma bs ms ph vs dh ua".split())
"""U.S., P.S., z. B."""


def mark(text: str, words: list[Word], named: list[bool], pairs: set[str]) -> None:
    """Mark two capitals, together or each with a full stop, that begin a member's given and family name."""
    for place, word in enumerate(words):
        if len(word.raw) == 2 and word.raw.isupper() and word.folded in pairs and _alone(text, word):
            common = word.folded in ABBREVIATIONS or _among_capitals(words, place)
            named[place] = named[place] or not common or addressed(text, word) or speaks(text, word)
        elif (
            _dotted(text, words, place) and _pair(words, place) in pairs and _pair(words, place) not in DOTTED
        ):
            named[place] = named[place + 1] = True


def _dotted(text: str, words: list[Word], place: int) -> bool:
    """J. S. or J.S., with no third letter before or behind: no abbreviation of three words."""
    if place + 1 >= len(words):
        return False
    one, two = words[place], words[place + 1]
    return (
        len(one.raw) == len(two.raw) == 1
        and one.raw.isupper()
        and two.raw.isupper()
        and text[one.end : two.start] in (".", ". ")
        and text[two.end : two.end + 1] == "."
        and not text[max(0, one.start - 1) : one.start].strip(" (,\"'“@")
        and not (place + 2 < len(words) and words[place + 2].start == two.end + 1)
    )


def _pair(words: list[Word], place: int) -> str:
    return words[place].folded + words[place + 1].folded


def _alone(text: str, word: Word) -> bool:
    """CO2 and K_AB are none."""
    return not any(
        char.isdigit() or char == "_"
        for char in text[max(0, word.start - 1) : word.start] + text[word.end : word.end + 1]
    )


def _among_capitals(words: list[Word], place: int) -> bool:
    """Inside a text that is all capitals."""
    near = [word.raw for word in words[max(0, place - 1) : place] + words[place + 1 : place + 2]]
    return any(len(raw) > 1 and raw.isupper() for raw in near)
