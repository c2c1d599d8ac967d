"""A person's rows taken out of their tables and put back: while they are out, no page and no job can see them.

Which tables there are is declared on them (`storage.ownership`), so a new one needs no change here.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.consent.tables import ConsentState
from lti_tool.ingest.tables import ErasedPost, Post
from lti_tool.rights.tables import Erasure
from lti_tool.storage import Base, UtcDateTime, owned_tables

Rows = dict[str, list[dict[str, Any]]]
"""Table name → rows by column, times as ISO text."""
STAY = (Erasure, ErasedPost)
"""What an erasure itself writes."""
LIVES = frozenset("ABCD")


def take(session: Session, person_id: str, post_id: str | None = None) -> Rows:
    """Take out everything that lives by a purpose, or what hangs on one text; in the order of owned tables."""
    taken: Rows = {}
    answers: set[str] = set()
    for mapped in _tables():
        own = _condition(mapped, person_id, post_id, answers)
        if own is None:
            continue
        rows = list(session.scalars(select(mapped).where(*own)))
        if rows:
            taken[_name(mapped)] = [plain(row) for row in rows]
            answers |= {row.id for row in rows if _name(mapped) == "answers"}  # type: ignore[attr-defined]
    for mapped in _tables():
        own = _condition(mapped, person_id, post_id, answers)
        if _name(mapped) in taken and own is not None:
            session.execute(delete(mapped).where(*own).execution_options(synchronize_session="fetch"))
    return taken


def put_back(session: Session, state: ConsentState, rows: Rows) -> None:
    """Put rows back that may still be kept, those others refer to first.

    What the person has withdrawn or written anew meanwhile stays out. The caller holds the consent lock.
    """
    for mapped in reversed(list(_tables())):
        owned = mapped.__owned__  # type: ignore[attr-defined]
        stands = getattr(state, owned.purpose.lower())
        own = [_row(mapped, values) for values in rows.get(_name(mapped), ()) if stands]
        _add(session, [row for row in own if not (isinstance(row, Post) and _too_early(state, row))])


def packed(rows: Rows) -> str:
    return json.dumps(rows, ensure_ascii=False)


def unpacked(raw: str) -> Rows:
    found: Rows = json.loads(raw)
    return found


def _tables() -> Iterator[type[Base]]:
    """Tables of what lives by a purpose, leaves first."""
    for mapped, owned in owned_tables():
        if owned.purpose in LIVES and mapped not in STAY:
            yield mapped


def _condition(
    mapped: Any, person_id: str, post_id: str | None, answers: set[str]
) -> tuple[ColumnElement[bool], ...] | None:
    """Which rows of a table go; None for none of them."""
    own = mapped.person_id == person_id
    if post_id is None:
        return (own,)
    if mapped is Post:
        return own, Post.id == post_id
    if hasattr(mapped, "post_id"):
        return own, mapped.post_id == post_id
    if hasattr(mapped, "answer_id"):
        return own, mapped.answer_id.in_(answers)
    return None


def _add(session: Session, rows: list[Base]) -> None:
    """Add the rows, or one by one those that still fit."""
    try:
        with session.begin_nested():
            session.add_all(rows)
    except IntegrityError:
        if len(rows) > 1:
            for row in rows:
                _add(session, [_row(type(row), plain(row))])


def _too_early(state: ConsentState, post: Post) -> bool:
    return not state.earlier and (state.a_since is None or post.written_at < state.a_since)


def _name(mapped: type[Base]) -> str:
    return str(mapped.__tablename__)


def plain(row: Base) -> dict[str, Any]:
    """A row by column, times as ISO text."""
    values = {key: getattr(row, key) for key, _ in _columns(type(row))}
    return {key: v.isoformat() if isinstance(v, datetime) else v for key, v in values.items()}


def _row(mapped: type[Base], values: dict[str, Any]) -> Base:
    times = {key for key, column in _columns(mapped) if isinstance(column.type, UtcDateTime)}
    return mapped(
        **{key: datetime.fromisoformat(v) if v and key in times else v for key, v in values.items()}
    )


def _columns(mapped: type[Base]) -> list[tuple[str, Any]]:
    """Attribute and column of what the table itself holds."""
    mapper = inspect(mapped)
    return [(mapper.get_property_by_column(column).key, column) for column in mapped.__table__.columns]
