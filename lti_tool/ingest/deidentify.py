"""Names of the course's people, addresses and numbers → typed placeholders (P30, P31).

What comes out is pseudonymised, not anonymous: a friend who is not on the roster stays, and so does a story
that only one person can tell (P33).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lti_tool.ingest.names import ATOM, Forms, Named, fold, forms_of
from lti_tool.ingest.patterns import replace_patterns

NAME = "[NAME]"
PLACEHOLDER = re.compile(r"(\[[A-Z]+\])")
BETWEEN = re.compile(r"[ \t]?[-‐‑'’ʼ`.]?[ \t]?")
"""What may stand between two words of one name."""
ENDS_SENTENCE = re.compile(r"(?:^|[.!?:;…\n\"“”«»(\[*•>–—-])\s*[\"“'‘«(¿¡]*$")
TITLES = "(?:同学|老师|教授|先生|女士|小姐|学长|学姐|さん|くん|君|씨|님|군|양)"
ARABIC_PREFIXES = ("و", "ف", "ب", "ل", "ك", "ال", "وال", "ول")
THANKS = (
    "thanks|thank you|thx|ty|cheers|hi|hey|hello|dear|hola|gracias|merci|bonjour|salut|danke|hallo|liebe[rs]?"
    "|يا|شكرا|شكراً"
)
AFTER_THANKS = re.compile(rf"(?:@|(?<!\w)(?:{THANKS})\s)$", re.IGNORECASE)
SPEAKING = (
    "said|says|wrote|writes|explained|explains|mentioned|told|asked|answered|suggested|posted|showed|helped|thinks|"
    "thought|pointed|and\\s+I"
)
SPEAKS = re.compile(rf"[’']s\b|\s(?:{SPEAKING})\b|,\s")
CALENDAR = re.compile(
    r"(?:\b(?:in|by|since|until|till|of|early|late|mid|next|last|from|on|and|to)\s|\d\s?)$", re.IGNORECASE
)
MONTHS = frozenset({"april", "may", "june", "august", "mai", "juni", "avril", "mayo"})
NUMBER_AFTER = re.compile(r"\s\d")
_STOP = """
i a an the this that these those it he she we they you my our your his her its what when why how
"""
STOP = frozenset(_STOP.split())
"""Never a name on their own, whatever a roster says."""


@dataclass(frozen=True)
class _Word:
    start: int
    end: int
    raw: str
    folded: str


class Deidentifier:
    """Cleans texts of one course; holds the roster's names in memory only."""

    def __init__(self, members: Iterable[Named]) -> None:
        self._forms = forms_of(members)
        self._unspaced = _alternatives(self._forms)

    def clean(self, text: str) -> str:
        """The text with placeholders. Placeholders that are there already stay as they are."""
        text = _outside_placeholders(text, replace_patterns)
        return _outside_placeholders(text, self._replace_names)

    def _replace_names(self, text: str) -> str:
        if self._unspaced is not None:
            text = self._unspaced.sub(NAME, text)
        return _outside_placeholders(text, self._replace_spaced)

    def _replace_spaced(self, text: str) -> str:
        words = [_Word(m.start(), m.end(), m[0], fold(m[0])) for m in ATOM.finditer(text)]
        named = [self._is_strong(word) for word in words]
        self._mark_joined(text, words, named)
        for place in range(len(words)):
            named[place] = named[place] or self._is_weak_name(text, words, named, place)
        self._extend(text, words, named)
        return _with_placeholders(text, words, named)

    def _is_strong(self, word: _Word) -> bool:
        strong = self._forms.strong
        if word.folded in strong:
            return True
        if "\u0600" <= word.raw[0] <= "\u06ff":
            return any(word.folded.startswith(p) and word.folded[len(p) :] in strong for p in ARABIC_PREFIXES)
        genitive = word.raw[0].isupper() and word.folded.endswith("s") and len(word.folded) > 4
        return genitive and word.folded[:-1] in strong

    def _mark_joined(self, text: str, words: list[_Word], named: list[bool]) -> None:
        """Two words that make one name together: seo yeon for Seo-yeon, o'leary, whitcombe hall."""
        for place in range(len(words) - 1):
            joined = words[place].folded + words[place + 1].folded
            if joined in self._forms.strong and _adjacent(text, words, place):
                named[place] = named[place + 1] = True

    def _is_weak_name(self, text: str, words: list[_Word], named: list[bool], place: int) -> bool:
        """A name that is also a word: beside another name, addressed, or capitalised inside a sentence."""
        word = words[place]
        if word.folded not in self._forms.weak or word.folded in STOP:
            return False
        if self._beside_name(text, words, named, place):
            return True
        before, capital = text[max(0, word.start - 12) : word.start], _capitalised(word.raw)
        if AFTER_THANKS.search(before):
            return capital or not text[word.end : word.end + 2].strip().isalpha()
        if not capital or _calendar(word, before, text):
            return False
        inside = not ENDS_SENTENCE.search(before) if word.start else False
        return inside or bool(SPEAKS.match(text, word.end))

    def _beside_name(self, text: str, words: list[_Word], named: list[bool], place: int) -> bool:
        """Beside another word of the same member in any case, or capitalised beside any name."""
        forms, word = self._forms, words[place]
        for other in (place - 1, place + 1):
            if not 0 <= other < len(words) or not _adjacent(text, words, min(place, other)):
                continue
            near = words[other]
            kin = near.folded != word.folded and forms.owners.get(near.folded, set()) & forms.owners.get(
                word.folded, set()
            )
            both_capital = _capitalised(word.raw) and _capitalised(near.raw)
            if (named[other] and (kin or both_capital)) or (
                kin and both_capital and near.folded in forms.weak
            ):
                return True
        return False

    def _extend(self, text: str, words: list[_Word], named: list[bool]) -> None:
        """Take in particles between two parts of a name ("van der"), and initials beside a name."""
        small = self._forms.particles | self._forms.initials
        for place in range(len(words) - 1, -1, -1):
            if named[place] or words[place].folded not in small:
                continue
            left = place > 0 and named[place - 1] and _adjacent(text, words, place - 1)
            right = place + 1 < len(words) and named[place + 1] and _adjacent(text, words, place)
            if self._is_initial(text, words[place], left, right):
                named[place] = True
            elif right and words[place].folded in self._forms.particles:
                self._take_particles(text, words, named, place)

    def _take_particles(self, text: str, words: list[_Word], named: list[bool], last: int) -> None:
        """Particles before a name belong to it when a name or an initial stands before them."""
        first = last
        while (
            first > 0
            and words[first - 1].folded in self._forms.particles
            and _adjacent(text, words, first - 1)
        ):
            first -= 1
        before = first - 1
        if before < 0 or not _adjacent(text, words, before):
            return
        if named[before] or self._is_initial(text, words[before], False, True):
            named[before : last + 1] = [True] * (last + 1 - before)

    def _is_initial(self, text: str, word: _Word, left: bool, right: bool) -> bool:
        if len(word.raw) != 1 or not word.raw.isupper() or not (left or right):
            return False
        after = text[word.end : word.end + 1]
        return after == "." or (right and after in ("'", "’")) or (left and after in ("", ",", ")", "\n"))


