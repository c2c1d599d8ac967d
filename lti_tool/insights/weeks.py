"""The weeks at a glance: shares per label and week with gaps, apart for forums and reflections (U21, U22)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from lti_tool.disclosure.figures import Cell, Figure, Picture
from lti_tool.disclosure.scopes import week as one_week
from lti_tool.ingest.tables import Activity
from lti_tool.insights.material import WEEK, Material
from lti_tool.insights.snapshot import ChartFinding, Point, Source, Week

LABELS = ("confusion", "frustration", "boredom", "engagement", "satisfaction")
SOURCES: tuple[Source, ...] = ("all", "forum", "reflection")
MOVES = 15
"""Percent from week to week that the sentence above the chart speaks of."""
PEAK = 15
"""Percent from which the highest week is told of."""

Cells = dict[tuple[Source, int], Cell | None]
"""Per source and week the texts that figures may rest on, None for too few."""


def cells(picture: Picture) -> Cells:
    """Every week up to the last one of which anything is told."""
    return {
        (source, week): picture.cell(one_week(week, source=None if source == "all" else source))
        for week in range(1, picture.last_week + 1)
        for source in SOURCES
    }


def figure(by_week: Cells, source: Source, week: int, label: str) -> Figure | None:
    """The figure of a week, or None for a gap."""
    cell = by_week.get((source, week))
    return cell.figure(label) if cell else None


def source_of(cell: Cell) -> Source:
    """The kind of writing that all its texts are, else `all`."""
    kinds: dict[str | None, Source] = {"forum": "forum", "reflection": "reflection"}
    return kinds.get(cell.source, "all")


def numbers(by_week: Cells) -> list[int]:
    """The weeks, from the first to the last."""
    return sorted({week for _source, week in by_week})


def series(by_week: Cells) -> dict[Source, dict[str, tuple[Point | None, ...]]]:
    """The lines of the chart and the rows of its table."""
    return {
        source: {
            label: tuple(_point(figure(by_week, source, week, label)) for week in numbers(by_week))
            for label in LABELS
        }
        for source in SOURCES
    }


def _point(found: Figure | None) -> Point | None:
    return Point(found.percent, *found.interval()) if found else None


def calendar(material: Material, by_week: Cells) -> tuple[Week, ...]:
    """Every week with its first day and what is due in it."""
    first = material.first_day
    if first is None:
        return ()
    starts = {number: first + WEEK * (number - 1) for number in numbers(by_week)}
    return tuple(
        Week(number, start.date(), tuple(_due(material.activities, start)))
        for number, start in starts.items()
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
