"""At most five findings: what changed since the week before, and what is high (U20)."""

from lti_tool.disclosure.figures import Picture, Told
from lti_tool.insights.candidates import Candidate, candidates
from lti_tool.insights.material import Material, Text
from lti_tool.insights.phrases import phrases
from lti_tool.insights.places import COURSE, places_of, where
from lti_tool.insights.snapshot import Finding, NextStep, PhraseSpan
from lti_tool.insights.weeks import Cells, figure, numbers

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


def latest_week(by_week: Cells) -> int | None:
    """The latest week about which figures may be shown: the one that the findings are about."""
    return max((week for (source, week), cell in by_week.items() if source == "all" and cell), default=None)


def findings(material: Material, picture: Picture, by_week: Cells, week: int) -> tuple[Finding, ...]:
    """The findings of `week`, most telling first; a label at most twice, never about the same texts."""
    places = places_of(material.activities)
    order = sorted(candidates(picture, places, by_week, week), key=lambda one: -one.weight)
    chosen: list[Candidate] = []
    for candidate in order:
        rivals = [one for one in chosen if one.label == candidate.label]
        if len(rivals) < MOST_PER_LABEL and not any(_overlap(candidate, one) for one in rivals):
            chosen.append(candidate)
    return tuple(_finding(material, picture, by_week, one) for one in chosen[:MOST])


def _overlap(one: Candidate, other: Candidate) -> bool:
    """Over half of the smaller group is in the other one too."""
    a, b = one.cell.ids, other.cell.ids
    return 2 * len(a & b) > min(len(a), len(b))


def _finding(material: Material, picture: Picture, by_week: Cells, one: Candidate) -> Finding:
    telling = sorted(material.readable(one.now.readable), key=lambda text: -_chance(text, one.label))
    return Finding(
        id="-".join(filter(None, (one.label, one.source, one.place.kind, one.place.key))),
        label=one.label,
        change=one.change,
        place=one.place,
        source=one.source,
        share=one.now.share,
        before=one.before.share if one.before else None,
        texts=one.now.texts,
        of=one.cell.texts,
        authors=one.now.at_least(picture.k),
        certainty="likely" if one.now.mostly_sure else "mixed",
        next_step=_next_step(one),
        trend=_trend(picture, by_week, one),
        examples=_examples(telling),
        phrases=_phrases(telling, material, one),
        shared=one.cell.shared,
    )


def _next_step(one: Candidate) -> NextStep:
    """What eased frees time for something new; all else is met where it hurts."""
    eased = one.change == "fell" and one.label != "engagement"
    return "offer_challenge" if eased else NEXT_STEP[one.label]


def _phrases(telling: list[Text], material: Material, one: Candidate) -> tuple[PhraseSpan, ...]:
    """Words for what is there; where something became less, they would speak of what is left.

    What also stands in frustrated texts of the place is no word for engagement. Only texts that staff may read are
    looked at, for the choice of a word would tell of the others (P46).
    """
    if one.change == "fell":
        return ()
    if one.label != "engagement":
        return phrases(telling, list(material.own.values()), one.place.name)
    whole = material.readable([item.id for item in one.cell.readable])
    frustrated = [text for text in whole if text.shown.reads_as("frustration")]
    glad = [text for text in telling if text not in frustrated]
    return phrases(glad, list(material.own.values()), one.place.name, against=frustrated)


def _chance(text: Text, label: str) -> float:
    """The calibrated probability, or 1 when a person said so."""
    return 1.0 if text.shown.source == "instructor" else text.shown.probabilities[label]


def _examples(texts: list[Text]) -> tuple[str, ...]:
    """The most certain texts that staff may read, at most two of one author."""
    found: list[Text] = []
    for text in texts:
        if text.quotable and sum(one.author == text.author for one in found) < MOST_PER_AUTHOR:
            found.append(text)
    return tuple(text.id for text in found[:MOST_EXAMPLES])


def _trend(picture: Picture, by_week: Cells, one: Candidate) -> tuple[Told | None, ...]:
    """The place's own line, never another's: where it has fewer than two weeks, none is drawn."""
    if one.place == COURSE:
        line = (figure(by_week, one.source, week, one.label) for week in numbers(by_week))
        return tuple(found.percent if found else None for found in line)
    cells = (picture.cell(where(one.place, week, week)) for week in numbers(by_week))
    return tuple(cell.figure(one.label).percent if cell else None for cell in cells)
