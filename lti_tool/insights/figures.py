"""Figures over groups of texts. Every number of a snapshot comes from here, after the rule of small groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from lti_tool.disclosure import rules
from lti_tool.insights.material import Text
from lti_tool.insights.snapshot import Point

Z = 1.28
"""Band of uncertainty: four times in five the share of a like group lies inside."""


@dataclass(frozen=True)
class Count:
    """How many of a group's texts read as a label, exact: for comparing, never for showing as it is."""

    part: tuple[Text, ...]
    whole: tuple[Text, ...]

    @property
    def value(self) -> float:
        return len(self.part) / len(self.whole)

    @property
    def percent(self) -> int:
        return rules.percent(len(self.part), len(self.whole))

    @property
    def share(self) -> rules.Share:
        return rules.share(len(self.part), len(self.whole))

    @property
    def shared(self) -> bool:
        """Whether staff could read every text that was looked at, as far as consent goes."""
        return all(text.has_b for text in self.whole)

    @property
    def authors(self) -> int:
        return len({text.author for text in self.part})


def showable(texts: Sequence[Text], k: int, within: Iterable[Sequence[Text]] = ()) -> tuple[Text, ...] | None:
    """The texts that a figure about this group may rest on, or None when there may be no figure.

    Authors without B are left out when they are fewer than `k`, or when they would be fewer than `k` in what
    one of the wider groups in `within` has besides (P50). What is left then are texts that staff may read
    one by one, so the figure tells nothing that they could not count.
    """
    hidden = {text.author for text in texts if not text.has_b}
    if hidden and all(_nobody_alone(texts, wider, k) for wider in within) and _allowed(texts, k):
        return tuple(texts)
    named = tuple(text for text in texts if text.has_b)
    return named if _allowed(named, k) else None


def count(texts: Sequence[Text], label: str) -> Count:
    """How many of these texts read as `label`; `texts` is not empty."""
    return Count(tuple(text for text in texts if text.shown.reads_as(label)), tuple(texts))


def point(counted: Count) -> Point:
    """The share with Wilson's interval, all in steps of five percent."""
    n, p = len(counted.whole), counted.value
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    low, high = (rules.rounded(round(100 * value)) for value in (middle - half, middle + half))
    return Point(counted.percent, min(low, counted.percent), max(high, counted.percent))


def _allowed(texts: Sequence[Text], k: int) -> bool:
    with_b = {text.author for text in texts if text.has_b}
    without = {text.author for text in texts if not text.has_b}
    return rules.may_show(with_b, without, k) and not rules.dominated(text.author for text in texts)


def _nobody_alone(texts: Sequence[Text], wider: Sequence[Text], k: int) -> bool:
    """No fewer than `k` authors without B, or none, wrote the texts that the wider group has besides."""
    here = {text.id for text in texts}
    besides = {text.author for text in wider if not text.has_b and text.id not in here}
    return not besides or len(besides) >= k
