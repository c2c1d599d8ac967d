"""The findings of a report in a sentence each, from parts of the object of `report.evaluate`."""

from collections.abc import Mapping, Sequence
from typing import Any

from model.reporting.report_tables import FEW, comparable, headline
from model.reporting.tables import number, percent

Found = Mapping[str, Any]
FIGURES = {"f1": "F1", "macro_f1": "macro-F1"}


def labels(found: Found) -> str:
    """Which label is read best and worst, and how the sentiment is."""
    parts = []
    scores = {
        name: own["f1"] for name, own in found.items() if name != "sentiment" and own["intervals"] != FEW
    }
    if scores:
        best, worst = max(scores, key=scores.__getitem__), min(scores, key=scores.__getitem__)
        parts.append(f"{best} is read best (F1 {number(scores[best])})")
        if worst != best:
            parts.append(f"{worst} worst ({number(scores[worst])})")
    if "sentiment" in found:
        own = found["sentiment"]
        low_high = (
            "" if own["intervals"] == FEW else " ({:.2f} to {:.2f})".format(*own["intervals"]["macro_f1"])
        )
        parts.append(f"the sentiment's macro-F1 is {number(own['macro_f1'])}{low_high}")
    return _sentence(parts) if parts else "Every label has too few positives for a figure to mean much."


def mistaken(found: Found) -> str:
    """The commonest mistake of all."""
    wrong = [
        (count, sum(counts), name, list(own["classes"])[row], list(own["classes"])[column])
        for name, own in found.items()
        for row, counts in enumerate(own["matrix"])
        for column, count in enumerate(counts)
        if row != column
    ]
    count, of, name, marked, read = max(wrong)
    if not count:
        return "Nothing is mistaken in these texts."
    if name == "sentiment":
        return f"The commonest mistake: {count} of {of} texts marked {marked} are read as {read}."
    if marked == "present":
        return f"The commonest mistake: {name} is missed in {count} of {of} texts that carry it."
    return f"The commonest mistake: {name} is read in {count} of {of} texts that do not carry it."


def spread(kind: str, members: Found, names: Sequence[str]) -> str:
    """Between which groups of rows the first label that can be compared differs most."""
    found = {name: comparable(members, name) for name in names}
    name = next((name for name in names if len(found[name]) > 1), None)
    if name is None:
        return f"Fewer than two groups by {kind} have enough texts, so nothing can be compared."
    scores = found[name]
    low, high = min(scores, key=scores.__getitem__), max(scores, key=scores.__getitem__)
    return (
        f"By {kind}, the {FIGURES[headline(name)]} of {name} ranges from {number(scores[low])} ({low}) "
        f"to {number(scores[high])} ({high})."
    )


def calibration(found: Found) -> str:
    """For how many labels scaling helps, and where the largest error is left."""
    better = sum(one["ece_after"] < one["ece_before"] for one in found.values())
    worst = max(found, key=lambda name: found[name]["ece_after"])
    own = found[worst]
    return (
        f"Scaling lowers the calibration error of {better} of {len(found)} labels; the largest that is left is "
        f"that of {worst}, {number(own['ece_after'])} at an average precision of {number(own['average_precision'])}."
    )


def clean(found: Found) -> str:
    """Of which label plain texts are most often wrongly read."""
    rates = {name: own["said"]["rate"] for name, own in found["rates"].items()}
    worst = max(rates, key=rates.__getitem__)
    strongly = found["rates"][worst]["strong"]["rate"]
    return (
        f"Of {found['rows']} plain texts, {percent(rates[worst])} are read as {worst}, the most of any label, "
        f"{percent(strongly)} strongly; {percent(rates['toxicity'])} are read as toxic."
    )


def gain(name: str, points: list[Found]) -> str:
    """The highest floor that keeps half of the texts, against none."""
    usable = [point for point in points if point["kept"] >= 0.5 and point["score"] is not None]
    if len(usable) < 2:
        return f"No floor of confidence keeps half of the texts' {name} with enough to compare."
    first, last = usable[0], usable[-1]
    change = "rises" if last["score"] > first["score"] else "goes"
    return (
        f"Asking for a confidence of {last['floor']:.2f} keeps {percent(last['kept'])} of the texts' {name}, "
        f"and its {FIGURES[headline(name)]} {change} from {number(first['score'])} to "
        f"{number(last['score'])}."
    )


def _sentence(parts: list[str]) -> str:
    joined = "; ".join(parts)
    return joined[0].upper() + joined[1:] + "."
