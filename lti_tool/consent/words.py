"""Words of the consent pages that are not part of the published wording."""

from flask_babel import gettext as _

from lti_tool.consent.choices import ChoicesRefusedError


def problem_words(refused: ChoicesRefusedError) -> dict[str, str]:
    """What to do about each field that stands in the way."""
    words = {
        "missing": _("Choose No or Yes."),
        "needs_a": _("This needs a Yes to the first choice. Say Yes there, or No here."),
    }
    box = _("This box needs a Yes to the first choice. Say Yes there, or clear the box.")
    return {
        field: box if field == "earlier" else words[problem] for field, problem in refused.problems.items()
    }


def event_word(event: str) -> str:
    """A line of the ledger in a word or two."""
    words = {
        "shown": _("shown to you"),
        "granted": _("you said yes"),
        "declined": _("you said no"),
        "withdrawn": _("you stopped it"),
        "expired": _("ended after a year"),
    }
    return str(words.get(event, event))


def answer_word(granted: bool) -> str:
    return str(_("Yes") if granted else _("No"))
