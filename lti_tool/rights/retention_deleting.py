"""Deleting what a table's declaration says is over. Each function works in the caller's short transaction."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, inspect, select
from sqlalchemy.orm import Session

from lti_tool.consent import service as consent
from lti_tool.ingest.tables import Post
from lti_tool.launch.tables import Person
from lti_tool.review.pool import keep_for_pool
from lti_tool.storage import Base, Kind, Owned, journal, owned_tables
from lti_tool.storage.keeping import KINDS

BATCH = 500
LEDGER: Kind = "proof"
"""Lines of the ledger end behind a signed checkpoint of their chain, not one by one."""


def expire_person(session: Session, now: datetime, person_id: str, over: Collection[Kind]) -> Counter[Kind]:
    """Delete or empty the person's rows of the kinds whose time is over; return how many of each.

    It locks the person's consent row, as every write of their rows does (P16). Doing it again changes nothing.
    """
    consent.lock(session, person_id)
    counts: Counter[Kind] = Counter()
    if "texts" in over and "pool" not in over:
        keep_for_pool(session, now, _with_text(session, person_id))
    for mapped, owned in owned_tables():
        if owned.keep is None or owned.since is not None or owned.keep == LEDGER:
            continue
        kind = owned.then or owned.keep
        if owned.keep in over and kind in over:
            counts[kind] += _delete(session, mapped, person_id)
        elif owned.keep in over:
            counts[owned.keep] += _empty(session, now, mapped, owned, person_id)
    for kind in sorted(kind for kind, count in counts.items() if count):
        journal.note(session, f"expired {kind}", person_id)
    return counts


def holders(session: Session, kind: Kind) -> set[str]:
    """The ids of people of whom there are rows that end with this kind."""
    found: set[str] = set()
    for mapped, owned in owned_tables():
        table: Any = mapped
        if owned.since is not None or owned.keep == LEDGER:
            continue
        if owned.then is not None and owned.keep == kind:
            found |= set(
                session.scalars(select(table.person_id).where(table.emptied_at.is_(None)).distinct())
            )
        if _last_kind(owned) == kind:
            found |= set(session.scalars(select(table.person_id).distinct()))
    return found


def delete_older(
    session: Session, mapped: type[Base], since: str, before: datetime, institution_id: str
) -> int:
    """Delete up to `BATCH` rows of an institution that are older; with an empty id, of a table that names none.

    A row that another table still needs stays until that one is gone.
    """
    key, *more = inspect(mapped).primary_key
    if more:
        raise ValueError(f"{mapped.__tablename__} has no single key")
    column = mapped.__table__.columns[since]
    query = select(key).where(column < before, *_unreferenced(mapped), *_of(mapped, institution_id))
    ids = list(session.scalars(query.limit(BATCH)))
    if ids:
        session.execute(delete(mapped.__table__).where(key.in_(ids)))  # type: ignore[arg-type]
    return len(ids)


def delete_of_courses(session: Session, mapped: type[Base], course_ids: Sequence[str]) -> int:
    """Delete the rows of these courses."""
    table: Any = mapped
    result = session.execute(delete(mapped).where(table.course_id.in_(course_ids)))
    return int(result.rowcount)  # type: ignore[attr-defined]


def is_per_institution(mapped: type[Base]) -> bool:
    """Whether a row says to which institution it belongs, itself or by its person."""
    return bool({"institution_id", "person_id"} & set(mapped.__table__.columns.keys()))


def oldest_rows(session: Session, institution_id: str) -> Mapping[Kind, datetime]:
    """The time of the oldest row that is left of each kind, by the column that says since when it is there."""
    found: dict[Kind, datetime] = {}
    for mapped, owned in owned_tables():
        table: Any = mapped
        kind = owned.keep if owned.since else _last_kind(owned)
        if kind is None or owned.held_at is None:
            continue
        own = Person.institution_id == institution_id, Person.id == table.person_id
        moment = session.scalar(select(func.min(getattr(table, owned.held_at))).where(*own))
        if moment is not None:
            found[kind] = min(moment, found.get(kind, moment))
    return {kind: found[kind] for kind in KINDS if kind in found}


def limit(now: datetime, days: int) -> datetime:
    """Rows from before this moment are over."""
    return now - timedelta(days=days)


def _last_kind(owned: Owned) -> Kind | None:
    """The kind with which the row itself goes."""
    return owned.then or owned.keep


def _with_text(session: Session, person_id: str) -> list[Post]:
    query = select(Post).where(Post.person_id == person_id, Post.emptied_at.is_(None))
    return list(session.scalars(query))


def _delete(session: Session, mapped: type[Base], person_id: str) -> int:
    table: Any = mapped
    result = session.execute(delete(mapped).where(table.person_id == person_id))
    return int(result.rowcount)  # type: ignore[attr-defined]


def _empty(session: Session, now: datetime, mapped: type[Base], owned: Owned, person_id: str) -> int:
    """Take the text out of rows that stay. By the objects, since a sealed column is bound to its row."""
    table: Any = mapped
    rows = session.scalars(select(mapped).where(table.person_id == person_id, table.emptied_at.is_(None)))
    count = 0
    for row in rows:
        for name, value in owned.empties.items():
            setattr(row, name, value)
        row.emptied_at = now  # type: ignore[attr-defined]
        count += 1
    session.flush()
    return count


def _of(mapped: type[Base], institution_id: str) -> list[ColumnElement[bool]]:
    table: Any = mapped
    columns = mapped.__table__.columns.keys()
    if "institution_id" in columns:
        return [table.institution_id == institution_id]
    if "person_id" in columns:
        return [table.person_id.in_(select(Person.id).where(Person.institution_id == institution_id))]
    return []


def _unreferenced(mapped: type[Base]) -> list[ColumnElement[bool]]:
    """No row of another table names this one, where the database would refuse the deletion."""
    found = []
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table is mapped.__table__ and key.ondelete != "CASCADE":
                found.append(~exists().where(key.parent == key.column))
    return found
