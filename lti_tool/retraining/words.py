"""Decisions, steps and moves of the pointer, in words for the administrator.

No sentence tells that somebody took texts back: each that could is the same whatever the cause (P14).
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from lti_tool.retraining.rule_words import is_against_shipped, rule_row, rule_rows, whole_points

__all__ = ["rule_rows", "step_words", "verdict_words", "who_words", "why_words"]


def verdict_words(report: Mapping[str, Any]) -> str:
    """A run's decision with the rule that led to it, as its headline."""
    decision = report["decision"]
    if decision == "nothing_new":
        before = verdict_words({**report, "decision": report["stands"]}) if report.get("stands") else ""
        return f"{_('Nothing new to learn since the last run, so its decision stands.')} {before}".strip()
    decided: dict[str, str] = {
        "promoted": _("Promoted: better on the corrections and no worse elsewhere."),
        "recalibrated": _(
            "Recalibrated: the same model with new limits, better on the corrections and no worse elsewhere. No text "
            "has to be read again."
        ),
        "kept": _("Kept the serving model."),
        "unstable": _("Kept the serving model: the candidate was better, but perhaps by chance."),
        "too_few": _("Not trained."),
        "gone_back": _(
            "Somebody went back from the version that these corrections had made, so it is not made again."
        ),
        "rolled_back": _("Kept no candidate; an earlier version serves."),
    }
    broken = _telling_reason(report)
    return " ".join([decided[decision], *([_why_not(broken)] if broken else [])])


def _telling_reason(report: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Of the broken rules the one that decided: what is worse elsewhere before what may only be chance."""
    broken = [reason for reason in report.get("reasons", ()) if not reason["passed"]]
    certain = [reason for reason in broken if not reason.get("by_chance")]
    return next(iter(certain or broken), None)


def _why_not(reason: Mapping[str, Any]) -> str:
    """A broken rule as a sentence."""
    plain: dict[str, str] = {
        "too_few": _(
            "Fewer corrections may be used than the %(least)s that are needed.", least=reason["least"]
        ),
        "too_alike": _(
            "The corrections that may be used are of texts of too few people to tell progress from chance."
        ),
        "pointer_moved": _(
            "What the candidate rests on changed while it trained, so the comparison no longer holds."
        ),
        "withdrawn": _(
            "What the candidate rests on changed while it trained, so the comparison no longer holds."
        ),
        "cancelled": _("The run was cancelled before it came to a decision."),
        "out_of_time": _("The run took longer than it may, so it was ended before it came to a decision."),
        "pinned": _("It is pinned, so the candidate that passed every rule does not take its place."),
    }
    if reason["rule"] in plain:
        return plain[reason["rule"]]
    row = rule_row(reason)
    if reason.get("by_chance"):
        return _chance(reason, row)
    if is_against_shipped(reason):
        return str(_("%(what)s: %(candidate)s for the candidate, %(serving)s for that one; %(rule)s.", **row))
    return str(
        _("%(what)s: %(candidate)s for the candidate, %(serving)s for the serving model; %(rule)s.", **row)
    )


def _chance(reason: Mapping[str, Any], row: Mapping[str, str]) -> str:
    """Why a rise is not believed. Whole points, as in `rule_row`."""
    if reason["low"] > 0:
        return str(
            _(
                "%(what)s: %(candidate)s for the candidate, %(serving)s for the serving model; it rose in one half of "
                "the texts and fell in the other.",
                **row,
            )
        )
    return str(
        _(
            "%(what)s: %(candidate)s for the candidate, %(serving)s for the serving model; on so few texts the true "
            "difference may be as low as %(low)s points.",
            low=whole_points(reason["low"]),
            **row,
        )
    )


def why_words(why: str) -> str:
    """Why the pointer moved."""
    words: dict[str, str] = {
        "shipped": _("The model that comes with the project."),
        "newer_shipped": _("A newer model came with the project."),
        "promoted": _("Better on the corrections and no worse elsewhere."),
        "recalibrated": _(
            "The same model with new limits: better on the corrections and no worse elsewhere."
        ),
        "rolled_back": _("An earlier version serves again."),
        "by_hand": _("Somebody chose this version, whatever its figures."),
        "clean_retrained": _("Better on the corrections and no worse elsewhere."),
        "clean_rolled_back": _("An earlier version serves again."),
    }
    return words.get(why, why)


def step_words(step: str) -> str:
    """What a run is doing, as its child process tells it."""
    words: dict[str, str] = {
        "Preparing": _("Preparing"),
        "Training": _("Training"),
        "Recalibrating": _("Setting the limits anew"),
        "Measuring the candidate": _("Measuring the candidate"),
        "Measuring the serving model": _("Measuring the serving model"),
        "Measuring the shipped model": _("Measuring the model that came with the project"),
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
