"""How often the serving model says what people say, on texts that were drawn by chance.

Corrections chosen by uncertainty, or because somebody saw a mistake, would make the model look worse than it is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.review.agreement import say_the_same
from lti_tool.review.labelled import labelled
from lti_tool.scoring.readings import Reading, readings
from lti_tool.scoring.tables import ModelVersion
from model.labels import EMOTIONS


@dataclass(frozen=True)
class Share:
    """How many of `texts` agree, as a share from 0 to 1 with Wilson's 95 % interval; all 0 to 1 without a text."""

    texts: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Honest:
    """Agreement on whole texts (as two readers would be said to agree), on the sentiment, and on each label."""

    whole: Share
    sentiment: Share
    labels: Mapping[str, Share]


def honest_agreement(session: Session, version: ModelVersion, without: Collection[str] = ()) -> Honest:
    """The agreement of `version` with instructors' answers to items of the random slice.

    `without` names the answers that it has learnt, which say nothing. The figures count texts: a page must not show
    them for so few that they tell of somebody (P14).
    """
    asked = [one for one in labelled(session) if one.why == "random" and one.answer_id not in without]
    read = readings(session, version, {one.post_id for one in asked})
    pairs = [(one.labels, _said(read[one.post_id])) for one in asked if one.post_id in read]

    def on(name: str) -> Share:
        return share([int(ours.get(name, 0) == theirs.get(name, 0)) for ours, theirs in pairs])

    return Honest(
        whole=share([int(say_the_same(ours, theirs)) for ours, theirs in pairs]),
        sentiment=share([int(ours["sentiment"] == theirs["sentiment"]) for ours, theirs in pairs]),
        labels={name: on(name) for name in EMOTIONS},
    )


def share(agrees: Collection[int]) -> Share:
    """The share of ones with its interval."""
    from scipy.stats import binomtest

    if not agrees:
        return Share(0, 0.0, 0.0, 1.0)
    interval = binomtest(sum(agrees), len(agrees)).proportion_ci(method="wilson")
    return Share(len(agrees), sum(agrees) / len(agrees), float(interval.low), float(interval.high))


def _said(reading: Reading) -> dict[str, object]:
    return {"sentiment": reading.sentiment} | dict.fromkeys(reading.labels, 1)
