"""Sentences that mention the people of two invented rosters, in every way in which people write a name.

The rules of de-identification were written with the half "tuned" in view. Nobody looked at the texts of the half
"held_out" while doing so: most of its names were drawn by chance from lists of common names.
"""

import json
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lti_tool.ingest.deidentify import Deidentifier
from lti_tool.ingest.names import ATOM, UNSPACED
from model import starter
from tests.ingest.measuring import TOKEN, Measured, Name, remains, removed

FOLDER = Path(__file__).with_name("mentions")
HALVES = ("tuned", "held_out")
CASELESS = frozenset({"ar", "fa", "hi", "zh", "ja", "ko"})
FEWEST_MISSPELT = 5
TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "Hr.", "Sr.", "Sra.", "M.", "Mme.")


@dataclass(frozen=True)
class Person:
    origin: str
    language: str
    given: str
    family: str
    nicknames: tuple[str, ...]
    inflected: tuple[str, ...]

    @property
    def unspaced(self) -> bool:
        return bool(UNSPACED.search(self.given))


@dataclass(frozen=True)
class Mention:
    origin: str
    kind: str
    text: str
    words: str
    rest: str


@lru_cache
def people(half: str) -> tuple[Person, ...]:
    lines = (FOLDER / f"{half}.tsv").read_text("utf-8").splitlines()
    rows = ([*line.split("\t"), "", ""] for line in lines if not line.startswith("#"))
    return tuple(
        Person(
            *row[:4], tuple(row[4].split(",")) if row[4] else (), tuple(row[5].split(",")) if row[5] else ()
        )
        for row in rows
    )


def roster(half: str) -> list[Name]:
    return [Name(one.given, one.family) for one in people(half)]


def mentions(half: str) -> Iterator[Mention]:
    """Each way of writing each name, in one sentence of its language, and in an English one where letters are Latin."""
    sentences = json.loads((FOLDER / "sentences.json").read_text("utf-8"))[half]
    chance = random.Random(half)
    for one in people(half):
        for kind, words in _ways(one, chance):
            languages = {one.language, "en"} if words.isascii() else {one.language}
            for language in sorted(languages):
                sentence = chance.choice(sentences[language])
                yield Mention(one.origin, kind, sentence.format(words), words, sentence.format(" "))
    yield from _titled(half, sentences["en"])


def _titled(half: str, sentences: list[str]) -> Iterator[Mention]:
    """Families behind a title with a full stop, which is none of the name."""
    chance = random.Random(f"{half} titled")
    for one in people(half):
        if one.unspaced or not one.family.isascii():
            continue
        title, sentence = chance.choice(TITLES), chance.choice(sentences)
        text = sentence.format(f"{title} {one.family}")
        yield Mention(one.origin, "titled", text, one.family, sentence.format(f"{title}  "))


def _ways(one: Person, chance: random.Random) -> Iterator[tuple[str, str]]:
    given, family = one.given, one.family
    yield "given", given
    yield "full", _whole(one)
    yield from (("nickname", name) for name in one.nicknames)
    yield from (("inflected", name) for name in one.inflected)
    if one.unspaced:
        return
    yield "family", family
    yield "swapped", chance.choice((f"{family} {given}", f"{family}, {given}"))
    yield "joined", "".join(ATOM.findall(given + " " + family))
    yield from _misspelt_parts(one, chance)
    if one.language in CASELESS:
        return
    yield "at", "@" + "".join(ATOM.findall(given))
    yield "initial", chance.choice((f"{given[0]}. {family}", f"{given[0]} {family}", f"{given} {family[0]}."))
    one_letter, last = given[0], family.split()[-1][0]
    yield "initials", chance.choice((one_letter + last, f"{one_letter}. {last}.", f"{one_letter}.{last}."))
    yield "lower", f"{given} {family}".lower()
    yield "upper", f"{given} {family}".upper()
    for part in (given, family):
        if not _is_word(part):
            yield "lower", part.lower()
        if _plain(part) != part:
            yield "plain", _plain(part)
    if _plain(given + family) != given + family:
        yield "plain", _plain(f"{given} {family}")


def _whole(one: Person) -> str:
    return f"{one.family}{one.given}" if one.unspaced else f"{one.given} {one.family}"


@lru_cache
def _words() -> frozenset[str]:
    """What stands in small letters in student prose; a name among these cannot be told from the word in lower case."""
    rows = [row for part in ("train", "multilingual") for row in starter.load(part)]
    found = (word for row in rows for word in ATOM.findall(row["text"]) if word.islower())
    return frozenset(_plain(word) for word in found)


def _is_word(name: str) -> bool:
    return any(_plain(atom).lower() in _words() for atom in ATOM.findall(name))


def _plain(name: str) -> str:
    """Without accents, as on a keyboard that lacks them."""
    decomposed = unicodedata.normalize("NFKD", name.translate(str.maketrans("łŁıđĐøØ", "lLidDoO")))
    return unicodedata.normalize(
        "NFC", "".join(char for char in decomposed if not unicodedata.combining(char))
    )


def _misspelt_parts(one: Person, chance: random.Random) -> Iterator[tuple[str, str]]:
    for part in (one.given, one.family):
        longest = max(part.split(), key=len)
        if len(longest) >= FEWEST_MISSPELT:
            yield "misspelt", _misspelt(longest, chance)


def _misspelt(name: str, chance: random.Random) -> str:
    """One letter left out, doubled, changed for another of the same name, or two letters swapped; never the first."""
    place = chance.randrange(1, len(name) - 1) if len(name) > 2 else 1
    before, here, after = name[:place], name[place], name[place + 1 :]
    changed = chance.choice(
        (before + after, before + here + here + after, before + chance.choice(name[1:].lower()) + after)
        + ((before + after[0] + here + after[1:],) if after else ())
    )
    return changed if changed != name else before + after


def found(mention: Mention, text: str) -> bool:
    if mention.kind == "initials":
        return mention.words not in text
    words = mention.words.split("'")[0] if mention.kind == "inflected" else mention.words
    return not remains(text, words)


@lru_cache
def cleaned(half: str) -> tuple[tuple[Mention, str], ...]:
    """Every mention of one half, its text cleaned with that half's whole roster."""
    cleaner = Deidentifier(roster(half))
    return tuple((mention, cleaner.clean(mention.text)) for mention in mentions(half))


def measure(half: str, by: str) -> list[Measured]:
    """Recall and loss of one half by "origin" or by "kind"."""
    groups: dict[str, list[tuple[Mention, str]]] = {}
    for mention, text in cleaned(half):
        groups.setdefault(getattr(mention, by), []).append((mention, text))
    return [_measured(name, rows) for name, rows in groups.items()]


def _measured(name: str, rows: list[tuple[Mention, str]]) -> Measured:
    missed = tuple(f"{one.words} in: {cleaned}" for one, cleaned in rows if not found(one, cleaned))
    ordinary = [(TOKEN.findall(one.rest), cleaned) for one, cleaned in rows]
    lost = sum(removed(tokens, cleaned) for tokens, cleaned in ordinary)
    return Measured(name, len(rows), missed, sum(len(tokens) for tokens, _ in ordinary), lost)
