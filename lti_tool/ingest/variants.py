"""Names as people bend, shorten and misspell them: Ainon for Aino, Dami for Oluwadamilola, Elizabth (P31).

Each test asks about one folded word and takes a time that depends on the word's length alone, however long the roster
is. What a test finds is a name only where the word stands like one, and never when it is a known word.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from lti_tool.ingest.folding import fold

SHORTEST_MISSPELT = 5
"""A name of four letters has a word one letter away in every language."""
SHORTEST_STEM = 3
LONGEST_ENDING = 4
_ENDINGS = """
s es n en a e i o u y em iem om ie ou ej iej ego iego emu iemu ym im ych ich ami ovi owi ove ow ova
in un nin nun den dan ten tan ye ya yi yu le la yle yla de da te ta
lle lta lla ssa sta ksi na an han hen
а у ю е и ы я о ой ей ою ею ом ем ов ев ого ому ым им ых их ами ам ах ью ин ова еи ии и ию ия ии ове еві ові
ου ο ε η α ας ης ες ων ους οι ي
"""
ENDINGS = frozenset(map(fold, _ENDINGS.split()))
"""Of the cases of European languages, Turkish and Persian, folded."""
VOWELS = frozenset("aeiouyаеиоуыяюєіїειουαηως")
LAST_CHANGES = {
    "k": "cg",
    "g": "z",
    "t": "cd",
    "d": "z",
    "h": "z",
    "p": "b",
    "r": "z",
    "к": "ц",
    "г": "з",
    "х": "с",
}
SHORT_ENDINGS = ("y", "ie", "ey", "i", "o", "a", "ito", "ita", "inho", "inha", "chen", "ka", "ko", "ek", "us")


@dataclass
class Variants:
    """What is derived from the names of a roster; built once for a course."""

    given: str = ""
    """All given names after blanks: a shortened one is looked for as a part of this."""
    stems: set[str] = field(default_factory=set)
    exact: set[str] = field(default_factory=set)
    shorter: set[str] = field(default_factory=set)
    """Names with one letter left out."""
    holed: set[str] = field(default_factory=set)
    """Names with "*" for one letter."""

    def inflected(self, word: str) -> bool:
        return any(
            word[-cut:] in ENDINGS and word[:-cut] in self.stems
            for cut in range(1, min(LONGEST_ENDING, len(word) - SHORTEST_STEM) + 1)
        )

    def misspelt(self, word: str) -> bool:
        """Whether the word is a name but for one letter left out, added or changed, or two that changed places."""
        if len(word) < SHORTEST_MISSPELT - 1:
            return False
        if word in self.shorter or any(without in self.exact for without in _without_one(word)):
            return True
        return any(holed in self.holed for holed in _holed(word)) or any(
            swapped in self.exact for swapped in _swapped(word)
        )

    def shortened(self, word: str) -> bool:
        """Whether the word begins a given name, stands inside a long one, or does so without a fond ending."""
        if len(word) >= 3 and f" {word}" in self.given:
            return True
        if len(word) >= 4 and word in self.given:
            return True
        for ending in SHORT_ENDINGS:
            stem = word.removesuffix(ending)
            if (
                stem != word
                and len(stem) >= 3
                and (f" {stem}" in self.given or _undoubled(stem) in self.given)
            ):
                return True
        return False


def variants_of(given: Iterable[str], names: Collection[str], words: Collection[str]) -> Variants:
    """From folded given names, all folded names that are no ordinary words, and those that are."""
    found = Variants(given=" " + " ".join(sorted(set(given))) + " ")
    for name in names:
        if len(name) >= SHORTEST_STEM:
            found.stems.update(_stems(name))
    for name in (*names, *words):
        if len(name) >= SHORTEST_MISSPELT:
            found.exact.add(name)
            found.shorter.update(_without_one(name))
            found.holed.update(_holed(name))
    return found


@lru_cache(maxsize=1)
def nicknames() -> dict[str, frozenset[str]]:
    """Folded name → what its bearers may be called: short forms, and the full form of a short one."""
    found: dict[str, set[str]] = {}
    for line in (files("lti_tool.ingest") / "nicknames.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        full, short = ([fold(word) for word in side.split()] for side in line.split(":"))
        for name in full:
            found.setdefault(name, set()).update(short)
        for name in short:
            found.setdefault(name, set()).update(full)
    return {name: frozenset(others - {name}) for name, others in found.items()}


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Words of student prose in ten languages, as written and folded: they may be a name, but never a misspelt one."""
    return frozenset((files("lti_tool.ingest") / "known_words.txt").read_text("utf-8").split())


def _stems(name: str) -> Iterator[str]:
    """What may stand before a case ending: Petr-em, Katarzyn-y, Mark-a of Marek, Elisc-e, Pek-an, Niemise-n."""
    whole = name.removesuffix("ς").removesuffix("σ")
    bare = whole[:-1] if whole[-1] in VOWELS else whole
    yield from (whole, bare)
    if len(bare) > 2 and bare[-1] in "йьь":
        yield bare[:-1]
    for last in LAST_CHANGES.get(bare[-1], ""):
        yield bare[:-1] + last
    if len(whole) > 4 and whole[-2] in "eе" and whole[-1] not in VOWELS:
        yield whole[:-2] + whole[-1]
    if name.endswith("nen"):
        yield name[:-3] + "se"
    if len(whole) > 3 and whole[-1] in VOWELS and whole[-2] == whole[-3] and whole[-2] in "kpt":
        yield whole[:-2] + whole[-1]
    if whole.endswith("ki"):
        yield whole[:-2] + "e"
    if whole.endswith(("ий", "ый", "ии", "ыи")):
        yield whole[:-2]


def _without_one(word: str) -> Iterator[str]:
    """The first letter stays: people know how a name begins."""
    return (word[:place] + word[place + 1 :] for place in range(1, len(word)))


def _holed(word: str) -> Iterator[str]:
    return (f"{word[:place]}*{word[place + 1 :]}" for place in range(1, len(word)))


def _swapped(word: str) -> Iterator[str]:
    return (
        word[:place] + word[place + 1] + word[place] + word[place + 2 :] for place in range(1, len(word) - 1)
    )


def _undoubled(stem: str) -> str:
    """Tommy of Tom: " tom" """
    return f" {stem[:-1]}" if stem[-1] == stem[-2] else "\n"
