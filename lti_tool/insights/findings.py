"""At most five findings: what changed since the week before, and what is high (U20).

Thresholds are few and fixed here; each finding rests on at least the smallest group of authors twice over, for
the texts looked at and for those that read as the label. Toxicity is never a finding (P56).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from statistics import median

from lti_tool.disclosure.rules import rounded, rounded_down
from lti_tool.insights.figures import Count, count, showable
from lti_tool.insights.material import Material, Text
from lti_tool.insights.phrases import phrases
from lti_tool.insights.places import COURSE, places_of
from lti_tool.insights.snapshot import Certainty, Change, Finding, NextStep, Place, Source
from lti_tool.insights.weeks import SOURCES, Groups, counts

MOST = 5
MOST_PER_LABEL = 2
MOST_EXAMPLES = 8
MOST_PER_AUTHOR = 2
CHANGE = 0.12
CERTAIN = 1.3
"""Standard errors between two shares from which a difference is told as a change."""
HIGH = {"confusion": 0.35, "frustration": 0.3, "boredom": 0.25, "engagement": 0.5}
QUIET = 0.08
LOUD = 0.15
NEXT_STEP: dict[str, NextStep] = {
    "confusion": "plan_q_and_a",
    "frustration": "draft_note",
    "boredom": "offer_challenge",
    "engagement": "offer_challenge",
}
LIKELY = 0.75
NEARER = {"section": 1.2, "activity": 1.1, "course": 1.0}
"""A named place tells an instructor more than the course as a whole."""


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


def latest_week(by_week: Groups) -> int | None:
    """The latest week about which figures may be shown: the one that the findings are about."""
    return max((week for (source, week), texts in by_week.items() if source == "all" and texts), default=None)


def findings(material: Material, by_week: Groups, week: int, k: int) -> tuple[Finding, ...]:
    """The findings of `week`, most telling first; a label at most twice, never about the same texts."""
    order = sorted(_candidates(material, by_week, week, k), key=lambda one: -one.weight)
    chosen: list[Candidate] = []
    for candidate in order:
        rivals = [one for one in chosen if one.label == candidate.label]
        if len(rivals) < MOST_PER_LABEL and not any(_overlap(candidate, one) for one in rivals):
            chosen.append(candidate)
    return tuple(_finding(material, by_week, one, k) for one in chosen[:MOST])


def _candidates(material: Material, by_week: Groups, week: int, k: int) -> Iterator[Candidate]:
    for place, source, now, before in _compared(material, by_week, week, k):
        for label in HIGH:
            found = _candidate(by_week, week, label, place, source, now, before)
            if found is not None and found.now.authors >= k:
                yield found


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
            label, change, place, source, now, then, 10 + abs(_z(now, then)) * NEARER[place.kind]
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


def _overlap(one: Candidate, other: Candidate) -> bool:
    """Over half of the smaller group is in the other one too."""
    a, b = {text.id for text in one.now.whole}, {text.id for text in other.now.whole}
    return 2 * len(a & b) > min(len(a), len(b))


def _finding(material: Material, by_week: Groups, one: Candidate, k: int) -> Finding:
    telling = sorted(one.now.part, key=lambda text: -_chance(text, one.label))
    return Finding(
        id="-".join(filter(None, (one.label, one.source, one.place.kind, one.place.key))),
        label=one.label,
        change=one.change,
        place=one.place,
        source=one.source,
        share=one.now.share,
        before=one.before.share if one.before else None,
        texts=rounded(len(one.now.part)),
        of=rounded(len(one.now.whole)),
        authors=max(k, rounded_down(one.now.authors)),
        certainty=_certainty(telling, one.label),
        next_step=NEXT_STEP[one.label],
        trend=_trend(material, by_week, one, k),
        examples=_examples(telling),
        phrases=phrases(telling, material.texts),
    )


def _chance(text: Text, label: str) -> float:
    """The calibrated probability, or 1 when a person said so."""
    return 1.0 if text.shown.source == "instructor" else text.shown.probabilities[label]


def _certainty(texts: list[Text], label: str) -> Certainty:
    """The word for the middle one of the calibrated probabilities (U24)."""
    return "likely" if median(_chance(text, label) for text in texts) >= LIKELY else "mixed"


def _examples(texts: list[Text]) -> tuple[str, ...]:
    """The most certain texts that staff may read, at most two of one author."""
    found: list[Text] = []
    for text in texts:
        if text.quotable and sum(one.author == text.author for one in found) < MOST_PER_AUTHOR:
            found.append(text)
    return tuple(text.id for text in found[:MOST_EXAMPLES])


def _trend(material: Material, by_week: Groups, one: Candidate, k: int) -> tuple[int | None, ...]:
    """The place's own line when it spans weeks, else the line of its kind of writing."""
    own: list[int | None] = []
    for week in material.weeks:
        texts = places_of(text for text in material.texts if text.week == week).get(one.place, [])
        shown = showable(texts, k, [by_week["all", week] or ()])
        own.append(count(shown, one.label).percent if shown else None)
    if sum(value is not None for value in own) >= 2:
        return tuple(own)
    line = (counts(by_week, one.source, week, one.label) for week in material.weeks)
    return tuple(found.percent if found else None for found in line)
