"""How much each label may weigh, so that nobody and no course decides what a model learns (S41).

A label weighs one or less; what a cap takes away is given to no other label. The run fills it with replay.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

OF_AN_ANNOTATOR = 0.10
OF_A_COURSE = 0.25
AUTHORS = "authors"
"""The annotator of all contests: what authors say of their own texts counts together as one annotator's labels."""
FLOOR = 20.0
"""So much weight, in labels, anybody and any course may have, whatever the shares are."""
LEAST_SOURCES = 3
"""Below three there is nothing to balance, and half of the weight is replay (`pool.replay_share`)."""
ROUNDS = 1000
NEAR = 1e-9
Cells = dict[tuple[str, str], float]
"""Weight by (annotator, course)."""


@dataclass(frozen=True)
class Part:
    """One annotator's part in one text's labels, with what it weighs before any cap; a contest is of `AUTHORS`."""

    annotator: str
    course: str
    weight: float = 1.0


def weights(parts: Sequence[Part], floor: float = FLOOR) -> list[float]:
    """What each part may weigh, in order: more than 0 and at most its own weight.

    Afterwards no annotator has over 10 % of the sum and no course over 25 %, except that `floor` labels are always
    allowed. With three to nine annotators a tenth each cannot make up a whole, so nobody has more than an equal share,
    which is what the one with the fewest labels has, or `floor`. Likewise a course, among three. With one or two
    nothing is capped. Authors who contest are capped together like one annotator and are not counted as one: else one
    contest would cut down what the only two instructors of a site have said.
    """
    cells: Cells = defaultdict(float)  # labels of one annotator in one course are treated alike
    for part in parts:
        cells[part.annotator, part.course] += part.weight
    left = _within_shares(cells, floor)
    return [
        part.weight * left[part.annotator, part.course] / cells[part.annotator, part.course] for part in parts
    ]


def _within_shares(cells: Cells, floor: float) -> Cells:
    of_annotator = share(OF_AN_ANNOTATOR, [annotator for annotator, _ in cells if annotator != AUTHORS])
    of_course = share(OF_A_COURSE, [course for _, course in cells])
    found = dict(cells)
    for _ in range(ROUNDS):  # a cap of one kind makes the whole smaller, so that the other kind's is lower
        capped = _capped(_capped(found, 0, of_annotator, floor), 1, of_course, floor)
        if all(found[cell] - capped[cell] < NEAR for cell in found):
            return capped
        found = capped
    return found


def share(wanted: float, sources: Sequence[str]) -> float:
    """The largest share that one of the sources may have: as wanted, or an equal one among few; 1 among one or two."""
    count = len(set(sources))
    return 1.0 if count < LEAST_SOURCES else max(wanted, 1.0 / count)


def _capped(cells: Cells, kind: int, most: float, floor: float) -> Cells:
    """The cells cut so that no annotator (kind 0) or no course (kind 1) has more than `most` of what is left."""
    sums: dict[str, float] = defaultdict(float)
    for cell, weight in cells.items():
        sums[cell[kind]] += weight
    limit = max(floor, _level(list(sums.values()), most))
    return {cell: weight * min(1.0, limit / sums[cell[kind]]) for cell, weight in cells.items()}


def _level(sums: Sequence[float], most: float) -> float:
    """The highest level to which sums can be cut so that none is over `most` of what is then left in all.

    With the n largest cut to one level and the others as they are, it is the root of level = most · (n · level + rest).
    Where even all of them, cut alike, are only just an equal share each, the least sum is the level.
    """
    ordered, rest = sorted(sums, reverse=True), sum(sums)
    if not ordered or ordered[0] <= most * rest * (1 + NEAR):
        return ordered[0] if ordered else 0.0
    for number, following in enumerate([*ordered[1:], 0.0], 1):
        rest -= ordered[number - 1]
        if number * most < 1 - NEAR and (level := most * rest / (1 - number * most)) >= following:
            return level
    return ordered[-1]
