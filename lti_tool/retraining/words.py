"""Decisions, rules, steps and figures of a run, in words for the administrator.

No sentence tells that somebody took texts back: each that could is the same whatever the cause (P14).
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from lti_tool.scoring.words import label_word


def verdict_words(report: Mapping[str, Any]) -> str:
    """A run's decision with the rule that led to it, as its headline."""
    decided: dict[str, str] = {
        "promoted": _("Promoted: better on the corrections and no worse elsewhere."),
        "kept": _("Kept the serving model."),
        "too_few": _("Not trained."),
        "rolled_back": _("Kept no candidate; an earlier version serves."),
    }
    broken = next((reason for reason in report.get("reasons", ()) if not reason["passed"]), None)
    return " ".join([decided[report["decision"]], *([_why_not(broken)] if broken else [])])


def _why_not(reason: Mapping[str, Any]) -> str:
    """A broken rule as a sentence."""
    if reason["rule"] == "too_few":
        return str(
            _("Fewer corrections may be used than the %(least)s that are needed.", least=reason["least"])
        )
    if reason["rule"] in ("pointer_moved", "withdrawn"):
        return str(
            _("What the candidate rests on changed while it trained, so the comparison no longer holds.")
        )
    row = rule_row(reason)
    return str(
        _("%(what)s: %(candidate)s for the candidate, %(serving)s for the serving model; %(rule)s.", **row)
    )


def rule_rows(report: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every rule with both models' figures; empty when nothing was trained."""
    measured = ("agreement", "macro_f1", "recall")
    return [rule_row(reason) for reason in report.get("reasons", ()) if reason["rule"] in measured]


def rule_row(reason: Mapping[str, Any]) -> dict[str, str]:
    """One rule: what was measured, for the candidate and the serving model, the rule, and whether it held.

    Agreement in whole percent: its decimals would tell how many corrections there are.
    """
    what, rule = _rule(reason)
    told = _whole_percent if reason["rule"] == "agreement" else _percent
    return {
        "what": what,
        "candidate": told(reason["candidate"]),
        "serving": told(reason["serving"]),
        "rule": rule,
        "held": _("held") if reason["passed"] else _("broken"),
    }


def _rule(reason: Mapping[str, Any]) -> tuple[str, str]:
    if reason["rule"] == "recall":
        what = _("Recall of %(label)s", label=label_word(reason["label"]))
        return what, _("at most two points may be lost")
    if reason["rule"] == "macro_f1":
        return _("Macro-F1 on the frozen texts"), _("at most half a point may be lost")
    # No number: it would change when a single author allows training or forbids it (P14).
    if reason["held_out"]:
        return _("Agreement with corrections that no training has seen"), _("it has to rise")
    return _("Agreement with the corrections it was trained on"), _("it has to rise")


def why_words(why: str) -> str:
    """Why the pointer moved."""
    words: dict[str, str] = {
        "shipped": _("The model that comes with the project."),
        "newer_shipped": _("A newer model came with the project."),
        "promoted": _("Better on the corrections and no worse elsewhere."),
        "rolled_back": _("An earlier version serves again."),
        "clean_retrained": _("Better on the corrections and no worse elsewhere."),
        "clean_rolled_back": _("An earlier version serves again."),
    }
    return words.get(why, why)


def step_words(step: str) -> str:
    """What a run is doing, as its child process tells it."""
    words: dict[str, str] = {
        "Preparing": _("Preparing"),
        "Training": _("Training"),
        "Measuring the candidate": _("Measuring the candidate"),
        "Measuring the serving model": _("Measuring the serving model"),
    }
    return words.get(step) or str(_("Waiting to start"))


def who_words(who: str) -> str:
    """Who moved the pointer."""
    words: dict[str, str] = {
        "installation": _("installation"),
        "nightly run": _("retraining"),
        "administrator": _("an administrator"),
        "command line": _("the command line"),
    }
    return words.get(who, who)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _whole_percent(share: float) -> str:
    return f"{round(100 * share)} %"
