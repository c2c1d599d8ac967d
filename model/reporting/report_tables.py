"""The tables of a report: the same figures as its plots show, from the object of `report.evaluate`."""

from collections.abc import Mapping
from typing import Any

from model.reporting.tables import NONE, Table, number, one_line, percent, with_interval

Figures = Mapping[str, Any]
FEW = "too few"


def headline(name: str) -> str:
    """The figure that stands for a label: macro-F1 of sentiment, F1 of the others."""
    return "macro_f1" if name == "sentiment" else "f1"


def comparable(members: Figures, name: str) -> dict[str, float]:
    """What stands for a label in each group of rows that has enough of it."""
    return {
        group: own["labels"][name][headline(name)]
        for group, own in members.items()
        if name in own["labels"] and own["labels"][name]["intervals"] != FEW
    }


def labels(found: Figures) -> Table:
    """A row per label with every figure and its interval."""
    columns = ("f1", "macro_f1", "average_precision", "auc")
    rows = [
        [
            name,
            number(own["support"]),
            number(own.get("positives")),
            *(with_interval(own, c) for c in columns),
        ]
        for name, own in found.items()
    ]
    head = ("label", "texts", "with it", "F1", "macro-F1", "average precision", "AUC")
    return Table("Figures with 95 % intervals", head, rows)


def ordinary(found: Figures) -> Table:
    """What a label that is said would be worth where as few texts carry it as we assume of ordinary ones."""
    rows = [
        [
            name,
            percent(own["prevalence"]),
            number(own["precision_at_prevalence"]),
            number(own["recall"]),
        ]
        for name, own in found.items()
        if "prevalence" in own
    ]
    head = ("label", "share that carries it", "precision there", "recall")
    return Table("If as few texts carried a label as we assume of ordinary ones", head, rows)


def calibration(found: Figures) -> Table:
    """The calibration error before and after, and what chance alone would give, beside average precision."""
    columns = ("average_precision", "ece_before", "ece_after", "ece_by_chance")
    rows = [[name, *(number(own[column]) for column in columns)] for name, own in found.items()]
    head = ("label", "average precision", "error before", "error after", "error by chance alone")
    return Table("Calibration error", head, rows)


def bins(name: str, own: Figures) -> Table:
    """The bins of one label's reliability diagram."""
    head = (
        "probability",
        *(f"{what}, {when}" for when in ("before", "after") for what in ("texts", "said", "true")),
    )
    rows = [
        [
            f"{one['low']:.1f}–{one['high']:.1f}",
            *(number(side[key]) for side in (one, two) for key in ("count", "probability", "frequency")),
        ]
        for one, two in zip(own["reliability"]["before"], own["reliability"]["after"], strict=True)
    ]
    return Table(f"Bins of {name}", head, rows, folded=True)


def sentiment_matrix(own: Figures) -> Table:
    """What texts of each sentiment were read as."""
    names = list(own["classes"])
    rows = [[f"marked {name}", *map(str, counts)] for name, counts in zip(names, own["matrix"], strict=True)]
    return Table("Sentiment", ("", *(f"read as {name}" for name in names)), rows)


def label_matrices(found: Figures) -> Table:
    """Hits and misses of each label."""
    rows = []
    for name, own in found.items():
        (absent, alarms), (missed, hits) = own["matrix"]
        rows.append([name, *map(str, (hits, missed, alarms, absent))])
    return Table("Labels", ("label", "rightly said", "missed", "wrongly said", "rightly not said"), rows)


def groups(kind: str, members: Figures, names: list[str]) -> Table:
    """F1 of each label, of sentiment macro-F1, in each group of rows."""
    rows = [
        [group, str(own["rows"]), *(_score(own["labels"].get(name), name) for name in names)]
        for group, own in members.items()
    ]
    return Table(f"F1 by {kind} (sentiment: macro-F1)", (kind, "texts", *names), rows)


def _score(own: Figures | None, name: str) -> str:
    if own is None:
        return NONE
    return FEW if own["intervals"] == FEW else with_interval(dict(own), headline(name))


def abstention(curves: Mapping[str, list[Figures]]) -> Table:
    """What each floor keeps and reaches."""
    rows = []
    for points in zip(*curves.values(), strict=True):
        cells = [f"{number(point['score'])} ({percent(point['kept'])})" for point in points]
        rows.append([f"{points[0]['floor']:.2f}", *cells])
    caption = "F1 (sentiment: macro-F1) and the share of texts kept, by least confidence"
    return Table(caption, ("confidence", *curves), rows)


def clean(found: Figures) -> Table:
    """How often each label is said of texts that carry none."""
    rows = [[name, *_share(own["said"]), *_share(own["strong"])] for name, own in found["rates"].items()]
    columns = ("", ", share", ", interval")
    head = ("label", *(f"{how}{column}" for how in ("said", "strongly") for column in columns))
    return Table(f"Of {found['rows']} texts", head, rows)


def _share(side: Figures) -> list[str]:
    low, high = (100 * end for end in side["interval"])
    return [str(side["count"]), percent(side["rate"]), f"{low:.1f}–{high:.1f} %"]


def mistakes(name: str, found: list[Figures]) -> Table:
    """The surest mistakes of one label, with their texts."""
    rows = [
        [str(one["row"] + 1), number(one["confidence"]), one["said"], one["truth"], one_line(one["text"])]
        for one in found
    ]
    return Table(
        f"{name}: {len(found)}", ("row", "confidence", "read as", "marked", "text"), rows, folded=True
    )
