"""Whoever remembers every answer of every picture and solves for single people: what could they find out?

A history is played several times, each time with one text read otherwise. So it is found out, without a look inside,
which unknown readings each answer depends on and how much; the rest is linear algebra.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import combinations, count, product

import numpy as np
from hypothesis import strategies as st

from lti_tool.disclosure.figures import Cell, Picture
from lti_tool.disclosure.groups import Item, State, advance
from lti_tool.disclosure.scopes import Scope, Where

PLACES = {"help": ("forum", None), "week 1": ("reflection", "1"), "questions": ("forum", "1")}
QUESTIONS = [
    Where(first, last, source, section, activity)
    for (first, last), source, section, activity in product(
        ((1, 9), (1, 1), (2, 2), (1, 2)), (None, "forum", "reflection"), (None, "1"), (None, *PLACES)
    )
]


@dataclass(frozen=True)
class Written:
    """One text: when it appears and is edited, contested or deleted (steps of the history, or never)."""

    author: int
    place: str
    week: int
    appears: int
    edited: int
    contested: tuple[int, int]
    deleted: int

    def ended_by(self, step: int) -> "Written":
        """The same text, to which nothing happens from that step on."""
        edited, deleted = (at if at < step else 99 for at in (self.edited, self.deleted))
        from_, to = self.contested
        contested = (from_, to if to < step else 99) if from_ < step else (99, 99)
        return replace(
            self, edited=edited, deleted=deleted, contested=contested, appears=min(self.appears, step - 1)
        )


@dataclass(frozen=True)
class History:
    """`choices` holds per step and author `-` (no consent), `a` or `b`."""

    texts: tuple[Written, ...]
    choices: tuple[tuple[str, ...], ...]
    k: int

    def items(self, step: int, otherwise: tuple[int, int] | None = None) -> list[Item]:
        """What counts at a step; `otherwise` is the (text, edition) that reads as "hard", as nothing else does."""
        found = []
        for number, text in enumerate(self.texts):
            choice = self.choices[step][text.author]
            gone = choice == "-" or not text.appears <= step < text.deleted
            if gone or text.contested[0] <= step < text.contested[1]:
                continue
            edition = int(step >= text.edited)
            source, section = PLACES[text.place]
            scope = Scope(text.week, text.week, source, section, text.place)
            reading = {f"edition {edition}": True}
            if (number, edition) == otherwise:
                reading["hard"] = False
            found.append(
                Item(f"{number:03}", str(text.author), choice == "b", scope, reading, f"mark {number}")
            )
        return found

    def then(self, *choices: tuple[str, ...]) -> "History":
        """The history with more pictures, before which nothing but these choices happens."""
        still = len(self.choices)
        texts = (text.ended_by(still) for text in self.texts)
        return History(tuple(texts), (*self.choices, *choices), self.k)

    def unknowns(self) -> list[tuple[int, int]]:
        return [(number, edition) for number in range(len(self.texts)) for edition in (0, 1)]


@dataclass(frozen=True)
class Writers:
    """The authors of a cell before they are rounded, and those of them of whom a text could never be read."""

    all: frozenset[str]
    unread: frozenset[str]
    texts: Counter[str]
    """Author → texts in the cell."""


@dataclass
class Seen:
    """What a reader of all pictures holds: answers in order, and the (text, edition)s that could be read."""

    answers: list[float] = field(default_factory=list)
    readable: set[tuple[int, int]] = field(default_factory=set)
    told: int = 0
    writers: list[dict[Where, "Writers | None"]] = field(default_factory=list)
    """Per picture: who stands behind each number of writers."""
    open: list[dict[str, Item]] = field(default_factory=list)
    """Per picture: the texts that can be read."""


def play(history: History, otherwise: tuple[int, int] | None = None) -> Seen:
    """Every picture of the history, every question asked of it."""
    state, seen, ids = State(), Seen(), count()
    for step in range(len(history.choices)):
        items = history.items(step, otherwise)
        state = _forgotten(state, history, step)
        state = advance(state, items, history.k, lambda: f"group {next(ids)}")
        picture = Picture(state, items, history.k)
        seen.writers.append({where: _writers(picture.cell(where), state, items) for where in QUESTIONS})
        for where in QUESTIONS:
            cell = picture.cell(where)
            seen.answers.append(cell.figure("hard").part if cell else 0.0)
            seen.told += cell is not None
        grouped = {post for group in state.groups for post in group.members}
        seen.open.append({item.id: item for item in items if _can_be_read(item, state, grouped)})
        for post in seen.open[-1]:
            seen.readable.add((int(post), int(step >= history.texts[int(post)].edited)))
    return seen


def _can_be_read(item: Item, state: State, grouped: set[str]) -> bool:
    return item.shared and (item.id not in grouped or item.id in state.opened)


def _writers(cell: Cell | None, state: State, items: list[Item]) -> Writers | None:
    if cell is None:
        return None
    inside = [item for item in items if item.id in cell.ids]
    unread = {item.author for item in inside if item.id not in state.opened}
    return Writers(
        frozenset(item.author for item in inside), frozenset(unread), Counter(item.author for item in inside)
    )


def _forgotten(state: State, history: History, step: int) -> State:
    """As the tables do: with a withdrawal or a deletion the text's row goes."""

    def stays(post: str) -> bool:
        text = history.texts[int(post)]
        return history.choices[step][text.author] != "-" and step < text.deleted

    groups = tuple(
        replace(group, members={post: one for post, one in group.members.items() if stays(post)})
        for group in state.groups
    )
    return State(groups, frozenset(filter(stays, state.opened)), state.known)


