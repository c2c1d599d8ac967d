"""What was told of a course so far, read from and written to its tables."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.disclosure.groups import Group, Member, Numbers, State
from lti_tool.disclosure.scopes import Scope
from lti_tool.disclosure.tables import DisclosedCourse, DisclosedGroup, DisclosedText


def load(session: Session, course_id: str) -> State:
    """The state at the last picture, less the texts and people that have gone since."""
    texts = list(session.scalars(select(DisclosedText).where(DisclosedText.course_id == course_id)))
    members: dict[str, dict[str, Member]] = {}
    for row in sorted(texts, key=lambda row: row.post_id):
        if row.group_id is not None:
            members.setdefault(row.group_id, {})[row.post_id] = Member(row.person_id, row.reading)
    query = select(DisclosedGroup).where(DisclosedGroup.course_id == course_id).order_by(DisclosedGroup.id)
    groups = tuple(_group(row, members.get(row.id, {})) for row in session.scalars(query))
    course = session.get(DisclosedCourse, course_id)
    opened = frozenset(row.post_id for row in texts if row.was_open)
    return State(groups, opened, frozenset(course.known if course else ()))


def _group(row: DisclosedGroup, members: dict[str, Member]) -> Group:
    told = row.numbers
    labels = {label: (texts, sure, people) for label, (texts, sure, people) in told["labels"].items()}
    numbers = Numbers(told["texts"], told["authors"], labels)
    return Group(row.id, Scope(**row.scope), numbers, members, frozenset(row.marks))


def save(session: Session, course_id: str, state: State, present: Mapping[str, str]) -> None:
    """Keep the state for the texts `present` (text id → author), whose authors' consent rows are locked.

    A text that went away meanwhile is not written: its group remembers how many it had.
    """
    known = {
        row.post_id: row
        for row in session.scalars(select(DisclosedText).where(DisclosedText.course_id == course_id))
    }
    groups = {
        row.id: row
        for row in session.scalars(select(DisclosedGroup).where(DisclosedGroup.course_id == course_id))
    }
    _keep_known(session, course_id, sorted(state.known))
    for group in state.groups:
        _keep_group(session, course_id, group, groups.get(group.id))
    session.flush()
    places = {post: (group.id, one) for group in state.groups for post, one in group.members.items()}
    for post, author in present.items():
        group_id, member = places.get(post, (None, Member(author, {})))
        row = known.get(post)
        if row is None:
            row = DisclosedText(post_id=post, person_id=author, course_id=course_id, reading={})
            session.add(row)
        row.group_id, row.was_open = group_id, post in state.opened
        if dict(row.reading) != dict(member.reading):
            row.reading = dict(member.reading)
    session.flush()


def _keep_known(session: Session, course_id: str, known: list[str]) -> None:
    row = session.get(DisclosedCourse, course_id)
    if row is None:
        session.add(DisclosedCourse(course_id=course_id, known=known))
    elif row.known != known:
        row.known = known


def _keep_group(session: Session, course_id: str, group: Group, row: DisclosedGroup | None) -> None:
    told = group.numbers
    numbers = {
        "texts": told.texts,
        "authors": told.authors,
        "labels": {label: list(sums) for label, sums in told.labels.items()},
    }
    if row is None:
        session.add(
            DisclosedGroup(
                id=group.id,
                course_id=course_id,
                scope=group.scope.as_json(),
                numbers=numbers,
                marks=sorted(group.marks),
            )
        )
    elif row.numbers != numbers:
        row.numbers = numbers


def unreadable(session: Session, course_id: str) -> set[str]:
    """Ids of texts that staff may not read although their author gave B: they hide too few others (P50)."""
    query = select(DisclosedText.post_id).where(
        DisclosedText.course_id == course_id,
        DisclosedText.group_id.is_not(None),
        DisclosedText.was_open.is_(False),
    )
    return set(session.scalars(query))
