"""Decisions, steps and figures of a run, in words for the administrator."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _


def decision_words(decision: str) -> str:
    """The headline of a run."""
    words: dict[str, str] = {
        "promoted": _("The new model was promoted"),
        "kept": _("The serving model was kept"),
        "too_few": _("There were too few corrections to train"),
    }
    return words.get(decision) or str(_("A run is under way"))


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


def other_reasons(report: Mapping[str, Any]) -> list[str]:
    """The rules behind a decision, without what its headline says already."""
    headline = str(report.get("sentence") or "")
    return [words for words in report.get("reasons", ()) if not headline.endswith(words)]


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
