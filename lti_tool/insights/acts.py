"""What an instructor can do about a finding: a plan and words to copy, sent by nobody but a person (U54).

Drafts address the whole class. They name no score, no emotion and no student; they give a reason from the
course, one concrete step, a choice, a person to ask and a way to be left alone (U56).
"""

from dataclasses import dataclass

from flask_babel import gettext as _

from lti_tool.insights.snapshot import Finding, NextStep


@dataclass(frozen=True)
class Act:
    """`plan` holds steps in order; `message` is a draft for the LMS's own announcement or forum."""

    title: str
    why: str
    plan: tuple[str, ...]
    message: str


def act_words(finding: Finding) -> str:
    """What the button says."""
    if _eased(finding):
        return str(_("Check that it holds"))
    words: dict[NextStep, str] = {
        "plan_q_and_a": _("Plan a Q&A"),
        "draft_note": _("Draft a note"),
        "offer_challenge": _("Offer a challenge"),
    }
    return words[finding.next_step]


def act(finding: Finding, course_title: str) -> Act:
    """The plan and the draft for a finding; its place is named as staff named it in the LMS."""
    place = course_title if finding.place.kind == "course" else finding.place.name
    if _eased(finding):
        return _check_that_it_holds(place)
    make = {"plan_q_and_a": _plan_q_and_a, "draft_note": _draft_note, "offer_challenge": _offer_challenge}
    return make[finding.next_step](place)


def _eased(finding: Finding) -> bool:
    """What troubled the texts troubles them less: nothing to repair, only to keep."""
    return finding.change == "fell" and finding.label in ("confusion", "frustration", "boredom")


def _check_that_it_holds(place: str) -> Act:
    return Act(
        title=_("Check that it holds: %(place)s", place=place),
        why=_(
            "Something helped. Five minutes now show whether it lasts, and what to keep for the next time."
        ),
        plan=(
            _("Write down what was different this week: an example, a deadline, an answer in the forum."),
            _(
                "Ask one question at the start of the next session that needs it, without a name and without marks."
            ),
            _("If most can answer, keep what helped for the next course. If not, plan a Q&A."),
        ),
        message=_(
            "Hello all,\n\n"
            "next time we begin with one question about %(place)s, without names and without marks, so that I "
            "can see whether what we changed helped. Joining in is up to you.\n\n"
            "If something is still open, bring it along, use the forum, or come to my office hours.\n\n"
            "If you do not want notes like this one, tell me and I will leave you out.",
            place=place,
        ),
    )


def _plan_q_and_a(place: str) -> Act:
    return Act(
        title=_("Plan a Q&A on %(place)s", place=place),
        why=_("Twenty minutes at the start of the next session, built on the questions that the texts ask."),
        plan=(
            _("3 minutes: everyone writes down the first step at which they would stop, without a name."),
            _("8 minutes: solve one small example at the board. At each decision ask what else would do."),
            _("6 minutes: in pairs, the same with a changed detail; one explains, the other asks why."),
            _("3 minutes: one closing question that nobody can answer by habit. Note what to take up again."),
        ),
        message=_(
            "Hello all,\n\n"
            "next time we will take the first 20 minutes to go back over %(place)s, since several questions "
            "about it came up in the course. Please bring one step that you would like to see again. "
            "A half-finished question is fine, and so is listening.\n\n"
            "If you would rather ask in writing, use the forum or write to me; I am also there in my "
            "office hours.\n\n"
            "If you do not want notes like this one, tell me and I will leave you out.",
            place=place,
        ),
    )


def _draft_note(place: str) -> Act:
    return Act(
        title=_("Draft a note about %(place)s", place=place),
        why=_("A short note that says what happened, what changes and until when often clears the way."),
        plan=(
            _("Read the examples and write down the one obstacle that most of them name."),
            _("Decide what you can change now, and what you cannot and why."),
            _("Fill in the two places in brackets below, then send the note yourself, in your own words."),
        ),
        message=_(
            "Hello all,\n\n"
            "some of you wrote about %(place)s. What I understood: [the obstacle in one sentence]. What I am "
            "changing: [the change, and from when]. If your work was held up by it, reply to this note or "
            "come to my office hours, whichever suits you, and we will find a way.\n\n"
            "If I have missed something, the forum is open and I read it.\n\n"
            "If you do not want notes like this one, tell me and I will leave you out.",
            place=place,
        ),
    )


def _offer_challenge(place: str) -> Act:
    return Act(
        title=_("Offer a challenge on %(place)s", place=place),
        why=_("Interest lasts when there is somewhere to take it, and an open task costs nobody a mark."),
        plan=(
            _("Read the examples and pick one thing that somebody wants to try."),
            _("Turn it into a task without marks that can be shown in two minutes."),
            _("Give it a place: a forum thread, and five minutes in the next session."),
        ),
        message=_(
            "Hello all,\n\n"
            "for those who would like to go further with %(place)s there is now an open task: [the task in "
            "one sentence]. It is voluntary and has nothing to do with marks. Post what you find in the "
            "forum, alone or with others; we will look at what came in at the start of the next "
            "session.\n\n"
            "If you want an idea to begin with, write to me or come to my office hours.\n\n"
            "If you do not want notes like this one, tell me and I will leave you out.",
            place=place,
        ),
    )
