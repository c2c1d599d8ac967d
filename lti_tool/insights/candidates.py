"""What might be told of a week: every place compared with the week before, by a few fixed thresholds (U20).

Both the texts looked at and those that read as the label come from at least the smallest group of authors.
Toxicity is never looked at (P56).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from lti_tool.insights.figures import Count, count, showable
from lti_tool.insights.material import Material, Text
from lti_tool.insights.places import COURSE, places_of
from lti_tool.insights.snapshot import Change, Place, Source
from lti_tool.insights.weeks import SOURCES, Groups, counts

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
    now: Count
    before: Count | None
    weight: float


def candidates(material: Material, by_week: Groups, week: int, k: int) -> Iterator[Candidate]:
    """Everything that changed or is high in `week`, in no order."""
    for place, source, now, before in _compared(material, by_week, week, k):
        for label in HIGH:
            found = _candidate(by_week, week, label, place, source, now, before)
            if found is not None and found.now.authors >= k:
                yield found
    yield from _standing(material, by_week, week, k)


def _standing(material: Material, by_week: Groups, week: int, k: int) -> Iterator[Candidate]:
    """Sections of the weeks before that were hard: what may still need work, fading with the weeks."""
    for place, texts in places_of(text for text in material.texts if text.week < week).items():
        weeks = {text.week for text in texts}
        now = showable(texts, k, [by_week["all", number] or () for number in weeks])
        for label in HARD if now and place.kind == "section" else ():
            found = count(now or (), label)
            if found.value >= HIGH[label] and found.authors >= k:
                weight = found.value / HIGH[label] * NEARER[place.kind] / (1 + week - max(weeks))
                yield Candidate(label, "high", place, _source(texts), found, None, weight)


def _compared(
    material: Material, by_week: Groups, week: int, k: int
) -> Iterator[tuple[Place, Source, tuple[Text, ...], tuple[Text, ...] | None]]:
    """Places with their texts of this week and of the nearest week before that may be compared."""
    for source in SOURCES:
        now = by_week[source, week]
        if now:
            yield COURSE, source, now, _before(by_week, source, week)
    earlier = _before_week(by_week, "all", week)
    old = places_of(text for text in material.texts if text.week == earlier)
    for place, texts in places_of(text for text in material.texts if text.week == week).items():
        source = _source(texts)
        now = showable(texts, k, [wider for wider in (by_week["all", week], by_week[source, week]) if wider])
        if now:
            same = showable(old.get(place, []), k, [by_week["all", earlier] or ()] if earlier else [])
            yield place, source, now, same or _before(by_week, source, week)


def _before_week(by_week: Groups, source: Source, week: int) -> int | None:
    return next((number for number in range(week - 1, 0, -1) if by_week.get((source, number))), None)


def _before(by_week: Groups, source: Source, week: int) -> tuple[Text, ...] | None:
    number = _before_week(by_week, source, week)
    return by_week[source, number] if number else None


def _source(texts: list[Text]) -> Source:
    kinds = {text.source for text in texts}
    if kinds == {"forum"}:
        return "forum"
    return "reflection" if kinds == {"reflection"} else "all"


def _candidate(
    by_week: Groups,
    week: int,
    label: str,
    place: Place,
    source: Source,
    texts: tuple[Text, ...],
    before: tuple[Text, ...] | None,
) -> Candidate | None:
    now = count(texts, label)
    then = count(before, label) if before else None
    change = _change(now, then, _was_loud(by_week, source, week, label)) if then else None
    if change is not None:
        return Candidate(
            label, change, place, source, now, then, _weight(change, now, then) * NEARER[place.kind]
        )
    if now.value >= HIGH[label]:
        return Candidate(
            label, "high", place, source, now, None, now.value / HIGH[label] * NEARER[place.kind]
        )
    return None


def _change(now: Count, then: Count, was_loud: bool) -> Change | None:
    moved = now.value - then.value
    if abs(moved) < CHANGE or abs(_z(now, then)) < CERTAIN:
        return None
    if moved < 0:
        return "fell"
    if then.value < QUIET and was_loud:
        return "is_back"
    return "more_than_doubled" if then.value >= 0.05 and now.value > 2 * then.value else "rose"


def _weight(change: Change, now: Count, then: Count | None) -> float:
    """Changes come before levels, and what got worse before what eased."""
    return CHANGES_FIRST + abs(_z(now, then)) * (0.6 if change == "fell" else 1.0)


def _was_loud(by_week: Groups, source: Source, week: int, label: str) -> bool:
    """Whether the label was heard before the week that is compared with."""
    found = (counts(by_week, source, number, label) for number in range(1, week - 1))
    return any(one is not None and one.value >= LOUD for one in found)


def _z(now: Count, then: Count | None) -> float:
    """Difference of two shares in standard errors, with one text of each kind added against tiny groups."""
    if then is None:
        return 0.0
    n, m = len(now.whole) + 2, len(then.whole) + 2
    p, q = (len(now.part) + 1) / n, (len(then.part) + 1) / m
    return (p - q) / sqrt(p * (1 - p) / n + q * (1 - q) / m)
