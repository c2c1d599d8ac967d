"""Names of the course's people, addresses and numbers → typed placeholders (P30, P31).

What comes out is pseudonymised, not anonymous: a friend who is not on the roster stays, and so does a story
that only one person can tell (P33).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

from lti_tool.ingest import initials
from lti_tool.ingest.folding import fold
from lti_tool.ingest.names import ATOM, Named, forms_of, ordinary_words
from lti_tool.ingest.patterns import replace_patterns
from lti_tool.ingest.surroundings import (
    Word,
    addressed,
    adjacent,
    adjoining_by_comma,
    capitalised,
    in_calendar,
    opens_sentence,
    speaks,
)
from lti_tool.ingest.unspaced import UnspacedNames
from lti_tool.ingest.variants import known_words

NAME = "[NAME]"
PLACEHOLDER = re.compile(r"(\[[A-Z]+\])")
ARABIC_PREFIXES = ("و", "ف", "ب", "ل", "ك", "ال", "وال", "ول")
LONGEST_NAME = 40
"""A longer word is no misspelt name, and asking would take time that grows with its square."""
MOST_REMEMBERED = 50_000
VIETNAMESE = re.compile("[\u0309\u031b\u0323]|[\u0302\u0306][\u0300\u0301\u0303]|đ")
"""Marks that nobody adds to a name by mistake; dropping them is common."""
_STOP = """
i a an the this that these those it he she we they you my our your his her its what when why how
"""
STOP = frozenset(_STOP.split())
"""Never a name on their own, whatever a roster says."""


class Deidentifier:
    """Cleans texts of one course; holds the roster's names in memory only."""

    def __init__(self, members: Iterable[Named]) -> None:
        self._forms = forms_of(members)
        self._unspaced = UnspacedNames(self._forms.unspaced, self._forms.family_characters)
        self._likeness: dict[str, str] = {}

    def clean(self, text: str) -> str:
        """The text with placeholders. Placeholders that are there already stay as they are."""
        text = _outside_placeholders(text, replace_patterns)
        return _outside_placeholders(text, self._replace_names)

    def _replace_names(self, text: str) -> str:
        text = self._unspaced.replace(text, NAME)
        return _outside_placeholders(text, self._replace_spaced)

    def _replace_spaced(self, text: str) -> str:
        words = [Word(m.start(), m.end(), m[0], self._folded(m[0])) for m in ATOM.finditer(text)]
        named = [self._is_strong(text, word) for word in words]
        self._mark_joined(text, words, named)
        initials.mark(text, words, named, self._forms.pairs)
        for place in range(len(words)):
            named[place] = named[place] or self._is_weak_name(text, words, named, place)
        for place in range(len(words) - 1, -1, -1):
            named[place] = named[place] or self._is_kin(text, words, named, place)
        self._extend(text, words, named)
        return _with_placeholders(text, words, named)

    def _folded(self, raw: str) -> str:
        """Folded; an Arabic "and", "to" or "with" that is written onto a name is left out."""
        folded, forms = fold(raw), self._forms
        if not "\u0600" <= raw[0] <= "\u06ff" or folded in forms.strong or folded in forms.weak:
            return folded
        bare = (folded.removeprefix(prefix) for prefix in ARABIC_PREFIXES)
        return next((name for name in bare if name in forms.strong or name in forms.weak), folded)

    def _is_strong(self, text: str, word: Word) -> bool:
        strong = self._forms.strong
        if word.folded in strong:
            return not self._is_other_word(text, word)
        genitive = word.raw[0].isupper() and word.folded.endswith("s") and len(word.folded) > 4
        return genitive and word.folded[:-1] in strong

    def _is_other_word(self, text: str, word: Word) -> bool:
        """A word that differs from the name in its accents, as "phần" from Phan, where no capital says name."""
        raw = word.raw.casefold()
        if raw == word.folded or raw in self._forms.written:
            return False
        if not (raw in known_words() or VIETNAMESE.search(unicodedata.normalize("NFD", raw))):
            return False
        return word.raw[0].islower() or opens_sentence(text, word)

    def _mark_joined(self, text: str, words: list[Word], named: list[bool]) -> None:
        """Two words that make one name together: seo yeon for Seo-yeon, o'leary, whitcombe hall, li xi for Xi Li."""
        for place in range(len(words) - 1):
            one, two = words[place].folded, words[place + 1].folded
            whole = one + two in self._forms.strong and (one + two in self._forms.parted or _rare(one, two))
            full = (one, two) in self._forms.wholes and STOP.isdisjoint((one, two))
            if (whole or full) and adjacent(text, words, place):
                named[place] = named[place + 1] = True

    def _is_weak_name(self, text: str, words: list[Word], named: list[bool], place: int) -> bool:
        """A name that is also a word: beside another name, addressed, or capitalised inside a sentence."""
        word = words[place]
        if word.folded in STOP or self._is_other_word(text, word):
            return False
        if word.folded not in self._forms.weak:
            return self._is_like_a_name(text, word)
        if self._beside_name(text, words, named, place):
            return True
        capital = capitalised(word.raw)
        if addressed(text, word):
            return capital or _caseless(word.raw) or not text[word.end : word.end + 2].strip().isalpha()
        if not capital or in_calendar(text, word):
            return False
        return not opens_sentence(text, word) or speaks(text, word)

    def _is_kin(self, text: str, words: list[Word], named: list[bool], place: int) -> bool:
        """Beside a name that was found behind it: ji woo kang."""
        word = words[place]
        weak = word.folded in self._forms.weak and word.folded not in STOP
        return weak and self._beside_name(text, words, named, place)

    def _is_like_a_name(self, text: str, word: Word) -> bool:
        """Bent or misspelt it is one wherever it is capitalised, shortened it must not open a sentence."""
        if len(word.folded) < 3 or not (word.raw[0].isupper() or _caseless(word.raw)):
            return False
        like = self._like(word.folded)
        if not like or not (capitalised(word.raw) or _caseless(word.raw)):
            return False
        if like == "near":
            return True
        return addressed(text, word) or not opens_sentence(text, word) or speaks(text, word)

    def _like(self, folded: str) -> str:
        """ "near" a name, "part" of one, or "": asked once for each word of a course."""
        found = self._likeness.get(folded)
        if found is None:
            if len(self._likeness) >= MOST_REMEMBERED:
                self._likeness.clear()
            found = self._likeness[folded] = self._compared(folded)
        return found

    def _compared(self, folded: str) -> str:
        if len(folded) > LONGEST_NAME or folded in known_words() or folded in ordinary_words():
            return ""
        variants = self._forms.variants
        if variants.inflected(folded) or variants.misspelt(folded):
            return "near"
        return "part" if variants.shortened(folded) else ""

    def _beside_name(self, text: str, words: list[Word], named: list[bool], place: int) -> bool:
        """Beside another word of the same member in any case, or capitalised beside any name."""
        forms, word = self._forms, words[place]
        for other in (place - 1, place + 1):
            if not 0 <= other < len(words):
                continue
            near = words[other]
            comma = adjoining_by_comma(text, words, min(place, other)) and not word.raw[0].islower()
            if not comma and not adjacent(text, words, min(place, other)):
                continue
            kin = near.folded != word.folded and forms.owners.get(near.folded, set()) & forms.owners.get(
                word.folded, set()
            )
            both_capital = capitalised(word.raw) and capitalised(near.raw)
            if (named[other] and (kin or (both_capital and not comma))) or (
                kin and both_capital and near.folded in forms.weak
            ):
                return True
        return False

    def _extend(self, text: str, words: list[Word], named: list[bool]) -> None:
        """Take in particles between two parts of a name ("van der"), and initials beside a name."""
        small = self._forms.particles | self._forms.initials
        for place in range(len(words) - 1, -1, -1):
            if named[place] or words[place].folded not in small:
                continue
            left = place > 0 and named[place - 1] and adjacent(text, words, place - 1)
            right = place + 1 < len(words) and named[place + 1] and adjacent(text, words, place)
            if self._is_initial(text, words[place], left, right):
                named[place] = True
            elif right and words[place].folded in self._forms.particles:
                self._take_particles(text, words, named, place)

    def _take_particles(self, text: str, words: list[Word], named: list[bool], last: int) -> None:
        """Particles before a name belong to it when a name or an initial stands before them."""
        first = last
        while (
            first > 0
            and words[first - 1].folded in self._forms.particles
            and adjacent(text, words, first - 1)
        ):
            first -= 1
        before = first - 1
        if before < 0 or not adjacent(text, words, before):
            return
        if named[before] or self._is_initial(text, words[before], False, True):
            named[before : last + 1] = [True] * (last + 1 - before)

    def _is_initial(self, text: str, word: Word, left: bool, right: bool) -> bool:
        if len(word.raw) != 1 or not word.raw.isupper() or not (left or right):
            return False
        after = text[word.end : word.end + 1]
        return after == "." or (right and after in ("'", "’")) or (left and after in ("", ",", ")", "\n"))


def _rare(*words: str) -> bool:
    """Neither a letter nor an ordinary word: "in a" is not Ina, "seo yeon" may be Seoyeon."""
    return all(len(word) > 1 and word not in known_words() and word not in ordinary_words() for word in words)


def _caseless(word: str) -> bool:
    return not word[0].isupper() and not word[0].islower()


def _with_placeholders(text: str, words: list[Word], named: list[bool]) -> str:
    pieces, end = [], 0
    for place, word in enumerate(words):
        if not named[place]:
            continue
        joined = place > 0 and named[place - 1] and adjacent(text, words, place - 1)
        if not joined:
            pieces += [text[end : word.start], NAME]
        end = word.end
        if len(word.raw) == 1 and text[end : end + 1] == ".":
            end += 1
    return "".join([*pieces, text[end:]])


def _outside_placeholders(text: str, replace: Callable[[str], str]) -> str:
    parts = PLACEHOLDER.split(text)
    return "".join(part if number % 2 else replace(part) for number, part in enumerate(parts))
