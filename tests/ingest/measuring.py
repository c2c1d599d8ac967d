"""Recall and loss of de-identification on a synthetic set: ⟦name⟧ marks a name, ⟦words|name⟧ a part of it."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from lti_tool.ingest.deidentify import PLACEHOLDER, Deidentifier
from lti_tool.ingest.names import ATOM, PARTICLES, UNSPACED, fold

MARKED = re.compile(r"⟦([^⟧|]+)(?:\|([^⟧]+))?⟧")
TOKEN = re.compile(r"\w+")
SET = Path(__file__).with_name("mentions.json")


@dataclass(frozen=True)
class Name:
    given: str
    family: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True)
class Measured:
    origin: str
    mentions: int
    missed: tuple[str, ...]
    tokens: int
    lost: int

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / self.mentions


@dataclass(frozen=True)
class Loss:
    """Ordinary tokens of the starter corpus, and how many of them cleaning takes away."""

    tokens: int
    lost: int

    def __str__(self) -> str:
        return f"starter corpus: {self.lost} of {self.tokens} tokens lost ({self.lost / self.tokens:.4%})"


def origins() -> list[dict]:
    return json.loads(SET.read_text("utf-8"))


def roster(origin: dict) -> list[Name]:
    return [Name(given, family) for given, family in origin["roster"]]


def measure(origin: dict) -> Measured:
    """Mentions found, and ordinary tokens lost, over one origin's texts."""
    cleaner, missed, mentions, tokens, lost = Deidentifier(roster(origin)), [], 0, 0, 0
    for marked in origin["texts"]:
        plain = MARKED.sub(lambda found: found[1], marked)
        cleaned = cleaner.clean(plain)
        for words, part in MARKED.findall(marked):
            mentions += 1
            if remains(cleaned, part or words):
                missed.append(f"{part or words} in: {cleaned}")
        ordinary = TOKEN.findall(MARKED.sub(" ", marked))
        tokens += len(ordinary)
        lost += removed(ordinary, cleaned)
    return Measured(origin["origin"], mentions, tuple(missed), tokens, lost)


def remains(cleaned: str, mention: str) -> bool:
    """Whether a word of the mention still stands in the cleaned text as it was written."""
    if UNSPACED.search(mention):
        return any(run in cleaned for run in UNSPACED.findall(mention) if len(run) > 1)
    left = set(ATOM.findall(PLACEHOLDER.sub(" ", cleaned)))
    return any(
        atom in left for atom in ATOM.findall(mention) if len(atom) > 1 and fold(atom) not in PARTICLES
    )


def removed(ordinary: Iterable[str], cleaned: str) -> int:
    """How many of the ordinary tokens are missing from the cleaned text."""
    left = Counter(TOKEN.findall(PLACEHOLDER.sub(" ", cleaned)))
    return (Counter(ordinary) - left).total()


def starter_loss() -> Loss:
    """Over the English texts, which mention nobody of these rosters, cleaned with all of them at once."""
    cleaner = Deidentifier(name for origin in origins() for name in roster(origin))
    lines = (files("model.starter") / "train.jsonl").read_text("utf-8").splitlines()
    return loss(cleaner, (json.loads(line)["text"] for line in lines))


def loss(cleaner: Deidentifier, texts: Iterable[str]) -> Loss:
    tokens = lost = 0
    for text in texts:
        ordinary = TOKEN.findall(text)
        tokens += len(ordinary)
        lost += removed(ordinary, cleaner.clean(text))
    return Loss(tokens, lost)


def side_by_side(seen: list[Measured], held_out: list[Measured]) -> str:
    """Mentions and recall on the half that the rules were made with and on the other one."""
    others = {row.origin: row for row in [*held_out, _all(held_out)]}
    lines = [f"{'':24} {'seen':>6} {'recall':>7} {'held out':>9} {'recall':>7} {'lost':>7}"]
    for row in [*seen, _all(seen)]:
        other = others[row.origin]
        lines.append(
            f"{row.origin:24} {row.mentions:6} {row.recall:7.3f} {other.mentions:9} {other.recall:7.3f}"
            f" {other.lost / other.tokens:7.2%}"
        )
    return "\n".join(lines)


def _all(rows: list[Measured]) -> Measured:
    missed = tuple(one for row in rows for one in row.missed)
    tokens, lost = sum(row.tokens for row in rows), sum(row.lost for row in rows)
    return Measured("all", sum(row.mentions for row in rows), missed, tokens, lost)


def table(rows: list[Measured]) -> str:
    lines = [f"{'origin':34} {'mentions':>8} {'recall':>7} {'tokens':>7} {'lost':>5}"]
    lines += [f"{r.origin:34} {r.mentions:8} {r.recall:7.3f} {r.tokens:7} {r.lost:5}" for r in rows]
    total, found = sum(r.mentions for r in rows), sum(r.mentions - len(r.missed) for r in rows)
    tokens, lost = sum(r.tokens for r in rows), sum(r.lost for r in rows)
    lines.append(f"{'all':34} {total:8} {found / total:7.3f} {tokens:7} {lost:5}")
    return "\n".join(lines)
