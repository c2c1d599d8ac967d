"""The forms in which a roster's names are written, and how a word of a text is compared to them (P31)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Protocol

from lti_tool.ingest.folding import fold
from lti_tool.ingest.unspaced import UNSPACED, fond_names
from lti_tool.ingest.variants import Variants, known_words, nicknames, variants_of

SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
ATOM = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0d7f\u200c\u200d])*")
"""A run of letters with their marks; apostrophes, hyphens and dots part two atoms."""
_PARTICLES = """
de del della di da do dos das du des la le les el al ad as ul van von der den ter ten zu zum y e i bin bint
ibn ben abu abd thi mac mc st san santa of the
"""
PARTICLES = frozenset(_PARTICLES.split())


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
    parted: set[str] = field(default_factory=set)
    """Names of several words, run together."""
    wholes: set[tuple[str, str]] = field(default_factory=set)
    """Full names of two words, in both orders."""
    written: set[str] = field(default_factory=set)
    """The words of the roster with their accents, in small letters."""
    weak: set[str] = field(default_factory=set)
    """Names that are also words, or very short: replaced only where they look like names."""
    owners: dict[str, set[int]] = field(default_factory=dict)
    """Which members a form belongs to: two words of one member side by side are a name in any case."""
    particles: set[str] = field(default_factory=set)
    initials: set[str] = field(default_factory=set)
    unspaced: set[str] = field(default_factory=set)
    family_characters: set[str] = field(default_factory=set)
    """Family names of one character, replaced before a title only."""
    pairs: set[str] = field(default_factory=set)
    """First letters of a given and a family name."""
    variants: Variants = field(default_factory=Variants)


@lru_cache(maxsize=1)
def ordinary_words() -> frozenset[str]:
    """Folded words of several languages that may stand in a text without meaning a person."""
    return frozenset((files("lti_tool.ingest") / "ordinary_words.txt").read_text("utf-8").split())


def forms_of(members: Iterable[Named]) -> Forms:
    """Every form of every member's names."""
    forms, given = Forms(), set()
    for number, member in enumerate(members):
        words = _words(member)
        for word in words:
            _add_word(forms, word)
            for atom in ATOM.findall(word):
                forms.written.add(unicodedata.normalize("NFC", atom.casefold()))
                forms.owners.setdefault(fold(atom), set()).add(number)
        _add_joined(forms, member)
        _add_initials(forms, member)
        given |= _given(member)
    written = set(forms.owners)
    for name in given:
        _add_nicknames(forms, name)
    forms.particles -= forms.strong
    forms.variants = variants_of(given, forms.strong, written & forms.weak)
    return forms


def _given(member: Named) -> set[str]:
    """Folded given names, one by one and together."""
    atoms = [fold(atom) for atom in ATOM.findall(member.given)]
    return {name for name in (*atoms, "".join(atoms)) if len(name) > 2 and name not in PARTICLES}


def _add_nicknames(forms: Forms, name: str) -> None:
    for nickname in nicknames().get(name, ()):
        if len(nickname) > 2 and nickname not in known_words():
            _add_folded(forms, nickname, particle=False)
        else:
            forms.weak.add(nickname)


def _add_initials(forms: Forms, member: Named) -> None:
    forms.initials |= {fold(word)[:1] for word in _words(member) if not UNSPACED.match(word)}
    for first in ATOM.findall(member.given)[:1]:
        forms.pairs |= {fold(first)[:1] + fold(last)[:1] for last in ATOM.findall(member.family)}


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
        joined = "".join(map(fold, ATOM.findall(word)))
        forms.parted.add(joined)
        _add_folded(forms, joined, particle=False)


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
        forms.unspaced |= set(fond_names(given, family))
        return
    one, two = ([fold(atom) for atom in ATOM.findall(part)] for part in (member.given, member.family))
    if len(one) == len(two) == 1:
        forms.wholes |= {(one[0], two[0]), (two[0], one[0])}
    for parts in ((member.given,), (member.family,), (member.given, member.family)):
        joined = "".join(fold(atom) for part in parts for atom in ATOM.findall(part))
        if len(joined) >= 6 and joined not in forms.weak:
            forms.strong.add(joined)
            forms.parted.add(joined)


def _spellings(word: str) -> Iterator[str]:
    """The word, and as those write it who have no umlauts: Müller, Mueller."""
    yield word
    spelled = word.casefold().translate(SPELLED_OUT)
    if spelled != word.casefold():
        yield spelled
