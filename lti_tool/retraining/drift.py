"""What changed in the texts of a week, against the eight weeks before it: pure functions from texts to figures.

Shares are compared by the population stability index, topics by the Jensen-Shannon divergence of hashed words. Authors
are counted, not texts, because what one person writes is alike: so a change has to be the work of several.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log, log2
from statistics import median
from typing import Any, Literal

from lti_tool.disclosure import rules

What = Literal["language", "length", "scores", "topics", "disagreement"]
Group = Sequence["Text"]

LEAST_AUTHORS = 20
"""In the week and before it (P49, with room to spare)."""
LEAST_CHECKED = 30
LARGE = 0.25
"""From this index on a shift is called large, as is usual for it."""
CHANCE = (6.63, 9.21, 11.34, 13.28, 15.09)
"""The 99th percentile of chi-square, by degrees of freedom: with no change at all the index stays under this, times
(1/n + 1/m), in 99 of 100 weeks (Yurdakul 2018)."""
LENGTHS = (20, 50, 100)
BUCKETS = 2048
LONGER_THAN = 5
"""Letters: shorter words are mostly the same whatever a text is about."""
LEAST_WEEKS = 3
FARTHER = 1.5
"""Topics change from week to week; a shift is half as far again as any of the weeks before."""
FAR = 0.06
"""And at least so far, in bits: starter texts of one subject stay below, and those of another one are above."""


@dataclass(frozen=True)
class Text:
    """What is looked at of one text; `week` 0 is the newest, `checked` whether somebody disagreed with its labels."""

    author: str
    by_name: bool
    week: int
    language: str
    words: tuple[str, ...]
    sentiment: str | None = None
    checked: bool | None = None


@dataclass(frozen=True)
class Shift:
    """One thing that was compared, with its figure, the threshold, and rows of (name, percent now, percent before)."""

    what: What
    shifted: bool
    figure: float
    threshold: float
    rows: tuple[tuple[str, int, int], ...] = ()
    typical: tuple[int, int] | None = None
    """Words of a text in the middle, now and before, in tens."""


def compare(texts: Group) -> tuple[Shift, ...]:
    """All that can be compared; nothing where too few wrote, or one person most of it (P50)."""
    now, before = [one for one in texts if not one.week], [one for one in texts if one.week]
    if not (_enough(now) and _enough(before)):
        return ()
    found = (
        _shares("language", now, before, lambda text: text.language),
        _lengths(now, before),
        _where("scores", now, before, lambda text: text.sentiment),
        _topics(texts),
        _where("disagreement", now, before, _said, LEAST_CHECKED),
    )
    return tuple(one for one in found if one is not None)


def index(now: Mapping[str, float], before: Mapping[str, float]) -> float:
    """The population stability index of two distributions, 0 for the same; the smallest share is half a percent."""
    names = now.keys() | before.keys()
    pairs = [(max(now.get(name, 0), 0.005), max(before.get(name, 0), 0.005)) for name in names]
    return sum((one - other) * log(one / other) for one, other in pairs)


def divergence(one: Mapping[int, float], other: Mapping[int, float]) -> float:
    """The Jensen-Shannon divergence of two distributions in bits: 0 for the same, 1 for nothing in common."""
    middle = {name: (one.get(name, 0) + other.get(name, 0)) / 2 for name in one.keys() | other.keys()}
    return (_relative(one, middle) + _relative(other, middle)) / 2


def _relative(one: Mapping[int, float], middle: Mapping[int, float]) -> float:
    return sum(share * log2(share / middle[name]) for name, share in one.items() if share)


def _enough(texts: Group, least: int = 0) -> bool:
    """Enough authors, by name and otherwise each enough to be shown alone, and nobody with more than half."""
    named = {text.author for text in texts if text.by_name}
    others = {text.author for text in texts if not text.by_name}
    few = len(named | others) < LEAST_AUTHORS or len(texts) < least
    apart = bool(others) and len(others) < LEAST_AUTHORS  # those who can be read by name could be subtracted
    return not few and not apart and not rules.dominated(text.author for text in texts)


def _where(
    what: What, now: Group, before: Group, kind: Callable[[Text], str | None], least: int = 0
) -> Shift | None:
    """As `_shares`, of the texts of which the kind is known, if these are enough by themselves."""
    now, before = ([text for text in group if kind(text) is not None] for group in (now, before))
    enough = _enough(now, least) and _enough(before, least)
    return _shares(what, now, before, lambda text: kind(text) or "") if enough else None


def _shares(what: What, now: Group, before: Group, kind: Callable[[Text], str]) -> Shift:
    names = sorted({kind(text) for text in chain(now, before)})
    names = [name for name in names if _share(name, now, kind) >= 0.05 or _share(name, before, kind) >= 0.05]
    one, other = ({name: _share(name, group, kind) for name in names} for group in (now, before))
    figure, threshold = index(one, other), _threshold(len(names), now, before)
    rows = tuple((name, rules.percent(one[name], 1), rules.percent(other[name], 1)) for name in names)
    return Shift(what, figure > threshold, round(figure, 2), threshold, rows)


def _share(name: str, texts: Group, kind: Callable[[Text], str]) -> float:
    return sum(kind(text) == name for text in texts) / len(texts)


def _threshold(bins: int, now: Group, before: Group) -> float:
    if bins < 2:
        return LARGE
    chance = CHANCE[min(bins - 1, len(CHANCE)) - 1]
    people = (len({text.author for text in group}) for group in (now, before))
    return round(max(LARGE, chance * sum(1 / count for count in people)), 2)


def _lengths(now: Group, before: Group) -> Shift:
    found = _shares("length", now, before, lambda text: _length(len(text.words)))
    typical = tuple(10 * round(median(len(text.words) for text in group) / 10) for group in (now, before))
    return Shift(
        found.what, found.shifted, found.figure, found.threshold, found.rows, (typical[0], typical[1])
    )


def _length(words: int) -> str:
    """The longest that a text of this bin is, in words; empty for the last bin."""
    return next((f"{longest:03}" for longest in LENGTHS if words < longest), "")


def _said(text: Text) -> str | None:
    return None if text.checked is None else "disagrees" if text.checked else "agrees"


def _topics(texts: Group) -> Shift | None:
    """This week's words against those before, measured by how far earlier weeks were from all others before."""
    weeks = sorted({text.week for text in texts})
    wide = [week for week in weeks if _enough([text for text in texts if text.week == week])]
    past = [week for week in wide if week]
    if 0 not in wide or len(past) < LEAST_WEEKS:
        return None
    usual = max(_from_others(week, past, texts) for week in past)
    figure, threshold = _from_others(0, past, texts), max(FAR, FARTHER * usual)
    return Shift("topics", figure > threshold, round(figure, 2), round(threshold, 2))


def _from_others(week: int, past: Sequence[int], texts: Group) -> float:
    """The divergence of a week from the other past ones, less what so few words differ by chance alone."""
    own = _words([text for text in texts if text.week == week])
    others = _words([text for text in texts if text.week in past and text.week != week])
    chance = (len(own | others) - 1) / (8 * log(2)) * (1 / own.total() + 1 / others.total())
    return max(0.0, divergence(_distribution(own), _distribution(others)) - chance)


def _words(texts: Group) -> Counter[int]:
    """How often each bucket of content words occurs: of long words, each once a text."""
    counts = Counter(bucket(word) for text in texts for word in set(text.words) if len(word) > LONGER_THAN)
    return counts or Counter({0: 1})


def _distribution(counts: Counter[int]) -> dict[int, float]:
    return {number: count / counts.total() for number, count in counts.items()}


def bucket(word: str) -> int:
    """One of `BUCKETS` places; many words share one, so that none can be read back."""
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:2], "big") % BUCKETS


def words_of(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.lower()))


def as_data(shifts: Sequence[Shift]) -> dict[str, Any]:
    """What a report keeps: nothing but rounded figures."""
    return {"shifts": [vars(shift) for shift in shifts]}
