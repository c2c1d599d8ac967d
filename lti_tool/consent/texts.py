"""The words of the present version, as one structure; `_` translates, and marks them for the message catalogue.

Change a word and `VERSION` together: what was published under a number stays (P18). `first` is layer 1, the
part of at most 150 words that stands before the buttons (P23); `who` and `how` are layers 2 and 3 (`notice`).
Placeholders: `course`, `institution`, `group` (the smallest group in words or digits).
"""

from collections.abc import Callable
from typing import Any

from lti_tool.consent import notice

VERSION = 4


def texts(_: Callable[[str], str]) -> dict[str, Any]:
    """Every text of the choice page and of a withdrawal."""
    return {
        "first": _first(_),
        "example": _example(_),
        "bases": notice.BASES,
        "who": notice.who(_),
        "how": notice.how(_),
        "stopping": _stopping(_),
        "saved": {
            "sentence": _("Your instructors are not told what you chose."),
            "limit": _(
                "One honest limit: if you share your texts, they see them and can find out whose they are. Not"
                " sharing looks the same as having nothing to show."
            ),
        },
    }


def _first(_: Callable[[str], str]) -> dict[str, Any]:
    return {
        "title": _("May this tool read what you write in %(course)s?"),
        "purpose": _(
            "It looks for confusion, frustration and interest in reflections and forum posts, to show "
            "instructors where the course is stuck."
        ),
        "free": _("Nothing is read yet. Saying no changes neither course nor grade."),
        "choices": {
            "a": {
                "title": _("Read my texts, for me and the class picture"),
                "line": _("You see your results; instructors only groups of %(group)s or more."),
            },
            "b": {
                "title": _("Show instructors my texts and results"),
                "line": _("No name, but linked posts show it."),
            },
            "c": {
                "title": _("Improve it with my texts, known names removed"),
                "line": _("Corrections teach it."),
            },
            "d": {
                "title": _("Include my results in research"),
                "line": _("Groups of 10 or more."),
            },
        },
        "needs": _("These need the first choice:"),
        "earlier": _("Also what I wrote before"),
        "decline": _("No thanks"),
        "save": _("Save my choices"),
        "note": _(
            "Instructors aren't told. Stop any time; texts go then, at course end, or after a year; backups 35 "
            "days later."
        ),
        "never": {
            "title": _("What it never does"),
            "items": [
                _("grade anyone"),
                _("read other courses or messages"),
                _("use camera, sound or typing"),
                _("act on its own"),
            ],
        },
    }


def _example(_: Callable[[str], str]) -> dict[str, Any]:
    return {
        "title": _("An example, with a mistake in it"),
        "passage": _("Nothing was confusing"),
        "rest": _("this week, I even had time for the extra task."),
        "said": _("The tool said"),
        "wrong": _("may read as confused"),
        "right": _("may read as satisfied"),
        "verdict": _("The first label is wrong."),
        "answer": _("You press “This is wrong” and choose “not confused”. Your word counts at once."),
    }


def _stopping(_: Callable[[str], str]) -> dict[str, str]:
    """What a withdrawal does, shown before it (P17)."""
    return {
        "a": _(
            "If you stop: your texts and their results are deleted at once, from backups within 35 days. Nothing "
            "more is read, and the choices below that need this one stop too. From its next update the class "
            "picture no longer counts you; shares of groups that you were in can rest on your texts until "
            "enough others change."
        ),
        "earlier": _(
            "If you stop: what you wrote before you agreed is deleted at once, from backups within 35 days."
        ),
        "b": _(
            "If you stop: your texts leave your instructors' pages at once, and the numbers at their next "
            "update."
        ),
        "c": _(
            "If you stop: your texts leave the training data before the next nightly run. What an earlier "
            "version learned stays in it until a newer one replaces it; one is trained without them after 35 "
            "days at the latest."
        ),
        "d": _("If you stop: later research leaves you out. What was taken out or published before stays."),
    }
