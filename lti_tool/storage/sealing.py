"""Sealed columns: what binds an encrypted field to its row, for every class that has an `EncryptedText` column.

A column's type does not know the row. So a class's rows are bound just before they are flushed, and opened just
after they are loaded; whatever else writes or selects such a column says so with `bound` or `opened`, and fails
loudly without. An empty text says nothing and is stored as it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from sqlalchemy import Connection, column, event, inspect, select, table
from sqlalchemy.orm import Bundle, Mapper, column_property, object_session
from sqlalchemy.sql import ColumnElement

from lti_tool.storage import envelope
from lti_tool.storage.base import Base, new_id
from lti_tool.storage.envelope import Place
from lti_tool.storage.keyring import MissingKeyError
from lti_tool.storage.keys_in_use import current_keyring, keyring_read_again
from lti_tool.storage.types import Bound, EncryptedText, Sealed

LEADS = ("course_id", "registration_id", "person_id")
"""Columns that lead to the institution of a row without `institution_id`; the first one there is counts."""
THROUGH = "_institution_id"
"""The attribute with the institution found that way, loaded with the row in the same statement."""


@dataclass(frozen=True)
class SealedClass:
    """A mapped class with sealed columns, and how the institution of a row is found."""

    mapper: Mapper[Any]
    keys: tuple[str, ...]
    """Its attributes that are sealed."""
    institution_key: str | None
    """The attribute with the institution; None where rows belong to the installation alone."""
    lead: str | None
    """The column that leads there, when it is not a column of the row."""

    @cached_property
    def row_key(self) -> str:
        return self.mapper.get_property_by_column(self.mapper.primary_key[0]).key

    def place(self, key: str, row: str, institution_id: str) -> Place:
        return Place(self.mapper.local_table.name, self.mapper.columns[key].name, row, institution_id)  # type: ignore[attr-defined]


_classes: dict[type, SealedClass] = {}


def sealed_classes() -> Iterator[SealedClass]:
    """All of them, by the name of the table."""
    return iter(sorted(_classes.values(), key=lambda one: one.mapper.local_table.name))  # type: ignore[attr-defined]


def bound(mapped: type[Base], values: Mapping[str, Any], institution_id: str) -> dict[str, Any]:
    """Values for a statement that writes without a row of `mapped`: with the row's id, made if need be."""
    sealed = _classes[mapped]
    row = values.get(sealed.row_key) or new_id()
    out = {**values, sealed.row_key: row}
    for key in sealed.keys:
        if out.get(key):
            out[key] = Bound(out[key], sealed.place(key, row, institution_id))
    return out


def opened(attribute: Any) -> Bundle[Any]:
    """A sealed column for a `select` that loads no rows: `select(opened(Post.text))`."""
    entity = attribute.parent.entity
    sealed = _classes[inspect(entity).mapper.class_]
    parts = [attribute, getattr(entity, sealed.row_key)]
    if sealed.institution_key is not None:
        parts.append(getattr(entity, sealed.institution_key))
    return _Opened(sealed, attribute.key, parts)


class _Opened(Bundle[Any]):
    """Opens one column of each row."""

    inherit_cache = True

    def __init__(self, sealed: SealedClass, key: str, parts: list[Any]) -> None:
        super().__init__(key, *parts, single_entity=True)
        self._sealed, self._key = sealed, key

    def create_row_processor(self, query: Any, procs: Any, labels: Any) -> Any:
        sealed, key = self._sealed, self._key

        def process(row: Any) -> str | None:
            value, identity, *institution = (proc(row) for proc in procs)
            return open_value(value, sealed.place(key, identity, institution[0] if institution else ""))

        return process


def open_value(value: Sealed | str | None, place: Place) -> str | None:
    """What a sealed value says; with a key that this process does not know yet, the keys file is read again."""
    if not isinstance(value, Sealed):
        return value
    try:
        return envelope.opened(current_keyring(), place, value.envelope)
    except MissingKeyError:
        return envelope.opened(keyring_read_again(), place, value.envelope)


@event.listens_for(Base, "after_mapper_constructed", propagate=True)
def _prepare(mapper: Mapper[Any], mapped: type) -> None:
    keys = tuple(key for key, one in mapper.columns.items() if isinstance(one.type, EncryptedText))
    if not keys:
        return
    institution_key, lead = _way_to_institution(mapper)
    _classes[mapped] = SealedClass(mapper, keys, institution_key, lead)
    event.listen(mapped, "before_insert", _bind)
    event.listen(mapped, "before_update", _bind)
    event.listen(mapped, "load", _open, restore_load_context=True)
    event.listen(mapped, "refresh", _open, restore_load_context=True)


def _way_to_institution(mapper: Mapper[Any]) -> tuple[str | None, str | None]:
    """Its own column, or a look-up in the table that a column refers to, which costs one probe of a primary key."""
    own = mapper.local_table.columns
    if "institution_id" in own:
        return "institution_id", None
    lead = next((name for name in LEADS if name in own and not own[name].nullable), None)
    if lead is None:
        return None, None
    mapper.add_property(THROUGH, column_property(_institution_through(own[lead], own[lead])))
    return THROUGH, lead


def _institution_through(reference: Any, value: Any) -> ColumnElement[str]:
    """The institution of what the foreign key column `reference` refers to by `value`."""
    name, key = next(iter(reference.foreign_keys)).target_fullname.split(".")
    target = table(name, column(key), column("institution_id"))
    found = select(target.c.institution_id).where(target.c[key] == value)
    return found.correlate_except(target).scalar_subquery()


def _bind(_mapper: Mapper[Any], connection: Connection, row: Any) -> None:
    """Give each sealed value its place; the column's type seals it when the statement is sent."""
    sealed, values = _classes[type(row)], row.__dict__
    if values.get(sealed.row_key) is None:
        setattr(row, sealed.row_key, new_id())
    institution_id: str | None = None
    for key in sealed.keys:
        value = values.get(key)
        if not value or isinstance(value, Sealed):
            continue
        if institution_id is None:
            info = object_session(row).info  # type: ignore[union-attr]
            institution_id = _institution_of(sealed, connection, row, info)
        values[key] = Bound(value, sealed.place(key, values[sealed.row_key], institution_id))


def _institution_of(sealed: SealedClass, connection: Connection, row: Any, info: dict[Any, Any]) -> str:
    """Of a row that was not loaded with it: asked once for each course, platform or person of a session (`info`)."""
    if sealed.institution_key is None:
        return ""
    if sealed.lead is None or row.__dict__.get(THROUGH):
        return cast(str, getattr(row, sealed.institution_key))
    reference = sealed.mapper.local_table.columns[sealed.lead]
    value = getattr(row, sealed.mapper.get_property_by_column(reference).key)
    known = info.setdefault(THROUGH, {})
    if (sealed.lead, value) not in known:
        known[sealed.lead, value] = connection.scalar(select(_institution_through(reference, value)))
    return known[sealed.lead, value] or ""


def _open(row: Any, context: Any, _attributes: Any = None) -> None:
    """Put what the sealed values say in their place, as if the column had held it."""
    sealed, values = _classes[type(row)], row.__dict__
    institution_id = None
    for key in sealed.keys:
        value = values.get(key)
        if isinstance(value, Sealed):
            if institution_id is None:
                session = (
                    context.session
                )  # a row that a DELETE returns is loaded without THROUGH, and is gone
                institution_id = _institution_of(sealed, session.connection(), row, session.info)
            values[key] = open_value(value, sealed.place(key, getattr(row, sealed.row_key), institution_id))
