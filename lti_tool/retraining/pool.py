"""The pool of one run: corrections whose authors gave C, and replay of the starter corpus.

A correction's author, and the thread it stands in, are never both in training and in the held-out part.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.review.pool import Correction

Row = dict[str, Any]

LEAST_TO_HOLD_OUT = 60
HELD_OUT_TENTHS = 3
NEAR_DUPLICATE = 0.6


@dataclass(frozen=True)
class Pool:
    """What a run learns from. `held_out` is empty when there are too few corrections to spare any."""

    corrections: tuple[Row, ...]
    held_out: tuple[Row, ...]
    answer_ids: tuple[str, ...]
    people: tuple[str, ...]
    """Whose texts these are: the authors, each once."""
    duplicates: int
    hash: str

    @property
    def size(self) -> int:
        return len(self.corrections) + len(self.held_out)


def build(corrections: Sequence[Correction], only: Iterable[str] | None = None) -> Pool:
    """The pool of these corrections, near-duplicates once, in a fixed order.

    `only` names the answers that an interrupted run had already taken, so that its second try sees the
    same pool, less what was withdrawn since (P17).
    """
    wanted = None if only is None else set(only)
    chosen = sorted(
        (c for c in corrections if wanted is None or c.answer_id in wanted), key=lambda c: c.answer_id
    )
    unique = _without_near_duplicates(chosen)
    groups = _groups(unique)
    spare = len(unique) >= LEAST_TO_HOLD_OUT
    held = [c for c in unique if spare and _tenth(groups[c.answer_id]) < HELD_OUT_TENTHS]
    kept = [c for c in unique if c not in held]
    return Pool(
        corrections=tuple(map(_row, kept)),
        held_out=tuple(map(_row, held)),
        answer_ids=tuple(c.answer_id for c in chosen),
        people=tuple(sorted({c.person_id for c in chosen})),
        duplicates=len(chosen) - len(unique),
        hash=_hash(unique),
    )


def _row(correction: Correction) -> Row:
    return {
        "text": correction.text,
        "lang": correction.language,
        "labels": dict(correction.labels),
        "corpus": "corrections",
    }


def _hash(corrections: Sequence[Correction]) -> str:
    """SHA-256 over which answers say what; holds no text."""
    facts = [[c.answer_id, sorted(c.labels.items())] for c in corrections]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _without_near_duplicates(corrections: Sequence[Correction]) -> list[Correction]:
    """The first of each set of near-identical texts: word 5-grams with a Jaccard index over 0.6."""
    kept: list[tuple[Correction, set[tuple[str, ...]]]] = []
    for correction in corrections:
        grams = _grams(correction.text)
        if all(_jaccard(grams, other) <= NEAR_DUPLICATE for _, other in kept):
            kept.append((correction, grams))
    return [correction for correction, _ in kept]


def _grams(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[start : start + 5]) for start in range(max(1, len(words) - 4))}


def _jaccard(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def _groups(corrections: Sequence[Correction]) -> dict[str, str]:
    """For each answer the name of its group: texts joined by an author or by a thread share one."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for correction in corrections:
        author = f"author {correction.person_id}"
        thread = f"thread {correction.thread_index}" if correction.thread_index else author
        first, second = sorted((root(author), root(thread)))
        parent[second] = first
    return {c.answer_id: root(f"author {c.person_id}") for c in corrections}


def _tenth(group: str) -> int:
    """A group's fixed place among ten, so that a later run holds out the same people."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % 10
