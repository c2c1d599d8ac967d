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
