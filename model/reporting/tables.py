"""The parts of a report, whatever shows it: sections of exhibits, each a finding with a plot and its tables."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

NONE = "–"


@dataclass(frozen=True)
class Table:
    """Cells as shown; `folded` ones are long, and a page opens them on demand. The first column names the row."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    folded: bool = False


@dataclass(frozen=True)
class Exhibit:
    """One sentence, the key of the plot that shows it if there is one, and the tables with the same figures."""

    finding: str
    plot: str = ""
    tables: Sequence[Table] = field(default=())


@dataclass(frozen=True)
class Section:
    """Exhibits under a heading; `note` says how to read them."""

    title: str
    note: str
    exhibits: Sequence[Exhibit]


def number(value: Any) -> str:
    """Two decimals, a whole number as it is, a dash for what does not exist."""
    if value is None:
        return NONE
    return str(value) if isinstance(value, int) else f"{value:.2f}"


def percent(share: float) -> str:
    """A share in per cent; below ten with one decimal, so that rare things do not become none."""
    return f"{100 * share:.1f} %" if 0 < share < 0.0995 else f"{100 * share:.0f} %"


def with_interval(figures: dict[str, Any], name: str) -> str:
    """A figure with its 95 % interval in brackets, or with the words "too few"."""
    if figures.get(name) is None:
        return NONE
    found = figures["intervals"]
    own = found if isinstance(found, str) else span(found[name])
    return f"{number(figures[name])} ({own})"


def span(interval: Sequence[float]) -> str:
    """Both ends of an interval."""
    return f"{interval[0]:.2f}–{interval[1]:.2f}"


def one_line(text: str, most: int = 400) -> str:
    """A text on one line without control characters, cut at `most` characters."""
    flat = "".join(char for char in " ".join(text.split()) if unicodedata.category(char) != "Cc")
    return flat if len(flat) <= most else flat[:most].rstrip() + " …"


def plain(title: str, facts: str, sections: Sequence[Section]) -> str:
    """The report as plain text."""
    blocks = [f"{title}\n{'=' * len(title)}\n{facts}"]
    for section in sections:
        blocks.append(f"{section.title}\n{'-' * len(section.title)}\n{section.note}")
        for exhibit in section.exhibits:
            blocks.append(exhibit.finding)
            blocks.extend(_lines(table) for table in exhibit.tables)
    return "\n\n".join(blocks) + "\n"


def _lines(table: Table) -> str:
    """A table in columns as wide as their cells."""
    rows = [table.head, *table.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    aligned = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return "\n".join([f"{table.caption}:", *("  " + line for line in aligned)])
