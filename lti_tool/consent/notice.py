"""Layers 2 and 3 of the notice: each item of Art. 13 GDPR with an anchor of its own, then how it works (P23).

They are part of the published wording (`texts`), so other words need another version.
"""

from collections.abc import Callable
from typing import Any

Translate = Callable[[str], str]
Item = dict[str, Any]

BASES = {"a": "explicit_consent", "b": "explicit_consent", "c": "explicit_consent", "d": "explicit_consent"}
"""The lawful basis of each purpose (P10): Art. 6(1)(a) with Art. 9(2)(a) GDPR. Another one needs another version."""


def who(_: Translate) -> dict[str, Any]:
    """Layer 2: who, why, what, where to, for how long, and the rights."""
    items = [*_responsible(_), *_use(_), *_leaving(_), *_rights(_), *_freedom(_)]
    return {"title": _("Who sees what, and for how long"), "items": items}


def how(_: Translate) -> dict[str, Any]:
    """Layer 3: the model and its mistakes, and the impact assessment in short."""
    items = [*_model(_), *_assessment(_)]
    return {"title": _("How it works and how often it is wrong"), "items": items}


def _item(anchor: str, title: str, text: str) -> Item:
    return {"id": anchor, "title": title, "text": text}


def _responsible(_: Translate) -> list[Item]:
    return [
        _item(
            "controller",
            _("Who is responsible"),
            _("%(institution)s. Whoever runs the tool for it works on its orders only."),
        ),
        _item(
            "contact",
            _("Whom to ask about data protection"),
            _("The data-protection contact of %(institution)s. Its privacy notice says how to reach them."),
        ),
    ]


def _use(_: Translate) -> list[Item]:
    return [
        _item(
            "purposes",
            _("Why, and on what basis"),
            _(
                "Only for what you say yes to. Each of the four purposes rests on your explicit consent (GDPR "
                "Articles 6(1)(a) and 9(2)(a), since a text can touch on health or belief), and on nothing else."
            ),
        ),
        _item(
            "data",
            _("What is kept"),
            _(
                "Your own words from reflections and forum posts in this course, encrypted. Names, e-mail "
                "addresses, links and numbers that are found in them are replaced; some are missed. The results "
                "for each text. What you chose, and when. Your visits. No files, pictures or sound."
            ),
        ),
        _item(
            "further",
            _("Is it used for anything else?"),
            _("Not without asking you first. If that changes, it stops until you have answered again."),
        ),
    ]


def _leaving(_: Translate) -> list[Item]:
    return [
        _item(
            "recipients",
            _("Who sees it"),
            _(
                "You see your texts and their results. Instructors see what groups of %(group)s or more "
                "wrote about. They see single texts only of people who said yes to the second choice: no name "
                "stands there, but a link leads to the original in the course, which shows it. Administrators "
                "see whether the tool works, not your texts. Whoever runs the tool sees them when you ask the "
                "data-protection contact for a copy, and that is counted under “My data”. Nobody else sees "
                "anything. A model that learned by your third choice reads texts for your institution, and for "
                "another only where both agreed to that."
            ),
        ),
        _item(
            "retention",
            _("For how long"),
            _(
                "Until you stop or the course ends, and a year at the latest. Then texts and results are "
                "deleted, and copies in backups within 35 days. Marks of your posts, without name or words, stay "
                "with the class figures, usually until 90 days after the course; with the tool's key and the "
                "learning platform they could show that you had agreed. The record of what you chose, without "
                "your name, stays as proof for as long as the law lets your institution be asked about it, "
                "usually six years."
            ),
        ),
        _item(
            "transfers",
            _("Where it goes"),
            _("Nowhere. The tool talks to your learning platform only, and uses no outside service."),
        ),
    ]


def _rights(_: Translate) -> list[Item]:
    return [
        _item(
            "rights",
            _("Your rights"),
            _(
                "Under “My data” you can see everything that is kept, download it and take it elsewhere, pause "
                "the reading, and delete one text or all. “This is wrong” corrects a result. You can also "
                "object, or ask the data-protection contact for any of this."
            ),
        ),
        _item(
            "withdrawal",
            _("How to stop"),
            _(
                "Open “My choices” on any page and press “Stop”. Nobody asks for a reason. What was done "
                "before you stopped remains lawful."
            ),
        ),
        _item(
            "complaint",
            _("Where to complain"),
            _("At the data-protection authority where you live, where you work, or where it happened."),
        ),
    ]


def _freedom(_: Translate) -> list[Item]:
    return [
        _item(
            "voluntary",
            _("Must I?"),
            _(
                "No. Neither law nor contract asks for it. No course function, grade, badge, credit or support "
                "depends on it."
            ),
        ),
        _item(
            "automated",
            _("Does it decide anything?"),
            _("No. It makes estimates of texts. A person decides whatever happens next."),
        ),
    ]


def _model(_: Translate) -> list[Item]:
    return [
        _item(
            "method",
            _("How it works"),
            _(
                "A language model has learned from public comments that people labelled, and from student texts"
                " that a larger language model wrote and labelled for it. It gives each label a probability for"
                " your text, and shows the ones that are likely enough."
            ),
        ),
        _item(
            "errors",
            _("When it is wrong"),
            _(
                "Often enough that every result has a button “This is wrong”. It misses irony and what is "
                "left unsaid, and it can trip over “not confusing at all”. It may misread dialect and "
                "people who write in a second language more often."
            ),
        ),
        _item(
            "limits",
            _("What it does not try"),
            _(
                "It reads English best, and Arabic, Chinese, French, German, Hindi, Italian, Portuguese, "
                "Spanish and Vietnamese; other languages and very short texts are not estimated. It says "
                "something about a text, never about a person, and nothing about health."
            ),
        ),
    ]


def _assessment(_: Translate) -> list[Item]:
    return [
        _item(
            "risks",
            _("What could go wrong, and what is done about it"),
            _(
                "You could feel watched: so nothing is read without your Yes, and nobody is told what you "
                "chose. A wrong label could count against you: so labels are marked as estimates, none is "
                "used for grades, and yours to correct. A text could reach the wrong people: so texts are "
                "encrypted, names that are found are replaced, small groups are not shown, and each time a "
                "member of staff opens texts of yours is counted for you."
            ),
        ),
        _item(
            "remains",
            _("What cannot be ruled out"),
            _(
                "A name that the tool misses, a way of writing, or what a text tells can still show who wrote it. "
                "That matters most if you let instructors see your texts."
            ),
        ),
        _item(
            "assessment",
            _("The whole assessment"),
            _(
                "%(institution)s answers for a data-protection impact assessment of this tool. Its "
                "data-protection contact can tell you what it says."
            ),
        ),
    ]
