"""Figures: the only way from texts to a number that is shown (P49, P50).

`Told` marks a number that may be shown, and only this part of the house makes one: a page or a picture that wants a
number has to ask a `Picture` for a cell, which is None where there may be no figure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NewType

from lti_tool.disclosure import rules
from lti_tool.disclosure.groups import Group, Item, State, closed_authors
from lti_tool.disclosure.scopes import UNREAD, Where, week

Told = NewType("Told", int)
"""A number that has passed the rules, in steps of five."""

Z = 1.28
"""Band of uncertainty: four times in five the share of a like group lies inside."""


@dataclass(frozen=True)
class Figure:
    """How many texts of a cell read as a label. `value` is for comparing, never for showing."""

    value: float
    part: float
    whole: float
    authors: int
    """So many distinct authors at least wrote the part."""
    sure: float
    readable: tuple[str, ...]
    """Ids of texts of the part that staff may read."""

    @property
    def percent(self) -> Told:
        return Told(rules.percent(self.part, self.whole))

    @property
    def share(self) -> rules.Share:
        return rules.share(self.part, self.whole)

    @property
    def texts(self) -> Told:
        return Told(rules.rounded(self.part))

    @property
    def mostly_sure(self) -> bool:
        """Whether at least half of the part reads so surely."""
        return 2 * self.sure >= self.part > 0

    def at_least(self, k: int) -> Told:
        """Authors of the part, rounded down; only for a part that at least `k` wrote."""
        return Told(max(k, rules.rounded_down(self.authors)))

    def interval(self) -> tuple[Told, Told]:
        """Wilson's interval around the share in steps of five percent; it holds the share that is told."""
        n, p = self.whole, self.value
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        low, high = (rules.rounded(round(100 * value)) for value in (middle - half, middle + half))
        return Told(min(low, self.percent)), Told(max(high, self.percent))


@dataclass(frozen=True)
class Part:
    """What a group, or the texts that may be read, give to a cell."""

    ids: frozenset[str]
    authors: Mapping[str, int]
    """Author → texts."""
    labels: Mapping[str, tuple[float, float, int]]
    """Label → texts, sure ones, authors at least."""
    week: int | None
    """None where it spans several."""
    source: str | None


@dataclass(frozen=True)
class Cell:
    """Texts about which figures may be shown."""

    groups: tuple[Part, ...]
    readable: tuple[Item, ...]
    ids: frozenset[str]
    """Ids of all its texts, for comparing cells."""

    @property
    def whole(self) -> int:
        return len(self.ids)

    @property
    def texts(self) -> Told:
        """Texts looked at."""
        return Told(rules.rounded(self.whole))

    @property
    def writers(self) -> Told:
        """About how many people wrote them, for a page that says how many have written."""
        authors = {item.author for item in self.readable}.union(*(part.authors for part in self.groups))
        return Told(rules.rounded(len(authors)))

    @property
    def week(self) -> int | None:
        """The week of most of its texts."""
        weeks = Counter(item.scope.first for item in self.readable)
        for part in self.groups:
            if part.week is not None:
                weeks[part.week] += len(part.ids)
        return max(weeks, key=lambda number: (weeks[number], -number), default=None)

    @property
    def source(self) -> str | None:
        """The kind of writing that all its texts are; None for several."""
        kinds = {item.scope.source for item in self.readable} | {part.source for part in self.groups}
        return kinds.pop() if len(kinds) == 1 else None

    @property
    def shared(self) -> bool:
        """Whether only texts that staff may read were looked at, which the page says."""
        return not self.groups

    def figure(self, label: str) -> Figure:
        sums = [part.labels.get(label, (0.0, 0.0, 0)) for part in self.groups]
        mine = [item for item in self.readable if label in item.reading]
        grouped = {author for part in self.groups for author in part.authors}
        part = sum(one[0] for one in sums) + len(mine)
        return Figure(
            value=part / self.whole,
            part=part,
            whole=self.whole,
            authors=max((one[2] for one in sums), default=0) + len({item.author for item in mine} - grouped),
            sure=sum(one[1] for one in sums) + sum(item.reading[label] for item in mine),
            readable=tuple(item.id for item in mine),
        )


class Picture:
    """All that may be told at one moment."""

    def __init__(self, state: State, items: Sequence[Item], k: int) -> None:
        by_id = {item.id: item for item in items}
        told = [(group, _part(group, by_id, state.opened, k)) for group in state.groups]
        grouped = {post for group in state.groups for post in group.members}
        self.k = k
        self._groups = [(group.scope, part) for group, part in told if part is not None]
        self._readable = [item for item in items if item.shared and item.id not in grouped]

    def cell(self, where: Where) -> Cell | None:
        """The texts asked about as far as they may be told, or None: too few, or one author gives over half."""
        groups = tuple(part for scope, part in self._groups if where.holds(scope))
        readable = tuple(item for item in self._readable if where.holds(item.scope))
        counted = Counter(item.author for item in readable)
        for part in groups:
            counted.update(part.authors)
        if len(counted) < self.k or 2 * max(counted.values()) > sum(counted.values()):
            return None
        ids = frozenset(item.id for item in readable).union(*(part.ids for part in groups))
        return Cell(groups, readable, ids)

    @property
    def last_week(self) -> int:
        """The last week of which anything is told; 0 for none."""
        return max(
            [scope.last for scope, _ in self._groups] + [item.scope.last for item in self._readable],
            default=0,
        )

    def uncovered(self) -> Told | None:
        """About how many texts are in a language that is not covered; None when none or too few."""
        found = self.cell(week(UNREAD))
        return found.texts if found else None

    def coverage(self, class_size: int | None) -> rules.Band | None:
        """How much of the class wrote what is told, as a band; hidden for small groups (P15)."""
        found = self.cell(Where())
        if found is None or not class_size:
            return None
        authors = {item.author for item in found.readable}.union(*(part.authors for part in found.groups))
        return rules.band(min(len(authors), class_size), class_size)


def _part(group: Group, by_id: Mapping[str, Item], opened: Iterable[str], k: int) -> Part | None:
    """What is left of a group, with its shares as they were told; None when too few are left."""
    here = {post: one for post, one in group.members.items() if post in by_id}
    authors = Counter(one.author for one in here.values())
    if len(closed_authors(group, by_id, opened)) < k or rules.dominated(one.author for one in here.values()):
        return None
    told = group.numbers
    left, missing = len(here) / told.texts, max(0, told.authors - len(authors))
    labels = {
        label: (texts * left, sure * left, max(0, people - missing))
        for label, (texts, sure, people) in told.labels.items()
    }
    week_of = group.scope.first if group.scope.first == group.scope.last else None
    return Part(frozenset(here), authors, labels, week_of, group.scope.source)
