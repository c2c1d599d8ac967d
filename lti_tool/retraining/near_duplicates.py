"""Near-identical texts become one row with what all their readers agree on (S41)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.review.pool import Correction
from model.labels import EMOTIONS

NEAR_DUPLICATE = 0.6
"""Two texts are near-identical when their sets of five words in a row have a Jaccard index over this."""
WORDS = 5
CELLS = ("sentiment", *EMOTIONS)
Grams = set[tuple[str, ...]]


@dataclass(frozen=True)
class Text:
    """One text to learn from: the newest of near-identical ones.

    `said` holds one correction of each annotator, the newest; `all` every correction behind the row.
    """

    newest: Correction
    said: tuple[Correction, ...]
    all: tuple[Correction, ...]

    @property
    def labels(self) -> dict[str, Any]:
        """What all annotators say alike; where two differ nothing is said."""
        first = self.said[0].labels
        return {
            cell: first[cell]
            for cell in CELLS
            if cell in first and all(one.labels.get(cell) == first[cell] for one in self.said)
        }


def merged(corrections: Iterable[Correction]) -> list[Text]:
    """The texts of these corrections, each once, in the order of their newest answers' ids; of any order the same."""
    newest_first = sorted(corrections, key=_age, reverse=True)
    texts = [_text(alike) for alike in _alike(newest_first)]
    return sorted(texts, key=lambda text: text.newest.answer_id)


def _age(correction: Correction) -> tuple[bool, float, str]:
    """Texts kept for the pool alone have no date and come first: they are the oldest."""
    written = correction.written_at
    return written is not None, written.timestamp() if written else 0.0, correction.answer_id


def _text(newest_first: Sequence[Correction]) -> Text:
    of_each: dict[str, Correction] = {}
    for correction in newest_first:
        of_each.setdefault(correction.annotator_id, correction)
    said = tuple(sorted(of_each.values(), key=lambda one: one.answer_id))
    return Text(newest_first[0], said, tuple(newest_first))


def _alike(newest_first: Sequence[Correction]) -> list[list[Correction]]:
    """Corrections grouped with the newest text that they are near-identical to."""
    groups: list[list[Correction]] = []
    leading: list[Grams] = []
    using: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for correction in newest_first:
        grams = _grams(correction.text)
        candidates = sorted({number for gram in grams for number in using[gram]})
        like = next((n for n in candidates if _jaccard(grams, leading[n]) > NEAR_DUPLICATE), None)
        if like is not None:
            groups[like].append(correction)
            continue
        for gram in grams:
            using[gram].append(len(groups))
        leading.append(grams)
        groups.append([correction])
    return groups


def _grams(text: str) -> Grams:
    words = text.lower().split()
    return {tuple(words[start : start + WORDS]) for start in range(max(1, len(words) - WORDS + 1))}


def _jaccard(one: Grams, other: Grams) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0
