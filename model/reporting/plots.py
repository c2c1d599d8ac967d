"""The plots of a report as SVG, drawn from the object of `report.evaluate`. Shape and dash say what colour says."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from model.reporting.canvas import (
    FIRM,
    INK,
    OTHER,
    legend,
    mark,
    name_axes,
    panels,
    paper,
    pens,
    scale,
    svg,
    whiskers,
)
from model.reporting.diagrams import matrices, reliability
from model.reporting.report_tables import FEW, comparable, headline

Found = Mapping[str, Any]
CAPTIONS = {
    "labels": "F1 and average precision of each label, with 95 % intervals; hollow marks have too few positives",
    "reliability": "Reliability diagrams: share that is true by probability; below, texts in each bin after scaling",
    "matrices": "Confusion matrices: texts by what was marked (down) and what was read (across)",
    "language": "F1 (of sentiment macro-F1) in each language, with 95 % intervals; no mark where there are too few",
    "length": "F1 (of sentiment macro-F1) by length, with 95 % intervals; no mark where there are too few",
    "source": "F1 (of sentiment macro-F1) by source, with 95 % intervals; no mark where there are too few",
    "wording": "F1 (of sentiment macro-F1) of plain texts and of those written to mislead, with 95 % intervals",
    "abstention": "Abstention curves: F1 (of sentiment macro-F1) against the share of texts kept, fewer to the right",
    "clean": "Share of plain texts of which each label is said, with 95 % intervals",
}
MOST_GROUPS = 12
FLOOR = 0.9
LONGEST_NAME = 26


def draw(key: str, found: Found, words: str) -> str:
    """The plot of an exhibit as an SVG element; `words` say what it shows to whoever does not see it."""
    drawing: dict[str, Callable[[Found], Figure]] = {
        "labels": labels,
        "reliability": reliability,
        "matrices": matrices,
        "abstention": abstention,
        "clean": clean,
    }
    with pens():
        figure = (
            drawing[key](found) if key in drawing else groups(found["groups"][key], list(found["labels"]))
        )
        return svg(figure, key, words)


def labels(found: Found) -> Figure:
    """F1 and average precision of each label with their intervals."""
    names = list(found["labels"])
    figure, axes = _rows(names)
    for height, (name, own) in enumerate(found["labels"].items()):
        for column, pen, shift in ((headline(name), FIRM, -0.14), ("average_precision", OTHER, 0.14)):
            if own[column] is not None:
                whiskers(axes, own[column], _interval(own, column), height + shift, pen)
    legend(figure, [("F1 (sentiment: macro-F1)", FIRM), ("average precision", OTHER)])
    return figure


def clean(found: Found) -> Figure:
    """Shares of plain texts of which each label is said, at all and strongly."""
    rates = found["clean"]["rates"]
    figure, axes = _rows(list(rates))
    for height, own in enumerate(rates.values()):
        for how, pen, shift in (("said", FIRM, -0.14), ("strong", OTHER, 0.14)):
            whiskers(axes, own[how]["rate"], own[how]["interval"], height + shift, pen)
    most = max(side["interval"][1] for own in rates.values() for side in own.values())
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.set_xlim(-0.01 * most, min(1.01, 1.1 * most))
    legend(figure, [("said", FIRM), ("said strongly", OTHER)])
    return figure


def groups(members: Found, names: Sequence[str]) -> Figure:
    """F1 of each label that can be compared, in each group of rows, largest groups first."""
    kept = list(members)[:MOST_GROUPS]
    shown = [name for name in names if len(comparable(members, name)) > 1]
    figure, places = panels(shown, 80 + 24 * len(kept), share_y=True)
    for name, axes in places.items():
        for group, value in comparable(members, name).items():
            if group in kept:
                interval = _interval(members[group]["labels"][name], headline(name))
                whiskers(axes, value, interval, kept.index(group), FIRM)
        scale(axes, "x")
        axes.set_ylim(len(kept) - 0.5, -0.5)
        axes.set_yticks(range(len(kept)), [_short(group) for group in kept])
    name_axes(places, "F1")
    return figure


def abstention(found: Found) -> Figure:
    """F1 over the texts kept against their share, as the floor of confidence rises."""
    figure, places = panels(list(found["abstention"]), 215)
    for name, axes in places.items():
        points = [one for one in found["abstention"][name] if one["score"] is not None]
        kept, scores = [one["kept"] for one in points], [one["score"] for one in points]
        axes.plot(kept, scores, **FIRM)
        for one in points:
            if one["floor"] == FLOOR:
                mark(axes, one["kept"], one["score"], {**OTHER, "markersize": 8}, firm=True)
        scale(axes)
        axes.invert_xaxis()
        axes.set_xticks(axes.get_xticks(), ["0 %", "", "50 %", "", "100 %"])
    name_axes(places, "texts kept", "F1")
    legend(figure, [("each floor of confidence", FIRM), (f"confidence of at least {FLOOR}", OTHER)])
    return figure


def _rows(names: Sequence[str]) -> tuple[Figure, Axes]:
    """One panel with a row for each name, first on top."""
    figure = paper(44 * len(names) + 70)
    axes = figure.subplots()
    scale(axes, "x")
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), list(names), color=INK, fontsize=13)
    axes.spines["left"].set_visible(False)
    return figure, axes


def _interval(own: Found, name: str) -> list[float] | None:
    return None if own["intervals"] == FEW else own["intervals"].get(name)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
