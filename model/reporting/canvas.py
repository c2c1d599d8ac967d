"""Paper, pens and the SVG of the plots of a report; colours and sizes are those of the tool's pages.

Figures are measured in pixels: at 72 dots to the inch a point is one. No window is ever opened, since the figures are
made without pyplot and drawn by the Agg and SVG backends.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from markupsafe import escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

INK, INK_2, INK_3, LINE, WASH = "#1b2430", "#4a5666", "#6b7685", "#e3e7ec", "#f6f8fa"
BLUE, VERMILLION, GREY = "#0072B2", "#B54A00", "#767676"
WIDTH = 1040

FIRM: dict[str, Any] = {"color": BLUE, "marker": "o", "markersize": 5.5, "linewidth": 1.8}
OTHER: dict[str, Any] = {"color": VERMILLION, "marker": "D", "markersize": 5, "linewidth": 1.8}
PAST: dict[str, Any] = {"color": GREY, "marker": "s", "markersize": 4, "linestyle": "--", "linewidth": 1.2}

STYLE: Any = {
    "figure.dpi": 72,
    "font.size": 12,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK_2,
    "axes.labelsize": 12,
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": INK_3,
    "ytick.color": INK_3,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "grid.color": LINE,
    "legend.frameon": False,
    "legend.fontsize": 12,
    "svg.fonttype": "none",  # words stay words, which can be read out and found
    "svg.hashsalt": "undertone",
}


@contextmanager
def pens() -> Iterator[None]:
    """The style, for everything that is drawn and saved within."""
    with mpl.rc_context(STYLE):
        yield


def paper(height: int) -> Figure:
    """An empty figure as wide as the page, `height` in pixels."""
    spaced = ConstrainedLayoutEngine(w_pad=8 / 72, h_pad=10 / 72, wspace=0.05, hspace=0.04)
    figure = Figure(figsize=(WIDTH / 72, height / 72), layout=spaced)
    FigureCanvasAgg(figure)
    return figure


def panels(
    names: Sequence[str], height: int, across: int = 4, share_y: bool = False
) -> tuple[Figure, dict[str, Axes]]:
    """A figure with a titled panel for each name, up to `across` in a row of `height` pixels."""
    across = min(across, max(2, len(names)))
    down = -(-len(names) // across)
    figure = paper(height * down + 40)
    grid = figure.subplots(down, across, squeeze=False, sharey=share_y).ravel()
    for axes, name in zip(grid, names, strict=False):
        axes.set_title(name)
    for axes in grid[len(names) :]:
        axes.set_axis_off()
    return figure, dict(zip(names, grid, strict=False))


def name_axes(places: Mapping[str, Axes], below: str, beside: str = "") -> None:
    """What runs along the panels of `panels`: below the lowest of each column, beside the first of each row."""
    for number, axes in enumerate(places.values()):
        spec = axes.get_subplotspec()
        if spec is not None and number + spec.get_gridspec().ncols >= len(places):
            axes.set_xlabel(below)
        if spec is not None and spec.is_first_col():
            axes.set_ylabel(beside)


def scale(axes: Axes, along: str = "both") -> None:
    """Axes from 0 to 1 with light lines, along x, y or both."""
    ticks, marks = [0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"]
    if along in ("x", "both"):
        axes.set_xlim(-0.02, 1.03)
        axes.set_xticks(ticks, marks)
    if along in ("y", "both"):
        axes.set_ylim(-0.02, 1.03)
        axes.set_yticks(ticks, marks)
    axes.grid(True, axis=along)  # type: ignore[arg-type]


def mark(axes: Axes, x: float, y: float, pen: dict[str, Any], firm: bool) -> None:
    """One mark, hollow where it rests on too few texts."""
    face = {} if firm else {"markerfacecolor": "white"}
    axes.plot([x], [y], **{**pen, "linestyle": "none", **face})


def whiskers(
    axes: Axes, value: float, interval: Sequence[float] | None, y: float, pen: dict[str, Any]
) -> None:
    """A value at a height with the line of its interval, which is none where there are too few texts."""
    if interval is not None:
        axes.plot(interval, [y, y], color=pen["color"], linewidth=1.8, solid_capstyle="round")
    mark(axes, value, y, pen, interval is not None)


def legend(figure: Figure, entries: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """The pens and what each stands for, above the figure."""
    keys = [Line2D([], [], **pen) for _, pen in entries]
    words = [name for name, _ in entries]
    figure.legend(
        keys, words, loc="outside upper left", ncols=len(entries), handlelength=2.4, borderaxespad=0.8
    )


def svg(figure: Figure, key: str, words: str) -> str:
    """The figure as an SVG element to stand in a page: named by `words`, its ids its own by `key`."""
    stream = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(stream, format="svg", metadata=nothing)
    drawn = stream.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", drawn, count=1, flags=re.DOTALL)
    drawn = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{key}-", drawn)
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(words)}" ', 1)
