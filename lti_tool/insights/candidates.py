"""What might be told of a week: every place compared with the week before, by a few fixed thresholds (U20).

Both the texts looked at and those that read as the label come from at least the smallest group of authors.
Toxicity is never looked at (P56).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from lti_tool.disclosure.figures import Cell, Figure, Picture
from lti_tool.disclosure.scopes import UNREAD
from lti_tool.insights.places import COURSE, where
from lti_tool.insights.snapshot import Change, Place, Source
from lti_tool.insights.weeks import SOURCES, Cells, figure, source_of

CHANGE = 0.12
CERTAIN = 1.3
"""Standard errors between two shares from which a difference is told as a change."""
HIGH = {"confusion": 0.35, "frustration": 0.3, "boredom": 0.25, "engagement": 0.5}
HARD = ("confusion", "frustration")
QUIET = 0.08
LOUD = 0.15
NEARER = {"section": 1.5, "activity": 1.1, "course": 1.0}
"""A named place tells an instructor more than the course as a whole."""
CHANGES_FIRST = 10.0


@dataclass(frozen=True)
class Candidate:
    """Something that might be told, with how much it stands out."""

    label: str
    change: Change
    place: Place
    source: Source
    cell: Cell
    now: Figure
    before: Figure | None
    weight: float


def candidates(picture: Picture, places: Sequence[Place], by_week: Cells, week: int) -> Iterator[Candidate]:
    """Everything that changed or is high in `week`, in no order."""
    for place, source, now, before in _compared(picture, places, by_week, week):
        for label in HIGH:
            found = _candidate(by_week, week, label, place, source, now, before)
            if found is not None and found.now.authors >= picture.k:
                yield found
    yield from _standing(picture, places, week)


def _standing(picture: Picture, places: Sequence[Place], week: int) -> Iterator[Candidate]:
    """Sections of the weeks before that were hard: what may still need work, fading with the weeks."""
    for place in places:
        cell = picture.cell(where(place, UNREAD + 1, week - 1)) if place.kind == "section" else None
        if cell is None:
            continue
        for label in HARD:
            found = cell.figure(label)
            if found.value >= HIGH[label] and found.authors >= picture.k:
                weight = found.value / HIGH[label] * NEARER[place.kind] / (1 + week - (cell.week or 0))
                yield Candidate(label, "high", place, source_of(cell), cell, found, None, weight)


def _compared(
    picture: Picture, places: Sequence[Place], by_week: Cells, week: int
) -> Iterator[tuple[Place, Source, Cell, Cell | None]]:
    """Places with their texts of this week and of the nearest week before that may be compared."""
    for source in SOURCES:
        whole = by_week[source, week]
        if whole:
            yield COURSE, source, whole, _before(by_week, source, week)
    earlier = _before_week(by_week, "all", week)
    for place in places:
        now = picture.cell(where(place, week, week))
        if now:
            same = picture.cell(where(place, earlier, earlier)) if earlier else None
            yield place, source_of(now), now, same or _before(by_week, source_of(now), week)


def _before_week(by_week: Cells, source: Source, week: int) -> int | None:
    return next((number for number in range(week - 1, 0, -1) if by_week.get((source, number))), None)


def _before(by_week: Cells, source: Source, week: int) -> Cell | None:
    number = _before_week(by_week, source, week)
    return by_week[source, number] if number else None


def _candidate(
    by_week: Cells, week: int, label: str, place: Place, source: Source, cell: Cell, before: Cell | None
) -> Candidate | None:
    now = cell.figure(label)
    then = before.figure(label) if before else None
    change = _change(now, then, _was_loud(by_week, source, week, label)) if then else None
    if change is not None:
        weight = _weight(change, now, then) * NEARER[place.kind]
        return Candidate(label, change, place, source, cell, now, then, weight)
    if now.value >= HIGH[label]:
        weight = now.value / HIGH[label] * NEARER[place.kind]
        return Candidate(label, "high", place, source, cell, now, None, weight)
    return None


def _change(now: Figure, then: Figure, was_loud: bool) -> Change | None:
    moved = now.value - then.value
    if abs(moved) < CHANGE or abs(_z(now, then)) < CERTAIN:
        return None
    if moved < 0:
        return "fell"
    if then.value < QUIET and was_loud:
        return "is_back"
    return "more_than_doubled" if then.value >= 0.05 and now.value > 2 * then.value else "rose"


def _weight(change: Change, now: Figure, then: Figure | None) -> float:
    """Changes come before levels, and what got worse before what eased."""
    return CHANGES_FIRST + abs(_z(now, then)) * (0.6 if change == "fell" else 1.0)


def _was_loud(by_week: Cells, source: Source, week: int, label: str) -> bool:
    """Whether the label was heard before the week that is compared with."""
    found = (figure(by_week, source, number, label) for number in range(1, week - 1))
    return any(one is not None and one.value >= LOUD for one in found)


def _z(now: Figure, then: Figure | None) -> float:
    """Difference of two shares in standard errors, with one text of each kind added against tiny groups."""
    if then is None:
        return 0.0
    n, m = now.whole + 2, then.whole + 2
    p, q = (now.part + 1) / n, (then.part + 1) / m
    return (p - q) / sqrt(p * (1 - p) / n + q * (1 - q) / m)
