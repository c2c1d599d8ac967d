"""What a report says in words: a sentence for each exhibit, from the object of `report.evaluate`."""

from collections.abc import Mapping
from typing import Any

from model.reporting import report_tables as tables
from model.reporting import sentences
from model.reporting.report_tables import comparable
from model.reporting.tables import Exhibit, Section, Table, number

Found = Mapping[str, Any]
TITLE = "How well the classifier reads these texts"
NOTHING = "No row carries a label, so there is nothing to compare with."


def facts(found: Found) -> str:
    """What was evaluated, in one line."""
    known = [
        f"{found['rows']} texts",
        found.get("data"),
        found.get("model") and f"weights {found['model'][:12]}",
    ]
    return " · ".join(part for part in known if part)


def sections(found: Found) -> list[Section]:
    """All sections of a report, in order."""
    parts = [labels, calibration, matrices, groups, abstention, clean, mistakes]
    if not found["labels"]:
        return [Section("Labels", "Labels are read from the rows' `labels`.", [Exhibit(NOTHING)])]
    return [part(found) for part in parts]


def labels(found: Found) -> Section:
    """The figures over all rows."""
    note = (
        "Each label is judged over the texts that carry an answer for it, and none is left out for being unsure. "
        "Intervals are 95 % percentile bootstraps over texts; a label with under five positives has “too few”."
    )
    own = found["labels"]
    shown = [tables.labels(own), *([tables.ordinary(own)] if set(own) - {"sentiment"} else [])]
    exhibit = Exhibit(sentences.labels(own), "labels", shown)
    return Section("Figures of each label", note, [exhibit])


def calibration(found: Found) -> Section:
    """Whether a probability means what it says."""
    own = found["labels"]
    note = (
        "Texts in ten equally wide bins of probability: for a label the probability that it is there, for the "
        "sentiment that of what was read. On the diagonal a probability is as often right as it says. The error is "
        "the mean distance from it, weighted by texts; hollow marks are bins of under five. Beside it stands the "
        "average precision, since whoever always says the base rate has no error and knows nothing."
    )
    shown = [tables.calibration(own), *(tables.bins(name, one) for name, one in own.items())]
    return Section(
        "Whether a probability means what it says",
        note,
        [Exhibit(sentences.calibration(own), "reliability", shown)],
    )


def matrices(found: Found) -> Section:
    """What is mistaken for what."""
    emotions = {name: own for name, own in found["labels"].items() if name != "sentiment"}
    shown: list[Table] = []
    if "sentiment" in found["labels"]:
        shown.append(tables.sentiment_matrix(found["labels"]["sentiment"]))
    if emotions:
        shown.append(tables.label_matrices(emotions))
    note = "A row is what a person marked, a column what the model reads; the shade is the share of the row."
    return Section(
        "What is mistaken for what", note, [Exhibit(sentences.mistaken(found["labels"]), "matrices", shown)]
    )


def groups(found: Found) -> Section:
    """The figures by language, length and source."""
    names = list(found["labels"])
    exhibits = [
        Exhibit(sentences.spread(kind, members, names), plot, [tables.groups(kind, members, names)])
        for kind, members in found["groups"].items()
        for plot in [kind if any(len(comparable(members, name)) > 1 for name in names) else ""]
    ]
    note = (
        "The same figures within groups of texts. Length is in words, two Chinese characters counting as one; the "
        "language, the source and whether single words were made to mislead are what the rows state."
    )
    return Section("By language, length and source", note, exhibits)


def abstention(found: Found) -> Section:
    """What saying less would gain."""
    curves = found["abstention"]
    note = (
        "What would be kept and gained if nothing were said below a floor of confidence, the probability of what "
        "was read; a dash where under five positives are kept. This stands apart: in every other table all texts "
        "count, however unsure the model is."
    )
    exhibit = Exhibit(sentences.gain(*next(iter(curves.items()))), "abstention", [tables.abstention(curves)])
    return Section("If the model said less", note, [exhibit])


def clean(found: Found) -> Section:
    """False positives on texts without a label."""
    title, own = "False alarms in plain texts", found["clean"]
    if own is None:
        return Section(title, "", [Exhibit("No plain texts were given, so these were not counted.")])
    note = (
        "Texts assumed to carry no label, such as diary sentences. Some may express one after all, so these are "
        f"upper bounds. Strongly is from a probability of {number(own['strong_from'])}; intervals are Wilson's."
    )
    return Section(title, note, [Exhibit(sentences.clean(own), "clean", [tables.clean(own)])])


def mistakes(found: Found) -> Section:
    """The worst mistakes, of public data only."""
    title, own = "The surest mistakes", found["worst"]
    if isinstance(own, str):
        return Section(title, "", [Exhibit(own)])
    most = max(own, key=lambda name: max((one["confidence"] for one in own[name]), default=0.0))
    shown = [tables.mistakes(name, ones) for name, ones in own.items() if ones]
    if not shown:
        return Section(title, "", [Exhibit("There is no mistake in these texts.")])
    note = "Up to twenty of each label, surest first. The mark itself may be what is wrong."
    sentence = f"The surest mistake is about {most}, said with {number(own[most][0]['confidence'])}."
    return Section(title, note, [Exhibit(sentence, tables=shown)])
