"""Which texts are kept apart to measure on: whole groups of authors, and never what a model has learnt already."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from lti_tool.retraining.near_duplicates import Text

LEAST_TO_HOLD_OUT = 60
HELD_OUT = 0.3
MOST_HELD_OUT = 0.4
LARGEST_JOINED = 0.1
"""A thread joins its authors while the group that comes of it holds at most this share of the texts."""


def groups(texts: Sequence[Text]) -> dict[str, str]:
    """For each text, by its newest answer's id, the opaque name of its group of authors.

    All texts of an author share a group, so an author is never on both sides. Authors who wrote in one thread share one
    too as long as the group stays small, the smallest threads first; a large thread does not join, since otherwise a
    class that talks in one place would be a single group, and all or nothing could be held out.
    """
    parent = {text.newest.person_id: text.newest.person_id for text in texts}
    size = Counter(text.newest.person_id for text in texts)
    most = max(1.0, LARGEST_JOINED * len(texts))

    def root(person: str) -> str:
        while parent[person] != person:
            person = parent[person]
        return person

    for _, people in _threads(texts):
        roots = {root(person) for person in people}
        if len(roots) > 1 and sum(size[one] for one in roots) <= most:
            first, *others = sorted(roots)
            for other in others:
                parent[other] = first
                size[first] += size[other]
    return {text.newest.answer_id: _name(root(text.newest.person_id)) for text in texts}


def chosen(
    texts: Sequence[Text], named: dict[str, str], trained_on: Collection[str], newest: Collection[str] = ()
) -> set[str]:
    """The names of the groups held out: about three tenths of the texts, none when there are fewer than 60.

    Three tenths of the `newest` texts (ids of their newest answers) are among them as far as whole groups allow. The
    others of these weeks train, so that what is corrected on Monday can help on Tuesday: the weeks are seen, their
    held-out authors are not. The order of the groups is fixed, so a larger pool holds out the same people as far as it
    can. A group of which a version has learnt any answer (`trained_on`) stays in training, so what is held out was
    never seen.
    """
    if len(texts) < LEAST_TO_HOLD_OUT:
        return set()
    sizes = Counter(named[text.newest.answer_id] for text in texts)
    late = Counter(named[text.newest.answer_id] for text in texts if text.newest.answer_id in newest)
    seen = {
        named[text.newest.answer_id] for text in texts if any(one.answer_id in trained_on for one in text.all)
    }
    taken: set[str] = set()
    for counted in (late, sizes):
        _take(taken, sorted(counted.keys() - seen), counted, sizes)
    return taken


def _take(taken: set[str], names: Sequence[str], counted: Counter[str], sizes: Counter[str]) -> None:
    """Add groups in this order until they hold three tenths of what is counted, and not much more of all texts."""
    enough, most = HELD_OUT * counted.total(), MOST_HELD_OUT * sizes.total()
    has, full = (sum(one[name] for name in taken) for one in (counted, sizes))
    for name in names:
        if name not in taken and has < enough and full + sizes[name] <= most:
            taken.add(name)
            has, full = has + counted[name], full + sizes[name]


def _threads(texts: Sequence[Text]) -> list[tuple[str, list[str]]]:
    """The authors of each thread, the threads with the fewest texts first."""
    found: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        if text.newest.thread_index:
            found[text.newest.thread_index].append(text.newest.person_id)
    return sorted(found.items(), key=lambda item: (len(item[1]), item[0]))


def _name(person: str) -> str:
    """Random ids go in, so the name leads to nobody; it also fixes a group's place in the order."""
    return hashlib.sha256(f"group {person}".encode()).hexdigest()[:16]
