"""Why an activity was not read: codes, and what they mean in words."""

from flask_babel import gettext as _

from lti_tool.errors import UndertoneError
from lti_tool.lms.errors import LmsAccountError, LmsUnavailableError

IN_PART = "lms_in_part"
IN_PART_WORDS = (
    "The learning platform answers, but not for everything in this course. What was read is kept; the next reading "
    "tries the rest again."
)
ANSWERED = frozenset(
    {
        *("lms_malformed", "lms_no_api", "lms_too_large", IN_PART),
        *("moodle_error", "canvas_paging", "canvas_renewing"),
    }
)
"""Unavailable for one activity, by an LMS that did answer."""


NOTES = frozenset({"moodle_no_group", "moodle_restricted"})
"""Of activities that may be empty, or not open yet. They are told of, erase nothing, and make no reading fail."""
NOT_REACHED = "not_reached"
"""Of an activity that was never read: every reading so far has ended before it."""


def ends_a_pull(fault: UndertoneError) -> bool:
    """Whether a pull that met this fault in one activity has failed, whatever else it read."""
    return is_silence(fault) or isinstance(fault, LmsAccountError) or fault.code == IN_PART


def is_silence(fault: UndertoneError) -> bool:
    """Whether the LMS gave no answer, so that the next activity has little hope either."""
    return isinstance(fault, LmsUnavailableError) and fault.code not in ANSWERED


def why_not_read(code: str, words: str = "") -> str:
    """The reason for people; `words` are those of an error of our own, kept with the code."""
    known: dict[str, str] = {
        "anonymous": _("Its texts are anonymous: the learning platform hides their authors."),
        "initial_post": _(
            "Only those can read it who have written in it first, and this tool writes nothing."
        ),
        "blind": _("Its authors are hidden from those who grade it, so they are hidden from this tool."),
        "team": _("Its texts are written by groups, and only a single author can agree to be read."),
        "other_kind": _("It is of a kind that this tool does not read."),
        NOT_REACHED: _("The reading ended before it came to this. The next one begins with it."),
        "not_listed": _(
            "The learning platform does not list it any more: it was hidden or deleted. Its texts are erased after a "
            "day, unless it comes back."
        ),
    }
    return known.get(code) or (str(_(words)) if words else str(_("It could not be read.")))
