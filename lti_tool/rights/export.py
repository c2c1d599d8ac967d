"""Everything kept about a person, piece by piece, as a JSON document (P38, P39).

What a table shows is declared on its class (`storage.ownership`), so a new table needs no change here but its words in
`field_guide`. Texts come a few hundred at a time, so that any number of them takes little memory.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from lti_tool.launch.tables import Course
from lti_tool.rights import own_texts, training_use, viewing
from lti_tool.rights.field_guide import Guide
from lti_tool.rights.own_texts import OwnText
from lti_tool.scoring.serving import shown_version
from lti_tool.storage import Base, Owned, owned_tables

FORMAT = 2
TOGETHER = 400
"""Texts, or rows, that are read at once."""

Row = dict[str, Any]
Section = tuple[str, Any]
"""A name and a value; an iterator of rows is a list that is read while it is written."""


def sections(
    session: Session, now: datetime, person_id: str, course_id: str, guide: Guide | None = None
) -> Iterator[Section]:
    """The person's own rows only, with what is shown for each text.

    `guide` says what each field means: `field_guide.guide()` in the reader's language.
    """
    course = session.get_one(Course, course_id)
    yield "format", FORMAT
    yield "exported_at", plain(now)
    yield "course", course.title
    yield "guide", guide or {}
    yield "model", _model(session, course_id)
    yield "seen_by_staff", [{"role": seen.role, "times": seen.times} for seen in _seen(session, person_id)]
    yield (
        "trained_on",
        [
            {"version": use.version_id, "taken_at": plain(use.taken_at)}
            for use in training_use.uses(session, person_id)
        ],
    )
    yield "texts", texts(session, person_id, course_id)
    yield "tables", {name: table(session, mapped, owned, person_id) for name, mapped, owned in exported()}


def everything(session: Session, now: datetime, person_id: str, course_id: str) -> dict[str, Any]:
    """The whole document in memory."""
    found: dict[str, Any] = json.loads("".join(as_json(sections(session, now, person_id, course_id))))
    return found


def as_json(document: Iterable[Section]) -> Iterator[str]:
    """The document as one JSON object in pieces."""
    yield from _object(document)
    yield "\n"


def texts(session: Session, person_id: str, course_id: str) -> Iterator[Row]:
    """Each text with what is shown for it, the newest first."""
    start = 0
    while True:
        page = own_texts.page(session, person_id, course_id, start=start, most=TOGETHER)
        yield from map(_text, page.texts)
        start += TOGETHER
        if start >= page.total:
            return
        session.expunge_all()


def exported() -> Iterator[tuple[str, type[Base], Owned]]:
    """Every declared table that shows something, by its name."""
    for mapped, owned in owned_tables():
        if owned.export:
            yield str(mapped.__tablename__), mapped, owned


def table(session: Session, mapped: type[Base], owned: Owned, person_id: str) -> Iterator[Row]:
    """The person's rows of one table, reduced to the columns it exports."""
    own = mapped.person_id == person_id  # type: ignore[attr-defined]
    order = inspect(mapped).primary_key
    query = select(mapped).where(own).order_by(*order).execution_options(yield_per=TOGETHER)
    for row in session.scalars(query):
        yield {column: plain(getattr(row, column)) for column in owned.export}


def tables(session: Session, person_id: str) -> dict[str, list[Row]]:
    """Every exported table with the person's rows, in memory."""
    return {name: list(table(session, mapped, owned, person_id)) for name, mapped, owned in exported()}


def counts(session: Session, person_id: str) -> dict[str, int]:
    """How many rows of the person each declared table holds, also of tables that an export leaves out."""
    found = {}
    for mapped, _ in owned_tables():
        own = mapped.person_id == person_id  # type: ignore[attr-defined]
        found[mapped.__tablename__] = session.execute(select(func.count()).where(own)).scalar_one()
    return found


def plain(value: Any) -> Any:
    """A value as JSON has it: times in UTC."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _object(pairs: Iterable[tuple[str, Any]]) -> Iterator[str]:
    before = "{\n"
    for name, value in pairs:
        yield f"{before}{json.dumps(name)}: "
        yield from _value(value)
        before = ",\n"
    yield "\n}" if before != "{\n" else "{}"


def _value(value: Any) -> Iterator[str]:
    if isinstance(value, Iterator):
        yield from _rows(value)
    elif isinstance(value, dict) and any(isinstance(own, Iterator) for own in value.values()):
        yield from _object(value.items())
    else:
        yield json.dumps(value, ensure_ascii=False)


def _rows(rows: Iterator[Row]) -> Iterator[str]:
    before = "["
    for row in rows:
        yield before + "\n" + json.dumps(row, ensure_ascii=False)
        before = ","
    yield "\n]" if before == "," else "[]"


def _seen(session: Session, person_id: str) -> list[viewing.Seen]:
    return viewing.seen_by(session, person_id)


def _model(session: Session, course_id: str) -> dict[str, Any] | None:
    version = shown_version(session, course_id)
    if version is None:
        return None
    return {"version": version.id, "origin": version.origin, "since": plain(version.created_at)}


def _text(text: OwnText) -> Row:
    shown, post = text.shown, text.post
    return {
        "text": post.text,
        "written_at": plain(post.written_at),
        "activity": text.activity.name,
        "state": text.state,
        "sentiment": shown.sentiment if shown else None,
        "labels": dict(shown.labels) if shown else {},
        "shown_by": shown.source if shown else None,
        "your_sentiment": shown.contested_sentiment if shown else None,
        "your_labels": dict(shown.contested_labels or {}) if shown else {},
        "your_comment": text.comment,
        "probabilities": dict(text.reading.probabilities) if text.reading else {},
    }
