"""Words of the consent pages that are not part of the published wording."""

from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.consent.choices import Choices, ChoicesRefusedError, Field
from lti_tool.consent.reading import Expected


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
        "expired": _("ended with the course or after a year"),
        "paused": _("paused"),
        "resumed": _("goes on"),
        "re-asked": _("you were asked again"),
        "erased": _("deleted"),
    }
    return str(words.get(event, event))


def basis_word(basis: str) -> str:
    """What a purpose rests on (P10)."""
    words: dict[str, str] = {"explicit_consent": _("your explicit consent")}
    return words[basis]


def answer_word(granted: bool) -> str:
    return str(_("Yes") if granted else _("No"))


def reading_words(chosen: Choices, expected: Expected, minutes: int) -> str:
    """When texts are read, for somebody who gave A: never sooner than a job stands for it."""
    if not chosen.earlier:
        words = ngettext(
            "Only what you write after your Yes is read, about every minute. Earlier texts are left out.",
            "Only what you write after your Yes is read, about every %(num)s minutes. Earlier texts are left out.",
            minutes,
        )
    elif expected == "now":
        words = _("Your texts are being read now; this usually takes a minute or two.")
    elif expected == "done":
        words = ngettext(
            "The course has been read since your Yes. What you write next is read about every minute.",
            "The course has been read since your Yes. What you write next is read about every %(num)s minutes.",
            minutes,
        )
    else:
        words = ngettext(
            "Your texts are read at the next regular reading, in about a minute.",
            "Your texts are read at the next regular reading, within about %(num)s minutes.",
            minutes,
        )
    return str(words)


def change_words(event: str, choice: str) -> str:
    """What a change was."""
    if event == "granted":
        return str(_("Allowed: %(choice)s.", choice=choice))
    if event in ("withdrawn", "expired"):
        return str(_("Stopped: %(choice)s.", choice=choice))
    return str(_("Saved as No: %(choice)s.", choice=choice))


def stopped_words(field: Field) -> str:
    """What has happened by stopping a choice (P17)."""
    words = {
        "a": _(
            "Your texts, their estimates and what was said about them were deleted at that moment; copies in "
            "backups go within 35 days. Nothing more is read. The choices that need this one are off too. From "
            "its next update the class picture no longer counts you; shares of groups that you were in can rest "
            "on your texts until enough others change."
        ),
        "earlier": _(
            "What you wrote before you agreed was deleted at that moment, with its estimates; copies in backups go "
            "within 35 days. What an earlier version of the model learned from it, if you allow that, stays in it "
            "until a newer one replaces it."
        ),
        "b": _(
            "Your texts left your instructors' pages at that moment. The numbers follow at their next update."
        ),
        "c": _(
            "Your texts leave the training data before the next nightly run. What an earlier version learned "
            "stays in it until a newer one replaces it."
        ),
        "d": _(
            "Later research leaves you out. What was already published stays. This version of the tool can make no "
            "extract for research, so there is no earlier one to list."
        ),
    }
    return str(words[field])


def allowed_words(field: Field) -> str:
    """What follows from allowing a choice that reads nothing new."""
    if field == "b":
        return str(_("Your texts appear on your instructors' pages with the next update of those pages."))
    return str(_("It counts from now on."))