def _alternatives(forms: Forms) -> re.Pattern[str] | None:
    """One pattern for names in scripts without spaces, longest first."""
    options = [re.escape(name) for name in sorted(forms.unspaced, key=len, reverse=True)]
    if forms.family_characters:
        options.append(f"[{''.join(sorted(forms.family_characters))}](?={TITLES})")
    return re.compile("|".join(options)) if options else None


def _capitalised(word: str) -> bool:
    """Will, but neither will nor WILL; a script without capitals never is."""
    return word[0].isupper() and (len(word) == 1 or not word[1:].isupper())


def _calendar(word: _Word, before: str, text: str) -> bool:
    return word.folded in MONTHS and bool(CALENDAR.search(before) or NUMBER_AFTER.match(text, word.end))


def _adjacent(text: str, words: list[_Word], place: int) -> bool:
    """Whether words `place` and `place + 1` may belong to one name by what stands between them."""
    return BETWEEN.fullmatch(text, words[place].end, words[place + 1].start) is not None


def _with_placeholders(text: str, words: list[_Word], named: list[bool]) -> str:
    pieces, end = [], 0
    for place, word in enumerate(words):
        if not named[place]:
            continue
        joined = place > 0 and named[place - 1] and _adjacent(text, words, place - 1)
        if not joined:
            pieces += [text[end : word.start], NAME]
        end = word.end
        if len(word.raw) == 1 and text[end : end + 1] == ".":
            end += 1
    return "".join([*pieces, text[end:]])


def _outside_placeholders(text: str, replace: Callable[[str], str]) -> str:
    parts = PLACEHOLDER.split(text)
    return "".join(part if number % 2 else replace(part) for number, part in enumerate(parts))
