"""From a snapshot's series to what the chart and its table twin both read: one set of numbers (U42)."""

from typing import Any

from flask_babel import gettext as _

from lti_tool.disclosure.rules import percent_text
from lti_tool.insights.snapshot import Point, SnapshotBody, Source
from lti_tool.scoring.words import label_word

LINES = (("confusion", "vermillion", False), ("engagement", "blue", False), ("frustration", "grey", True))
"""Label, colour and whether dashed; the first has its band drawn."""
MOST_MARKS = 4


def weeks_chart(body: SnapshotBody, source: Source = "all") -> dict[str, Any] | None:
    """The data of the chart of the weeks, or None when there is nothing to draw."""
    series = (body.series or {}).get(source)
    if not series or not any(point for points in series.values() for point in points):
        return None
    lines = [
        _line(label, tone, dash, series[label], number == 0)
        for number, (label, tone, dash) in enumerate(LINES)
        if label in series
    ]
    return {
        "x": [_("Week %(number)s", number=week.number) for week in body.weeks],
        "x_title": _("Week"),
        "unit": "%",
        "series": lines,
        "marks": _marks(body),
    }


def peak_sentence(body: SnapshotBody, source: Source) -> str:
    """The finding above the chart of one kind of writing: the label that stood out most, when and how much."""
    series = (body.series or {}).get(source) or {}
    points = [
        (point.percent, label, week.number)
        for label, _tone, _dash in LINES
        for week, point in zip(body.weeks, series.get(label, ()), strict=False)
        if point
    ]
    if not points:
        return ""
    percent, label, number = max(points, key=lambda point: point[0])
    told = {"label": label_word(label).capitalize(), "number": number, "share": percent_text(percent)}
    if [height for height, _label, _number in points].count(percent) > 1:
        return _no_single_week(source, told)
    if source == "reflection":
        return str(_("%(label)s stood out most in week %(number)s: %(share)s of the reflections.", **told))
    return str(_("%(label)s stood out most in week %(number)s: %(share)s of the forum posts.", **told))


def _no_single_week(source: Source, told: dict[str, Any]) -> str:
    """Several weeks, or labels, are as high as each other."""
    share = told["share"]
    if source == "reflection":
        return str(
            _(
                "No single week stands out: no label reaches more than %(share)s of the reflections.",
                share=share,
            )
        )
    return str(
        _("No single week stands out: no label reaches more than %(share)s of the forum posts.", share=share)
    )


def _line(label: str, tone: str, dash: bool, points: tuple[Point | None, ...], band: bool) -> dict[str, Any]:
    return {
        "name": label_word(label).capitalize(),
        "tone": tone,
        "dash": dash,
        "band": band,
        "values": [point and point.percent for point in points],
        "low": [point and point.low for point in points],
        "high": [point and point.high for point in points],
        "shown": [percent_text(point.percent) if point else _("Too few to show") for point in points],
    }


def _marks(body: SnapshotBody) -> list[dict[str, str]]:
    """Deadlines, when they are few enough to be read: what is due every week marks nothing."""
    due = [week for week in body.weeks if week.due]
    if len(due) > MOST_MARKS:
        return []
    return [
        {
            "x": _("Week %(number)s", number=week.number),
            "words": _("%(name)s due", name=", ".join(week.due)),
        }
        for week in due
    ]
