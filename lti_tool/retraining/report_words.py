"""What a night did and learnt, for a reader who is no statistician."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from lti_tool.retraining.rule_words import label_or_sentiment

TELLING_CHANGE = 0.01


@dataclass(frozen=True)
class Told:
    """A report in sentences: what was done, what was learnt, why labels wait, and how long it took; empty is unsaid."""

    did: str
    learnt: str
    waits: list[str]
    took: str


def told(report: Mapping[str, Any]) -> Told:
    """The sentences of one run's report."""
    return Told(way_words(report), learnt_words(report), held_words(report), time_words(report))


def learnt_words(report: Mapping[str, Any]) -> str:
    """On which labels the candidate says more often what people said, and on which less, without a number."""
    changes = {name: one - other for name, (one, other) in report.get("changes", {}).items()}
    more = [label_or_sentiment(name) for name, change in changes.items() if change >= TELLING_CHANGE]
    less = [label_or_sentiment(name) for name, change in changes.items() if change <= -TELLING_CHANGE]
    sentences = []
    if more:
        sentences.append(_("It agrees with people more often on %(labels)s.", labels=", ".join(more)))
    if less:
        sentences.append(_("It agrees with them less often on %(labels)s.", labels=", ".join(less)))
    if changes and not sentences:
        sentences.append(_("On no label does it agree with people noticeably more or less often."))
    return " ".join(sentences)


def way_words(report: Mapping[str, Any]) -> str:
    """What the run did, for somebody who has never heard of either."""
    words: dict[str, str] = {
        "training": _(
            "A copy of the model was trained on corrections, and both read texts that neither has seen."
        ),
        "recalibration": _(
            "There were too few corrections to train on. So the model stayed as it is, and only the limits from which "
            "it names a label were set anew."
        ),
    }
    return " ".join(filter(None, [words.get(report.get("way", ""), ""), _public_words(report)]))


def _public_words(report: Mapping[str, Any]) -> str:
    """Which public corpora were mixed in."""
    names = ", ".join(report.get("public", ()))
    return str(_("Texts of public corpora were mixed in: %(names)s.", names=names)) if names else ""


def held_words(report: Mapping[str, Any]) -> list[str]:
    """Why labels wait for a second reader; whose, and how many, is not told (P14)."""
    return [hold_words(reason) for reason in report.get("held", ())]


def hold_words(reason: str) -> str:
    """One reason of S43 to let a label wait, in words that accuse nobody."""
    words: dict[str, str] = {
        "sure": _("A label says the opposite of what the model was very sure of."),
        "quality": _("A label fits badly to those of texts that are alike."),
        "one_way": _("Many labels were changed in one and the same way."),
        "checks": _("Labels differ from those of others on the same texts."),
        "pace": _("Labels were given faster than the texts can be read."),
    }
    return words.get(reason) or str(_("A label looked like a slip."))


def time_words(report: Mapping[str, Any]) -> str:
    """How long the run took; less than two minutes in seconds."""
    seconds = round(report.get("seconds") or 0)
    if not seconds:
        return ""
    if seconds < 120:
        return str(_("%(num)s seconds", num=seconds))
    return str(_("%(num)s minutes", num=round(seconds / 60)))
