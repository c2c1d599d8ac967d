"""Groups of texts: what nobody may read by itself is told only in sums over at least k authors (P49, P50).

The rule: a text of somebody without B enters the figures together with others, as a group of at least k authors of
whom none gives over half. The group is made once and never split; a figure is a sum of whole groups and of texts that
staff may read anyway. So whatever is subtracted from whatever, at one time or over time, what is left is a sum over
whole groups. Later changes (a person leaves, a text is edited or contested) do not change a group's shares: they are
renewed when at least k authors read otherwise. What has left is counted no more: the sums shrink with the texts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lti_tool.disclosure import rules
from lti_tool.disclosure.scopes import Scope, joined, levels

Reading = Mapping[str, bool]
"""Label → whether it applies surely; labels that do not apply are left out."""


@dataclass(frozen=True)
class Item:
    """One text that counts now. `shared`: its author lets staff read it."""

    id: str
    author: str
    shared: bool
    scope: Scope
    reading: Reading
    mark: str = ""
    """Stays the same when the text is deleted here and read from the LMS again; names nobody."""


@dataclass(frozen=True)
class Numbers:
    """Of a group when it was made: texts, authors, and per label texts, sure ones and authors."""

    texts: int
    authors: int
    labels: Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True)
class Member:
    """A text's place in a group."""

    author: str
    reading: Reading


@dataclass(frozen=True)
class Group:
    """Texts that are told together."""

    id: str
    scope: Scope
    numbers: Numbers
    members: Mapping[str, Member]
    """By the text's id; texts that are gone are not among them."""
    marks: frozenset[str]
    """Of all texts that were ever in it: who withdraws and agrees anew comes back to where they were told."""


@dataclass(frozen=True)
class State:
    """What was told so far: the groups, and the texts that staff could read at some time."""

    groups: tuple[Group, ...] = ()
    opened: frozenset[str] = field(default_factory=frozenset)
    known: frozenset[str] = field(default_factory=frozenset)
    """Marks of the opened texts, also of those that are gone."""

    @property
    def posts(self) -> frozenset[str]:
        """Ids of all texts that it speaks of."""
        return self.opened.union(*(group.members for group in self.groups))


def advance(state: State, items: Sequence[Item], k: int, new_id: Callable[[], str]) -> State:
    """The state of the next picture: texts that become readable, renewed numbers, new groups."""
    by_id = {item.id: item for item in items}
    state = _returned(state, items)
    opened = _open(state, by_id, k) | {item.id for item in items if item.mark in state.known}
    groups = [_renewed(group, by_id, opened, k) for group in state.groups]
    taken = {post for group in groups for post in group.members}
    opened |= {item.id for item in items if item.shared and item.id not in taken}
    waiting = [item for item in items if not item.shared and item.id not in taken]
    latest = max((item.scope.last for item in items), default=0)
    known = state.known | {item.mark for item in items if item.mark and item.id in opened}
    return State((*groups, *_formed(waiting, opened, latest, k, new_id)), frozenset(opened), known)


def closed_authors(group: Group, by_id: Mapping[str, Item], opened: Iterable[str]) -> set[str]:
    """Authors in the group now whose texts in it nobody on the staff could ever read."""
    known = set(opened)
    return {one.author for post, one in group.members.items() if post in by_id and post not in known}


def _returned(state: State, items: Sequence[Item]) -> State:
    """With texts that were in a group, were deleted and are there again."""
    taken = {post for group in state.groups for post in group.members}
    back = [item for item in items if item.mark and item.id not in taken]
    groups = tuple(
        replace(
            group,
            members={
                **group.members,
                **{item.id: Member(item.author, item.reading) for item in back if item.mark in group.marks},
            },
        )
        for group in state.groups
    )
    return replace(state, groups=groups)


def _open(state: State, by_id: Mapping[str, Item], k: int) -> set[str]:
    """Who gives B later may be read in a group only while k others remain unread in it."""
    opened = set(state.opened)
    for group in state.groups:
        closed = closed_authors(group, by_id, opened)
        for author in sorted(closed):
            texts = {post for post, one in group.members.items() if one.author == author and post in by_id}
            if all(by_id[post].shared for post in texts) and len(closed - {author}) >= k:
                closed.discard(author)
                opened |= texts
    return opened


def _renewed(group: Group, by_id: Mapping[str, Item], opened: set[str], k: int) -> Group:
    """The group with numbers as of now when at least k authors, whom nobody could read, read otherwise."""
    here = {post: by_id[post] for post in group.members if post in by_id}
    changed = {
        item.author
        for post, item in here.items()
        if post not in opened and dict(item.reading) != dict(group.members[post].reading)
    }
    if len(changed) < k:
        return group
    members = {**group.members, **{post: Member(item.author, item.reading) for post, item in here.items()}}
    return replace(group, numbers=numbers(list(here.values())), members=members)


def numbers(items: Sequence[Item]) -> Numbers:
    """The sums over these texts."""
    labels = sorted({label for item in items for label in item.reading})
    return Numbers(
        len(items), len({item.author for item in items}), {name: _sums(items, name) for name in labels}
    )


def _sums(items: Sequence[Item], label: str) -> tuple[int, int, int]:
    having = [item for item in items if label in item.reading]
    return len(having), sum(item.reading[label] for item in having), len({item.author for item in having})


def _formed(
    waiting: list[Item], opened: set[str], latest: int, k: int, new_id: Callable[[], str]
) -> list[Group]:
    """New groups out of texts that wait, in the narrowest place first."""
    made: list[Group] = []
    for depth in range(len(levels(Scope(0, 0), 0))):
        for scope, found in _places(waiting, depth, latest):
            chosen = _undominated(found)
            if len({item.author for item in chosen if item.id not in opened}) < k:
                continue
            made.append(_group(new_id(), scope, chosen))
            ids = {item.id for item in chosen}
            waiting = [item for item in waiting if item.id not in ids]
    return made


def _places(waiting: Sequence[Item], depth: int, latest: int) -> list[tuple[Scope, list[Item]]]:
    found: dict[Scope, list[Item]] = {}
    for item in waiting:
        scope = levels(item.scope, latest)[depth]
        if scope is not None:
            found.setdefault(scope, []).append(item)
    return sorted(found.items(), key=lambda pair: repr(pair[0]))


def _group(group_id: str, scope: Scope, items: list[Item]) -> Group:
    members = {item.id: Member(item.author, item.reading) for item in items}
    marks = frozenset(item.mark for item in items if item.mark)
    return Group(group_id, joined(scope, [item.scope for item in items]), numbers(items), members, marks)


def _undominated(items: list[Item]) -> list[Item]:
    """Without what one author wrote beyond half of the texts; that waits."""
    if not rules.dominated(item.author for item in items):
        return items
    (author, count), *_ = Counter(item.author for item in items).most_common(1)
    most, kept = len(items) - count, 0
    chosen = []
    for item in sorted(items, key=lambda one: one.id):
        if item.author != author or kept < most:
            kept += item.author == author
            chosen.append(item)
    return chosen
