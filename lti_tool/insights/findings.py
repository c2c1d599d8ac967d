"""At most five findings: what changed since the week before, and what is high (U20)."""

from statistics import median

from lti_tool.disclosure.rules import rounded, rounded_down
from lti_tool.insights.candidates import Candidate, candidates
from lti_tool.insights.figures import count, showable
from lti_tool.insights.material import Material, Text
from lti_tool.insights.phrases import phrases
from lti_tool.insights.places import COURSE, places_of
from lti_tool.insights.snapshot import Certainty, Finding, NextStep, PhraseSpan
from lti_tool.insights.weeks import Groups, counts

MOST = 5
MOST_PER_LABEL = 2
MOST_EXAMPLES = 8
MOST_PER_AUTHOR = 2
NEXT_STEP: dict[str, NextStep] = {
    "confusion": "plan_q_and_a",
    "frustration": "draft_note",
    "boredom": "offer_challenge",
    "engagement": "offer_challenge",
}
LIKELY = 0.75


def latest_week(by_week: Groups) -> int | None:
    """The latest week about which figures may be shown: the one that the findings are about."""
    return max((week for (source, week), texts in by_week.items() if source == "all" and texts), default=None)


def findings(material: Material, by_week: Groups, week: int, k: int) -> tuple[Finding, ...]:
    """The findings of `week`, most telling first; a label at most twice, never about the same texts."""
    order = sorted(candidates(material, by_week, week, k), key=lambda one: -one.weight)
    chosen: list[Candidate] = []
    for candidate in order:
        rivals = [one for one in chosen if one.label == candidate.label]
        if len(rivals) < MOST_PER_LABEL and not any(_overlap(candidate, one) for one in rivals):
            chosen.append(candidate)
    return tuple(_finding(material, by_week, one, k) for one in chosen[:MOST])


def _overlap(one: Candidate, other: Candidate) -> bool:
    """Over half of the smaller group is in the other one too."""
    a, b = {text.id for text in one.now.whole}, {text.id for text in other.now.whole}
    return 2 * len(a & b) > min(len(a), len(b))


def _finding(material: Material, by_week: Groups, one: Candidate, k: int) -> Finding:
    telling = sorted(one.now.part, key=lambda text: -_chance(text, one.label))
    return Finding(
        id="-".join(filter(None, (one.label, one.source, one.place.kind, one.place.key))),
        label=one.label,
        change=one.change,
        place=one.place,
        source=one.source,
        share=one.now.share,
        before=one.before.share if one.before else None,
        texts=rounded(len(one.now.part)),
        of=rounded(len(one.now.whole)),
        authors=max(k, rounded_down(one.now.authors)),
        certainty=_certainty(telling, one.label),
        next_step=_next_step(one),
        trend=_trend(material, by_week, one, k),
        examples=_examples(telling),
        phrases=_phrases(telling, material, one),
        shared=one.now.shared,
    )


def _next_step(one: Candidate) -> NextStep:
    """What eased frees time for something new; all else is met where it hurts."""
    eased = one.change == "fell" and one.label != "engagement"
    return "offer_challenge" if eased else NEXT_STEP[one.label]


def _phrases(telling: list[Text], material: Material, one: Candidate) -> tuple[PhraseSpan, ...]:
    """Words for what is there; where something became less, they would speak of what is left.

    What also stands in frustrated texts of the place is no word for engagement.
    """
    if one.change == "fell":
        return ()
    if one.label != "engagement":
        return phrases(telling, material.texts, one.place.name)
    frustrated = [text for text in one.now.whole if text.shown.reads_as("frustration")]
    glad = [text for text in telling if text not in frustrated]
    return phrases(glad, material.texts, one.place.name, against=frustrated)


def _chance(text: Text, label: str) -> float:
    """The calibrated probability, or 1 when a person said so."""
    return 1.0 if text.shown.source == "instructor" else text.shown.probabilities[label]


def _certainty(texts: list[Text], label: str) -> Certainty:
    """The word for the middle one of the calibrated probabilities (U24)."""
    return "likely" if median(_chance(text, label) for text in texts) >= LIKELY else "mixed"


def _examples(texts: list[Text]) -> tuple[str, ...]:
    """The most certain texts that staff may read, at most two of one author."""
    found: list[Text] = []
    for text in texts:
        if text.quotable and sum(one.author == text.author for one in found) < MOST_PER_AUTHOR:
            found.append(text)
    return tuple(text.id for text in found[:MOST_EXAMPLES])


def _trend(material: Material, by_week: Groups, one: Candidate, k: int) -> tuple[int | None, ...]:
    """The place's own line, never another's: where it has fewer than two weeks, none is drawn."""
    if one.place == COURSE:
        line = (counts(by_week, one.source, week, one.label) for week in material.weeks)
        return tuple(found.percent if found else None for found in line)
    own: list[int | None] = []
    for week in material.weeks:
        texts = places_of(text for text in material.texts if text.week == week).get(one.place, [])
        shown = showable(texts, k, [by_week["all", week] or ()])
        own.append(count(shown, one.label).percent if shown else None)
    return tuple(own)
