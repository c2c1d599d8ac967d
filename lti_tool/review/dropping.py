"""Taking labels out of the pool in bulk, as if they had never been given, and putting them back (S40).

A rule names a course, and in it an annotator, a period, or both. Answers stay as they are; pages go on showing them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.errors import InvalidInputError, NotFoundError
from lti_tool.launch.tables import Course, Person
from lti_tool.review.tables import Answer, DroppedLabels, PoolText


@dataclass(frozen=True)
class Which:
    """Which labels: every field narrows them; `until` itself is not among them."""

    annotator_id: str | None = None
    course_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Rules:
    """The rules in force at one moment."""

    rows: Sequence[DroppedLabels]

    def cover(self, course_id: str, annotator_id: str, latest: datetime, *, exact: bool = True) -> bool:
        """Whether a label given at `latest` is taken out; with `exact` false it may also have been given before."""
        return any(
            row.course_id == course_id
            and row.annotator_id in (None, annotator_id)
            and (row.since is None or latest >= row.since)
            and (row.until is None or latest < row.until or not exact)
            for row in self.rows
        )

    def left(self, answers: Sequence[Answer]) -> list[Answer]:
        """The answers without those that are taken out, as if these had never been given."""
        return [one for one in answers if not self.cover(one.course_id, one.annotator_id, one.answered_at)]

    def covers_kept(self, row: PoolText) -> bool:
        """As `cover`, for a row of the pool; of an old one it is only known that its labels are older than the row."""
        latest = row.answered_at or row.kept_since
        return self.cover(row.course_id, row.annotator_id, latest, exact=row.answered_at is not None)


def rules(session: Session) -> Rules:
    """The rules in force now."""
    query = select(DroppedLabels).where(DroppedLabels.restored_at.is_(None))
    return Rules(session.scalars(query.order_by(DroppedLabels.dropped_at, DroppedLabels.id)).all())


def covered(session: Session, which: Which) -> list[Answer]:
    """The answers that `which` names, in order of time."""
    query = select(Answer).order_by(Answer.answered_at, Answer.id)
    for column, value in ((Answer.annotator_id, which.annotator_id), (Answer.course_id, which.course_id)):
        if value is not None:
            query = query.where(column == value)
    if which.since is not None:
        query = query.where(Answer.answered_at >= which.since)
    if which.until is not None:
        query = query.where(Answer.answered_at < which.until)
    return list(session.scalars(query))


def taken_out(session: Session, which: Rules | None = None) -> set[str]:
    """The ids of the answers that these rules (by default those in force) cover, in the pool's own rows too."""
    which = rules(session) if which is None else which
    courses = {row.course_id for row in which.rows}
    answers = session.scalars(select(Answer).where(Answer.course_id.in_(courses)))
    kept = session.scalars(select(PoolText).where(PoolText.course_id.in_(courses)))
    found = {one.id for one in answers if not which.left([one])}
    return found | {row.answer_id for row in kept if which.covers_kept(row)}


def drop(session: Session, now: datetime, which: Which) -> list[DroppedLabels]:
    """Take out what `which` names and return the rules made, one for each course with labels.

    Without a period a rule also covers what is given later; a period without an end that names neither annotator nor
    course ends now. Raises InvalidInputError when nothing is named or the period is empty, NotFoundError for an unknown
    id.
    """
    if which == Which():
        raise InvalidInputError("Name an annotator, a course or a period. Nothing was taken out.")
    if which.since is not None and which.until is not None and which.since >= which.until:
        raise InvalidInputError("The period must end after it begins. Nothing was taken out.")
    only_a_period = which.annotator_id is None and which.course_id is None
    until = which.until or (now if only_a_period else None)
    made = []
    for course_id in _courses(session, which):
        row = DroppedLabels(
            course_id=course_id,
            annotator_id=which.annotator_id,
            since=which.since,
            until=until,
            dropped_at=now,
        )
        session.add(row)
        session.flush()
        _tell(session, now, "labels_dropped", row)
        made.append(row)
    return made


def restore(session: Session, now: datetime, rule_ids: Collection[str]) -> list[DroppedLabels]:
    """Lift rules, so that the labels train again; NotFoundError when one is unknown or lifted already."""
    rows = []
    for rule_id in dict.fromkeys(rule_ids):
        row = session.get(DroppedLabels, rule_id)
        if row is None or row.restored_at is not None:
            raise NotFoundError("There is no rule of this id. `undertone corrections list` names them.")
        row.restored_at = now
        _tell(session, now, "labels_restored", row)
        rows.append(row)
    session.flush()
    return rows


def _courses(session: Session, which: Which) -> list[str]:
    if which.annotator_id is not None:
        person = session.get(Person, which.annotator_id)
        if person is None or person.course_id is None or which.course_id not in (None, person.course_id):
            raise NotFoundError("Nobody of this id is in the course. Nothing was taken out.")
        return [person.course_id]
    if which.course_id is not None:
        if session.get(Course, which.course_id) is None:
            raise NotFoundError("There is no course of this id. Nothing was taken out.")
        return [which.course_id]
    with_labels = session.scalars(select(Answer.course_id).union(select(PoolText.course_id)))
    return sorted(with_labels)


def _tell(session: Session, now: datetime, event: str, row: DroppedLabels) -> None:
    record(
        session,
        now,
        event,
        code="annotator" if row.annotator_id else "period" if row.since or row.until else "course",
        institution_id=session.get_one(Course, row.course_id).institution_id,
        course_id=row.course_id,
        facts={"rule": row.id} | ({"annotator": row.annotator_id} if row.annotator_id else {}),
    )
