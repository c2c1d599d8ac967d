"""Pins, proposals to go back and drift, in words for the administrator."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from lti_tool.disclosure.rules import percent_text
from lti_tool.scoring.words import label_word


def proposal_words(figures: Mapping[str, Any]) -> str:
    """The figures behind a proposal, with how sure they are."""
    return str(
        _(
            "Since this version serves, instructors disagreed with about %(after)s of the texts that they checked; "
            "before, it was about %(before)s. Chance left aside, that is a rise of %(low)s to %(high)s points.",
            after=percent_text(figures["after"]),
            before=percent_text(figures["before"]),
            low=max(1, figures["low"]),
            high=figures["high"],
        )
    )


def drift_sentences(shifts: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence with what to do for each shift; one that says so when there is none."""
    shifted = [_shift(shift) for shift in shifts if shift["shifted"]]
    if not shifted:
        return [str(_("Nothing has changed against the eight weeks before."))]
    if len(shifted) < len(shifts):
        shifted.append(str(_("Nothing else has changed.")))
    return shifted


def _shift(shift: Mapping[str, Any]) -> str:
    """What changed and what to do, one after the other."""
    sentences: dict[str, tuple[str, str]] = {
        "language": (
            _("Texts are in other languages than in the weeks before."),
            _(
                "Languages that the model has not learnt are not scored; ask instructors to read those themselves."
            ),
        ),
        "length": (
            _length(shift),
            _(
                "Look at a few in the queue: the model learnt most from short ones, and is less sure of long ones."
            ),
        ),
        "scores": (
            _("The model reads the texts differently than in the weeks before."),
            _("Look at a few in the queue: either the course has changed, or the model no longer fits it."),
        ),
        "topics": (
            _("Texts are about other things than in the weeks before."),
            _(
                "Nothing has to be done while instructors agree with the labels; corrections teach the new words."
            ),
        ),
        "disagreement": (
            _("Instructors disagree with the labels at another rate than in the weeks before."),
            _(
                "Read the last run's report, and go back to the version before if it rose since that one serves."
            ),
        ),
    }
    return " ".join(map(str, sentences[shift["what"]]))


def _length(shift: Mapping[str, Any]) -> str:
    now, before = shift["typical"] or (0, 0)
    words = {"now": now, "before": before}
    if now > before:
        return str(
            _(
                "Texts are longer than in the weeks before: about %(now)s words instead of %(before)s.",
                **words,
            )
        )
    if now < before:
        return str(
            _(
                "Texts are shorter than in the weeks before: about %(now)s words instead of %(before)s.",
                **words,
            )
        )
    return str(_("Very short and very long texts are not as frequent as in the weeks before."))


def drift_rows(shifts: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The table twin: each share now and before, then the figure, its threshold and whether it is over."""
    return [row for shift in shifts for row in _rows(shift)]


def _rows(shift: Mapping[str, Any]) -> list[dict[str, str]]:
    heads: dict[str, str] = {
        "language": _("Language"),
        "length": _("Length"),
        "scores": _("Reading"),
        "topics": _("Topics"),
        "disagreement": _("Checked by instructors"),
    }
    head = str(heads[shift["what"]])
    shares = [
        {
            "what": f"{head}: {_name(shift['what'], name)}",
            "now": percent_text(now),
            "before": percent_text(before),
            "rule": "",
        }
        for name, now, before in shift["rows"]
    ]
    over = _("changed") if shift["shifted"] else _("as before")
    figures = {"figure": f"{shift['figure']:.2f}", "threshold": f"{shift['threshold']:.2f}"}
    rule = _("distance %(figure)s, changed from %(threshold)s on", **figures)
    return [*shares, {"what": head, "now": "", "before": "", "rule": f"{rule}: {over}"}]


def _name(what: str, name: str) -> str:
    if what == "language":
        locale = get_locale()
        known = locale.languages.get(name.replace("-", "_")) if locale else None
        return str(known or (_("not told") if name == "und" else name))
    if what == "length":
        lengths: dict[str, str] = {
            "020": _("under 20 words"),
            "050": _("20 to 49 words"),
            "100": _("50 to 99 words"),
            "": _("100 words or more"),
        }
        return str(lengths[name])
    if what == "disagreement":
        return str(_("disagreed") if name == "disagrees" else _("agreed"))
    return label_word(name)
