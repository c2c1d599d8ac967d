"""How somebody answers, as far as it makes their labels doubtful (S43). Pure functions over the labels that stand.

Nothing here is shown to anybody: the labels wait until another instructor has read the text.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from math import inf, sqrt
from statistics import mean, median
from typing import Any

from lti_tool.review.agreement import agreement
from lti_tool.review.labelled import Labelled
from model.labels import EMOTIONS, SENTIMENT

BAD = frozenset({"confusion", "frustration", "boredom", "toxicity"})
GOOD = frozenset({"engagement", "enthusiasm", "satisfaction"})
"""The labels of either pole."""
By = Mapping[str, Sequence[Labelled]]

QUICK_SECONDS = 2.0
QUICK_TEXTS = 20
LEAST_ANSWERS = 20
"""With fewer nobody's rate is looked at."""
DEVIATIONS = 3.0
LEAST_DEVIATION = 0.05
LEAST_OF_FEW = 0.075
"""So much is one standard deviation at least, so that peers who happen to be alike make nobody an exception: 5 points,
and 7.5 where there are fewer than `MANY_PEERS` peers."""
MANY_PEERS = 3
LEAST_CHECKED = 5
LEAST_AGREEMENT = 0.6


def by_annotator(labelled: Sequence[Labelled]) -> dict[str, list[Labelled]]:
    """The labels of each instructor in order of time; authors speak of their own texts alone and are not compared."""
    found: dict[str, list[Labelled]] = defaultdict(list)
    for one in sorted(labelled, key=lambda one: (one.answered_at, one.answer_id)):
        if one.annotator_role == "instructor":
            found[one.annotator_id].append(one)
    return dict(found)


def too_quick(by: By) -> set[str]:
    """Ids of answers within any twenty in a row that took their annotator under two seconds a text on average."""
    found: set[str] = set()
    for answers in by.values():
        took = _took(answers)
        for start in range(len(took) - QUICK_TEXTS + 1):
            window = slice(start, start + QUICK_TEXTS)
            if sum(took[window]) < QUICK_SECONDS * QUICK_TEXTS:
                found |= {one.answer_id for one in answers[window]}
    return found


def _took(answers: Sequence[Labelled]) -> list[float]:
    """Seconds that each answer took at most, of one annotator's in order of time.

    No more than since the answer before, however long its page had been open beside others. Where the time on screen is
    not known it counts as two seconds at most, so that an answer without it excuses no other.
    """
    gaps = [(after.answered_at - before.answered_at).total_seconds() for before, after in pairwise(answers)]
    seconds = [QUICK_SECONDS if one.seconds_on_screen is None else one.seconds_on_screen for one in answers]
    return [min(pair) for pair in zip([inf, *gaps], seconds, strict=False)]


def one_way(by: By) -> set[str]:
    """Ids of answers that make what the model had shown better, or worse, where their annotator does so far too often.

    An annotator's rate is the share of answers that go that way less the share that go the other, at least 0. It is too
    high when it is over that of the peers by more than three standard deviations. The peers' rate is their median, and
    its deviation comes from their median absolute deviation, or from chance in so many answers where that is more
    (`LEAST_DEVIATION` is the least). Of one or two peers the higher rate is taken; without any nobody is judged.
    """
    ways = {
        who: [(one.answer_id, way(one)) for one in answers]
        for who, answers in by.items()
        if len(answers) >= LEAST_ANSWERS
    }
    found: set[str] = set()
    for who, own in ways.items():
        for direction in (1, -1):
            peers = [_rate(other, direction) for other_id, other in ways.items() if other_id != who]
            if peers and _rate(own, direction) > _limit(peers, len(own)):
                found |= {answer_id for answer_id, went in own if went == direction}
    return found


def way(one: Labelled) -> int:
    """1 when everything that the annotator changed makes the text better, -1 for worse, 0 for neither or both.

    Better is a more positive sentiment, a label of the negative pole taken away or one of the positive pole added.
    """
    if not one.shown:
        return 0
    moves = {_sign(_level(one.labels) - _level(one.shown))}
    for name in EMOTIONS:
        change = int(bool(one.labels.get(name))) - int(bool(one.shown.get(name)))
        moves.add(change if name in GOOD else -change)
    moves.discard(0)
    return moves.pop() if len(moves) == 1 else 0


def unconfirmed(by: By) -> set[str]:
    """Annotators whose agreement on texts that another instructor read as well is under 0.6 with every one of those.

    At least five texts in common count. Whom anybody agrees with is not doubted: of two who differ, nobody knows which
    one is right, and the labels of both wait.
    """
    checked: dict[str, list[float]] = defaultdict(list)
    for one, other in combinations(sorted(by), 2):
        texts = {said.post_id: said for said in by[one]}
        both = [
            agreement(texts[said.post_id].labels, said.labels) for said in by[other] if said.post_id in texts
        ]
        if len(both) >= LEAST_CHECKED:
            checked[one].append(mean(both))
            checked[other].append(mean(both))
    return {who for who, found in checked.items() if max(found) < LEAST_AGREEMENT}


def _level(labels: Mapping[str, Any]) -> int:
    return SENTIMENT.index(labels["sentiment"])


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _rate(ways: Sequence[tuple[str, int]], direction: int) -> float:
    return max(0, sum(went * direction for _, went in ways)) / len(ways)


def _limit(peers: Sequence[float], answers: int) -> float:
    many = len(peers) >= MANY_PEERS
    centre = median(peers) if many else max(peers)
    spread = 1.4826 * median(
        abs(rate - centre) for rate in peers
    )  # as wide as one deviation of a normal spread
    chance = sqrt(centre * (1 - centre) / answers)
    return centre + DEVIATIONS * max(spread, chance, LEAST_DEVIATION if many else LEAST_OF_FEW)
