"""Words of the pages where reflections are written."""

from flask_babel import gettext as _

from lti_tool.consent.choices import Choices
from lti_tool.errors import UndertoneError


def what_happens(chosen: Choices, mode: str, smallest_group: int) -> str:
    """What becomes of a text that is handed in, for somebody who gave A: one sentence before the editor."""
    if chosen.b and mode == "individual":
        return str(
            _(
                "What you hand in is read by this tool, and your instructors can read it too, without your name: "
                "that is what you chose."
            )
        )
    return str(
        _(
            "What you hand in is read by this tool for your own view and the class picture: that is what you chose. "
            "Your instructors see what groups of %(group)s or more wrote about, not your text.",
            group=smallest_group,
        )
    )


def held_back(why: str) -> str:
    """Why there is nothing to write into at the moment, of `writing.held_back`; empty when there is."""
    words: dict[str, str] = {
        "paused": _(
            "You have paused. What is written during a pause is never read, so nothing can be written here now."
        ),
        "words": _(
            "The words that you agreed to have changed. Until you have answered to the new ones nothing of yours is "
            "read, so nothing can be written here now."
        ),
    }
    return str(words.get(why, ""))


def said(what: str) -> str:
    """What was just done; empty for nothing known."""
    words: dict[str, str] = {
        "handed_in": _("Handed in. Until it closes you can change it, and you can delete it at any time."),
        "draft": _("Your draft is saved. Nobody else sees it, and nothing is read from it."),
        "deleted": _("Deleted: the text, its draft and its estimate are gone."),
    }
    return str(words.get(what, ""))


def of(error: UndertoneError) -> str:
    """An error's words in the reader's language."""
    return str(_(error.words))
