"""The weeks at a glance: shares per label and week with gaps, apart for forums and reflections (U21, U22)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from lti_tool.ingest.tables import Activity
from lti_tool.insights.figures import Count, count, point, showable
from lti_tool.insights.material import WEEK, Material, Text
from lti_tool.insights.snapshot import ChartFinding, Point, Source, Week

LABELS = ("confusion", "frustration", "boredom", "engagement", "satisfaction")
SOURCES: tuple[Source, ...] = ("all", "forum", "reflection")
MOVES = 15
"""Percent from week to week that the sentence above the chart speaks of."""
PEAK = 15
"""Percent from which the highest week is told of."""

Groups = dict[tuple[Source, int], tuple[Text, ...] | None]
"""Per source and week the texts that figures may rest on."""


def groups(material: Material, k: int) -> Groups:
    """The showable texts of every week; a part is narrowed when it would give away the rest of its week."""
    result: Groups = {}
    for week in material.weeks:
        own = [text for text in material.texts if text.week == week]
        result["all", week] = whole = showable(own, k)
        for source in SOURCES[1:]:
            part = [text for text in own if text.source == source]
            result[source, week] = showable(part, k, [whole] if whole else [])
    return result


def counts(by_week: Groups, source: Source, week: int, label: str) -> Count | None:
    """The count of a week, or None for a gap."""
    texts = by_week.get((source, week))
    return count(texts, label) if texts else None


def series(material: Material, by_week: Groups) -> dict[Source, dict[str, tuple[Point | None, ...]]]:
    """The lines of the chart and the rows of its table."""
    return {
        source: {
            label: tuple(
                point(found) if (found := counts(by_week, source, week, label)) else None
                for week in material.weeks
            )
            for label in LABELS
        }
        for source in SOURCES
    }


def calendar(material: Material) -> tuple[Week, ...]:
    """Every week with its first day and what is due in it."""
    if material.first_day is None:
        return ()
    starts = [material.first_day + WEEK * (number - 1) for number in material.weeks]
    return tuple(
        Week(number, start.date(), tuple(_due(material.activities, start)))
        for number, start in zip(material.weeks, starts, strict=True)
    )


def chart_findings(
    lines: dict[str, tuple[Point | None, ...]], names: dict[int, str]
) -> tuple[ChartFinding, ...]:
    """What the sentence above the chart says of confusion and frustration; `names` are sections by week.

    Only one week can be a peak: where several are as high, none is named.
    """
    found = []
    for label in ("confusion", "frustration"):
        shown = [(number, p.percent) for number, p in enumerate(lines[label], 1) if p is not None]
        if len(shown) < 2:
            continue
        week, height = max(shown, key=lambda pair: pair[1])
        alone = [percent for _, percent in shown].count(height) == 1
        if height >= PEAK and alone:
            found.append(ChartFinding(label, week, names.get(week, ""), _movement(shown)))
    return tuple(found)


def _movement(shown: Sequence[tuple[int, int]]) -> Literal["rising", "falling", "steady"]:
    change = shown[-1][1] - shown[-2][1]
    if abs(change) < MOVES:
        return "steady"
    return "rising" if change > 0 else "falling"


def _due(activities: Sequence[Activity], start: datetime) -> list[str]:
    due = [row for row in activities if row.due_at is not None and start <= row.due_at < start + WEEK]
    return sorted(row.name for row in due)
