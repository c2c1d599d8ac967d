"""The rules of the gate with both models' figures, in words for the administrator."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from lti_tool.scoring.words import label_word

MEASURED = ("agreement", "newest", "macro_f1", "recall", "calibration", "gap", "insults", "speed")


def rule_rows(report: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every rule with both models' figures; empty when nothing was measured."""
    return [rule_row(reason) for reason in report.get("reasons", ()) if reason["rule"] in MEASURED]


def rule_row(reason: Mapping[str, Any]) -> dict[str, str]:
    """One rule: what was measured, for the candidate and the serving (or shipped) model, the rule, and whether it held.

    Agreement in whole percent: its decimals would tell how many corrections there are.
    """
    what, rule = _rule(reason)
    told = _TOLD.get(reason["rule"], _percent)
    return {
        "what": what,
        "candidate": told(reason["candidate"]),
        "serving": told(reason["serving"]),
        "rule": rule,
        "held": _("held") if reason["passed"] else _("broken"),
    }


def _rule(reason: Mapping[str, Any]) -> tuple[str, str]:
    label, name = reason["label"], reason["rule"]
    if name in ("macro_f1", "recall", "calibration"):
        return _on_frozen(reason)
    if name == "gap":
        what = _("%(label)s wrongly said, between groups of writers", label=_wrong(label))
        return what, _("at most five points apart, or no more than before")
    rest: dict[str, tuple[str, str]] = {
        "newest": (_("Agreement with corrections of the last two weeks"), _("it may not fall")),
        "insults": (_("Insults that are heard"), _("at least a quarter, or as many as before")),
        "speed": (_("Time to read the same texts"), _("at most a quarter longer")),
    }
    if name in rest:
        return rest[name]
    # No number: it would change when a single author allows training or forbids it (P14).
    if reason["held_out"]:
        return _("Agreement with corrections that no training has seen"), _(
            "it has to rise by more than chance"
        )
    return _("Agreement with the corrections it was trained on"), _("it has to rise")


def is_against_shipped(reason: Mapping[str, Any]) -> bool:
    """Whether the second figure is that of the model that came with the project."""
    return reason.get("against") == "shipped"


def _on_frozen(reason: Mapping[str, Any]) -> tuple[str, str]:
    what, once, in_all = _figure(reason)
    if is_against_shipped(reason):
        return _("%(what)s, beside the model that came with the project", what=what), in_all
    return what, once


def _figure(reason: Mapping[str, Any]) -> tuple[str, str, str]:
    """What was measured, what one promotion may lose of it, and what all of them together."""
    label = label_or_sentiment(reason["label"]) if reason["label"] else ""
    if reason["rule"] == "macro_f1":
        once, in_all = _("at most half a point may be lost"), _("at most one point may be lost in all")
        return _("Macro-F1 on the frozen texts"), once, in_all
    if reason["rule"] == "calibration":
        what = _("How far stated probabilities of %(label)s are from the truth", label=label)
        return what, _("at most one point may be added"), _("at most two points may be added in all")
    what = _("Recall of %(label)s", label=label)
    if reason.get("texts"):
        once = _("at most two of so few texts (%(num)s) may be lost", num=reason["texts"])
        return what, once, _("at most four of so few texts (%(num)s) may be lost in all", num=reason["texts"])
    return what, _("at most two points may be lost"), _("at most four points may be lost in all")


def label_or_sentiment(name: str) -> str:
    """A label's name, or the word for all three sentiments together."""
    return str(_("sentiment")) if name == "sentiment" else label_word(name)


def _wrong(label: str) -> str:
    return str(_("Strong negative")) if label == "strong negative" else label_word(label).capitalize()


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _whole_percent(share: float) -> str:
    return f"{round(100 * share)} %"


def whole_points(share: float) -> str:
    """A difference in whole points, signed."""
    return f"{round(100 * share):+d}".replace("+0", "0").replace("-", "−")


def _times(ratio: float) -> str:
    return f"{ratio:.2f} ×"


_TOLD = {"agreement": _whole_percent, "newest": _whole_percent, "speed": _times}
