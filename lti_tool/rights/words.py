"""Words of the student's pages for keys that other parts store."""

from flask_babel import gettext as _


def act_words(act: str) -> str:
    """What was done with a text."""
    words: dict[str, str] = {
        "written": _("You wrote it."),
        "read": _("This tool read it and replaced the names, addresses, links and numbers that it found."),
        "scored": _("The model estimated it."),
        "contested": _("You said what it means."),
        "corrected": _("A person in your course corrected the labels."),
        "cannot_tell": _("A person in your course looked and could not tell."),
        "undone": _("An answer was taken back."),
    }
    return words[act]


def role_words(role: str) -> str:
    """A role of staff, in the plural."""
    words: dict[str, str] = {
        "instructor": _("Instructors and teaching assistants"),
        "administrator": _("Administrators"),
        "reviewer": _("Reviewers"),
        "operator": _("Whoever runs this tool, for a copy that you asked for"),
    }
    return words.get(role) or str(_("Other staff"))