def weights(history: History) -> tuple[np.ndarray, list[int], Seen]:
    """Answers × unknown readings: how much each answer moves; the unknowns' authors; what was seen."""
    plain = play(history)
    hidden = [one for one in history.unknowns() if one not in plain.readable]
    rows = [np.subtract(play(history, one).answers, plain.answers) for one in hidden]
    matrix = np.array(rows).T if rows else np.zeros((len(plain.answers), 0))
    return np.unique(matrix, axis=0), [history.texts[number].author for number, _ in hidden], plain


def isolated(matrix: np.ndarray, authors: list[int], k: int) -> set[int] | None:
    """Fewer than `k` authors about whom some combination of the answers speaks alone, or None."""
    involved = sorted({a for a, column in zip(authors, matrix.T, strict=True) if column.any()})
    if not involved:
        return None
    rank = np.linalg.matrix_rank(matrix)
    for few in combinations(involved, min(k - 1, len(involved))):
        others = matrix[:, [author not in few for author in authors]]
        if (np.linalg.matrix_rank(others) if others.size else 0) < rank:
            return set(few)
    return None


@st.composite
def histories(draw, k: int = 3, most_authors: int = 7, most_steps: int = 4):
    """People join, leave, give and take B, write, edit, contest and delete between the pictures."""
    authors, steps = draw(st.integers(k, most_authors)), draw(st.integers(2, most_steps))
    step = st.integers(0, steps)
    usual = st.one_of(st.just(99), step)
    text = st.builds(
        Written,
        st.integers(0, authors - 1),
        st.sampled_from(list(PLACES)),
        st.sampled_from((1, 1, 1, 2)),
        st.one_of(st.just(0), step),
        usual,
        st.one_of(st.just((99, 99)), st.tuples(step, step).map(lambda pair: tuple(sorted(pair)))),
        usual,
    )
    texts = draw(st.lists(text, min_size=2 * k, max_size=4 * k))
    now = [draw(st.sampled_from("aaaab-")) for _ in range(authors)]
    choices = [tuple(now)]
    for _ in range(steps - 1):
        for _ in range(draw(st.integers(0, 2))):
            now[draw(st.integers(0, authors - 1))] = draw(st.sampled_from("ab-"))
        choices.append(tuple(now))
    return History(tuple(texts), tuple(choices), k)
