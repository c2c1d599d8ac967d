"""The words of the present version, as one structure; `_` translates, and marks them for the message catalogue.

Change a word and `VERSION` together: what was published under a number stays (P18). `first` is layer 1, the
part of at most 150 words that stands before the buttons (P23); `who` and `how` are layers 2 and 3.
Placeholders: `course`, `institution`, `group` (the smallest group in words or digits).
"""

from collections.abc import Callable
from typing import Any

VERSION = 3


def texts(_: Callable[[str], str]) -> dict[str, Any]:
    """Every text of the choice page and of a withdrawal."""
    return {
        "first": _first(_),
        "example": _example(_),
        "who": {"title": _("Who sees what, and for how long"), "items": _who(_)},
        "how": {"title": _("How it works and how often it is wrong"), "items": _how(_)},
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
            "instructors where the course is stuck. Nothing is read yet. Saying no changes nothing about "
            "your course or grade."
        ),
        "choices": {
            "a": {
                "title": _("Read my texts, for me and the class picture"),
                "line": _("You see your results; instructors see only groups of %(group)s or more."),
            },
            "b": {
                "title": _("Show instructors my texts and results"),
                "line": _("No name, but linked posts show it."),
            },
            "c": {
                "title": _("Use my texts, names removed, to improve it"),
                "line": _("Corrections teach it."),
            },
            "d": {
                "title": _("Include my results in research"),
                "line": _("In groups of 10 or more."),
            },
        },
        "needs": _("These need the first choice:"),
        "earlier": _("Also what I wrote before"),
        "decline": _("No thanks"),
        "save": _("Save my choices"),
        "note": _("Instructors are not told. Stop any time; texts are deleted then, or after a year."),
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


def _who(_: Callable[[str], str]) -> list[dict[str, str]]:
    """Art. 13 GDPR, one anchor each."""
    return [
        {
            "id": "controller",
            "title": _("Who is responsible"),
            "text": _(
                "%(institution)s. Whoever runs the tool for it works on its orders only. Its privacy "
                "notice names its data-protection contact."
            ),
        },
        {
            "id": "purposes",
            "title": _("Why, and on what basis"),
            "text": _(
                "Only for what you say yes to. The basis is your explicit consent (GDPR Articles 6(1)(a) "
                "and 9(2)(a), since a text can touch on health or belief)."
            ),
        },
        {
            "id": "data",
            "title": _("What is kept"),
            "text": _(
                "Your own words from reflections and forum posts in this course, encrypted, with names, "
                "e-mail addresses, links and numbers replaced. The results for each text. What you chose, "
                "and when. No files, pictures or sound."
            ),
        },
        {
            "id": "recipients",
            "title": _("Who sees it"),
            "text": _(
                "You see your texts and their results. Instructors see what groups of %(group)s or more "
                "wrote about. They see single texts only of people who said yes to the second choice: no name "
                "stands there, but a link leads to the original in the course, which shows it. Administrators "
                "see whether the tool works, not your texts. Nobody else sees anything."
            ),
        },
        {
            "id": "retention",
            "title": _("For how long"),
            "text": _(
                "Until you stop, and a year at the latest. Then texts and results are deleted. The record "
                "of what you chose, without your name, stays as proof."
            ),
        },
        {
            "id": "transfers",
            "title": _("Where it goes"),
            "text": _("Nowhere. The tool talks to your learning platform only, and uses no outside service."),
        },
        {
            "id": "withdrawal",
            "title": _("How to stop"),
            "text": _("Open “My choices” on any page and press “Stop”. Nobody asks for a reason."),
        },
        {
            "id": "rights",
            "title": _("Your rights"),
            "text": _(
                "See and download everything that is kept under “My data”. Correct a result with “This is "
                "wrong”. Delete it all by stopping. You can also complain to your data-protection "
                "authority."
            ),
        },
        {
            "id": "voluntary",
            "title": _("Must I?"),
            "text": _("No. No course function, grade, credit or support depends on it."),
        },
        {
            "id": "automated",
            "title": _("Does it decide anything?"),
            "text": _("No. It makes estimates. A person decides whatever happens next."),
        },
    ]


def _how(_: Callable[[str], str]) -> list[dict[str, str]]:
    return [
        {
            "id": "method",
            "title": _("How it works"),
            "text": _(
                "A language model has learned from public comments that people labelled, and from student texts"
                " that a larger language model wrote and labelled for it. It gives each label a probability for"
                " your text, and shows the ones that are likely enough."
            ),
        },
        {
            "id": "errors",
            "title": _("When it is wrong"),
            "text": _(
                "Often enough that every result has a button “This is wrong”. It misses irony and what is "
                "left unsaid, and it can trip over “not confusing at all”. It may misread dialect and "
                "people who write in a second language more often."
            ),
        },
        {
            "id": "limits",
            "title": _("What it does not try"),
            "text": _(
                "It reads English best, and Arabic, Chinese, French, German, Hindi, Italian, Portuguese, "
                "Spanish and Vietnamese; other languages and very short texts are not estimated. It says "
                "something about a text, never about a person, and nothing about health."
            ),
        },
    ]


def _stopping(_: Callable[[str], str]) -> dict[str, str]:
    """What a withdrawal does, shown before it (P17)."""
    return {
        "a": _(
            "If you stop: your texts and their results are deleted at once, nothing more is read, and the "
            "choices below that need this one stop too. The class picture leaves you out from its next "
            "update."
        ),
        "earlier": _("If you stop: what you wrote before you agreed is deleted at once."),
        "b": _(
            "If you stop: your texts leave your instructors' pages at once, and the numbers at their next "
            "update."
        ),
        "c": _(
            "If you stop: your texts leave the training data before the next nightly run. What an earlier "
            "version learned stays in it until a newer one replaces it."
        ),
        "d": _("If you stop: later research leaves you out. What was already published stays."),
    }
