"""The forms in which a roster's names are written, and how a word of a text is compared to them (P31)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Protocol

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
SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
ATOM = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0d7f\u200c\u200d])*")
"""A run of letters with their marks; apostrophes, hyphens and dots part two atoms."""
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
"""Scripts that write no spaces between words, and Korean, which joins particles to names."""
_PARTICLES = """
de del della di da do dos das du des la le les el al ad as ul van von der den ter ten zu zum y e i bin bint
ibn ben abu abd thi mac mc st san santa of the
"""
PARTICLES = frozenset(_PARTICLES.split())
MARKS = frozenset({"Mn", "Cf"})


class Named(Protocol):
    """Whatever has a name: a member of the roster."""

    @property
    def given(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass
class Forms:
    """Folded forms of all names of a course."""

    strong: set[str] = field(default_factory=set)
    """Names and nothing else: replaced wherever they stand."""
    weak: set[str] = field(default_factory=set)
    """Names that are also words, or very short: replaced only where they look like names."""
    owners: dict[str, set[int]] = field(default_factory=dict)
    """Which members a form belongs to: two words of one member side by side are a name in any case."""
    particles: set[str] = field(default_factory=set)
    initials: set[str] = field(default_factory=set)
    unspaced: set[str] = field(default_factory=set)
    family_characters: set[str] = field(default_factory=set)
    """Family names of one character, replaced before a title only."""


def fold(word: str) -> str:
    """Lower case without accents: José, JOSÉ and jose become one."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in plain if unicodedata.category(char) not in MARKS).translate(LETTERS)


@lru_cache(maxsize=1)
def ordinary_words() -> frozenset[str]:
    """Folded words of several languages that may stand in a text without meaning a person."""
    return frozenset((files("lti_tool.ingest") / "ordinary_words.txt").read_text("utf-8").split())


def forms_of(members: Iterable[Named]) -> Forms:
    """Every form of every member's names."""
    forms = Forms()
    for number, member in enumerate(members):
        words = _words(member)
        for word in words:
            _add_word(forms, word)
            for atom in ATOM.findall(word):
                forms.owners.setdefault(fold(atom), set()).add(number)
        _add_joined(forms, member)
        forms.initials |= {fold(word)[:1] for word in words if fold(word)[:1].isascii()}
    forms.particles -= forms.strong
    return forms


def _words(member: Named) -> list[str]:
    return f"{member.given} {member.family} {member.name}".split()


def _add_word(forms: Forms, word: str) -> None:
    for run in UNSPACED.findall(word):
        if len(run) > 1:
            forms.unspaced.add(run)
        elif run == word:
            forms.family_characters.add(run)
    if UNSPACED.search(word):
        return
    atoms = [atom for spelling in _spellings(word) for atom in ATOM.findall(spelling)]
    for folded in map(fold, atoms):
        _add_folded(forms, folded, particle=True)
    if len(ATOM.findall(word)) > 1:
        _add_folded(forms, "".join(map(fold, ATOM.findall(word))), particle=False)


def _add_folded(forms: Forms, folded: str, *, particle: bool) -> None:
    if len(folded) < 2:
        return
    if particle and folded in PARTICLES:
        forms.particles.add(folded)
    elif len(folded) == 2 or folded in ordinary_words():
        forms.weak.add(folded)
    else:
        forms.strong.add(folded)


def _add_joined(forms: Forms, member: Named) -> None:
    """Names run together, as in nicknames; in scripts without spaces, the whole name in both orders."""
    given, family = "".join(member.given.split()), "".join(member.family.split())
    if UNSPACED.search(given + family):
        forms.unspaced |= {whole for whole in (family + given, given + family) if len(whole) > 1}
        return
    for parts in ((member.given,), (member.family,), (member.given, member.family)):
        joined = "".join(fold(atom) for part in parts for atom in ATOM.findall(part))
        if len(joined) >= 6 and joined not in forms.weak:
            forms.strong.add(joined)


def _spellings(word: str) -> Iterator[str]:
    """The word, and as those write it who have no umlauts: Müller, Mueller."""
    yield word
    spelled = word.casefold().translate(SPELLED_OUT)
    if spelled != word.casefold():
        yield spelled
