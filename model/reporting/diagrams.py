"""Two plots of a report for each label: the reliability diagram and the confusion matrix."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from model.reporting.canvas import FIRM, INK, INK_3, LINE, PAST, legend, mark, name_axes, panels, paper, scale
from model.reporting.cases import FEWEST

Found = Mapping[str, Any]
ACROSS = 4
SHADES = LinearSegmentedColormap.from_list("shades", ["#ffffff", "#7fb8d8"])  # the darkest still carries ink


def reliability(found: Found) -> Figure:
    """Frequency against probability in bins, before and after scaling, over bars of the texts in each bin."""
    names = list(found["labels"])
    figure, places = _pairs(names)
    for name, (axes, bars) in zip(names, places, strict=True):
        sides = found["labels"][name]["reliability"]
        axes.set_title(name)
        axes.plot([0, 1], [0, 1], color=INK_3, linewidth=0.8)
        _points(axes, sides["before"], PAST)
        _points(axes, sides["after"], FIRM)
        scale(axes)
        axes.tick_params(labelbottom=False)
        _counts(bars, sides["after"])
    places[0][0].set_ylabel("share that is true")
    legend(figure, [("after scaling", FIRM), ("before", PAST)])
    return figure


def _pairs(names: Sequence[str]) -> tuple[Figure, list[tuple[Axes, Axes]]]:
    """For each name a high and a low panel, up to four in a row."""
    down = -(-len(names) // ACROSS)
    figure = paper(280 * down + 40)
    grid = figure.subplots(2 * down, ACROSS, squeeze=False, height_ratios=[5, 1] * down)
    places = [
        (high, low) for row in range(down) for high, low in zip(*grid[2 * row : 2 * row + 2], strict=True)
    ]
    for unused in places[len(names) :]:
        for axes in unused:
            axes.set_axis_off()
    return figure, places[: len(names)]


def _points(axes: Axes, bins: Sequence[Found], pen: dict[str, Any]) -> None:
    """A line through the bins, with a mark for each."""
    points = [one for one in bins if one["count"]]
    xs, ys = ([one[key] for one in points] for key in ("probability", "frequency"))
    axes.plot(xs, ys, **{**pen, "marker": "none"})
    for x, y, one in zip(xs, ys, points, strict=True):
        mark(axes, x, y, pen, one["count"] >= FEWEST)


def _counts(axes: Axes, bins: Sequence[Found]) -> None:
    """Bars of the texts in each bin, the tallest with its number."""
    counts = [one["count"] for one in bins]
    middles = [(one["low"] + one["high"]) / 2 for one in bins]
    axes.bar(middles, counts, width=0.085, color="#b9d5e5")
    tallest = int(np.argmax(counts))
    where = (middles[tallest], counts[tallest])
    axes.text(*where, str(counts[tallest]), ha="center", va="bottom", fontsize=11, color=INK_3)
    scale(axes, "x")
    axes.grid(False)
    axes.set_ylim(0, 1.6 * max(counts))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def matrices(found: Found) -> Figure:
    """What a person marked against what is read, in texts; shades are shares of a row."""
    figure, places = panels(list(found["labels"]), 200)
    for name, axes in places.items():
        own = found["labels"][name]
        counts = np.array(own["matrix"])
        shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
        axes.pcolormesh(shares, cmap=SHADES, vmin=0, vmax=1, edgecolors=LINE, linewidth=1)
        for row, column in np.ndindex(counts.shape):
            where = (column + 0.5, row + 0.5)
            axes.text(*where, str(counts[row, column]), ha="center", va="center", color=INK, fontsize=13)
        marks = list(own["classes"])
        axes.set_xticks(np.arange(len(marks)) + 0.5, marks)
        axes.set_yticks(np.arange(len(marks)) + 0.5, marks, rotation=90, va="center")
        axes.spines[:].set_visible(False)
        axes.set_aspect("equal")
        axes.invert_yaxis()
    name_axes(places, "read as", "marked")
    return figure
