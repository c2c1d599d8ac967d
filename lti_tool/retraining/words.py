"""Decisions, rules, steps and figures of a run, in words for the administrator."""

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
    }
    deciding = _deciding(report)
    return " ".join([decided[report["decision"]], *([reason_words(deciding)] if deciding else [])])


def other_reasons(report: Mapping[str, Any]) -> list[str]:
    """The rules behind a decision, without the one that its headline says already."""
    deciding = _deciding(report)
    return [reason_words(reason) for reason in report.get("reasons", ()) if reason is not deciding]


def _deciding(report: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The first rule that was broken."""
    return next((reason for reason in report.get("reasons", ()) if not reason["passed"]), None)


def reason_words(reason: Mapping[str, Any]) -> str:
    """One rule of the gate with its figures."""
    rules = {
        "agreement": _agreement,
        "macro_f1": _macro_f1,
        "recall": _recall,
        "too_few": _too_few,
        "pointer_moved": _pointer_moved,
    }
    return rules[reason["rule"]](reason)


def _agreement(reason: Mapping[str, Any]) -> str:
    figures = {**_figures(reason), "count": reason["corrections"]}
    if reason["held_out"]:
        return str(
            _(
                "Agreement with %(count)s corrections that no training has seen: %(figures)s; it has to rise.",
                **figures,
            )
        )
    return str(
        _(
            "Agreement with the %(count)s corrections it was trained on: %(figures)s; it has to rise.",
            **figures,
        )
    )


def _macro_f1(reason: Mapping[str, Any]) -> str:
    words = _(
        "Macro-F1 on the frozen texts: %(figures)s; at most half a point may be lost.", **_figures(reason)
    )
    return str(words)


def _recall(reason: Mapping[str, Any]) -> str:
    label = label_word(reason["label"])
    return str(
        _(
            "Recall of %(label)s: %(figures)s; at most two points may be lost.",
            label=label,
            **_figures(reason),
        )
    )


def _too_few(reason: Mapping[str, Any]) -> str:
    return str(
        _(
            "%(count)s corrections may be used and %(least)s are needed.",
            count=reason["corrections"],
            least=reason["least"],
        )
    )


def _pointer_moved(reason: Mapping[str, Any]) -> str:
    return str(_("It was changed while the candidate trained, so the comparison no longer holds."))


def _figures(reason: Mapping[str, Any]) -> dict[str, str]:
    """Both models' figures as one part of a sentence."""
    words = _(
        "%(candidate)s for the candidate, %(serving)s for the serving model",
        candidate=_percent(reason["candidate"]),
        serving=_percent(reason["serving"]),
    )
    return {"figures": str(words)}


def why_words(why: str) -> str:
    """Why the pointer moved."""
    words: dict[str, str] = {
        "shipped": _("The model that comes with the project."),
        "newer_shipped": _("A newer model came with the project."),
        "promoted": _("Better on the corrections and no worse elsewhere."),
        "rolled_back": _("Somebody went back to the version before."),
    }
    return words.get(why, why)


def step_words(step: str) -> str:
    """What a run is doing, as its child process tells it."""
    words: dict[str, str] = {
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


def figure_rows(report: Mapping[str, Any]) -> list[dict[str, str]]:
    """Candidate and serving model side by side; empty when nothing was trained."""
    candidate, serving = report.get("candidate"), report.get("serving")
    if not candidate or not serving:
        return []
    named = [
        ("agreement", _("Agreement with the corrections")),
        ("macro_f1", _("Macro-F1 on the frozen texts")),
    ]
    return [
        {"name": name, "candidate": _percent(candidate[key]), "serving": _percent(serving[key])}
        for key, name in named
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
