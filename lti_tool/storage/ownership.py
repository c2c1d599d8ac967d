"""Ownership is data: each table that belongs to a person says so on its class (design: "ownership is data, not calls").

A class with a `person_id` column declares `__owned__ = Owned(...)`. `consent` erases by purpose and `rights`
exports, erases and expires by walking these declarations, without importing the parts above them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.storage import journal
from lti_tool.storage.base import Base
from lti_tool.storage.keeping import Kept, Kind

Purpose = Literal["A", "B", "C", "D", "proof", "access"]
"""A to D as in the consent page; `proof` outlives erasure for a limitation period (P27); `access` ends with access."""


@dataclass(frozen=True)
class Owned:
    """How the rows of a person are treated: the purpose they live by, what an export shows, how long they stay."""

    purpose: Purpose
    export: tuple[str, ...] = ()
    keep: Kind | None = None
    """Which row of P62's table says how long it is kept, from the end of the course or of the person's stay in it."""
    since: str | None = None
    """The column its time counts from instead, where a row's own age decides."""
    empties: Mapping[str, Any] = field(default_factory=dict)
    """What these columns hold once `keep` is over, for a row that stays without its text; `emptied_at` says since
    when. The row itself goes when `then` is over."""
    then: Kind | None = None
    held_at: str | None = None
    """The column that says since when the row is there, for a report on a breach (P65)."""
    written: str | None = None
    """The column that says when the person wrote it, in tables of texts."""
    of_text: bool = False
    """Derived from one version of a text by (post_id, text_hash): worthless once the text is another."""


def owned_tables() -> Iterator[tuple[type[Base], Owned]]:
    """Every mapped class that declares an owner, leaves first, so that deleting in this order breaks no reference."""
    by_table: dict[Any, type[Base]] = {m.local_table: m.class_ for m in Base.registry.mappers}
    for table in reversed(Base.metadata.sorted_tables):
        mapped = by_table.get(table)
        owned = getattr(mapped, "__owned__", None)
        if mapped is not None and owned is not None:
            yield mapped, owned


def kept_tables() -> Iterator[tuple[type[Base], Kept]]:
    """Every mapped class whose rows belong to nobody and yet end with their age, leaves first."""
    by_table: dict[Any, type[Base]] = {m.local_table: m.class_ for m in Base.registry.mappers}
    for table in reversed(Base.metadata.sorted_tables):
        mapped = by_table.get(table)
        kept = getattr(mapped, "__kept__", None)
        if mapped is not None and kept is not None:
            yield mapped, kept


def erase_by_purpose(session: Session, person_id: str, purpose: Purpose) -> int:
    """Delete every row of the person that lives by `purpose`; return how many."""
    journal.note(session, f"purpose {purpose}", person_id)
    count = 0
    for mapped, owned in owned_tables():
        if owned.purpose == purpose:
            result = session.execute(delete(mapped).where(mapped.person_id == person_id))  # type: ignore[attr-defined]
            count += result.rowcount  # type: ignore[attr-defined]
    return count


def erase_written_before(session: Session, person_id: str, moment: datetime) -> int:
    """Delete the person's texts written before `moment`, with what hangs on them; return how many texts."""
    journal.note(session, "purpose A-earlier", person_id)
    count = 0
    for mapped, owned in owned_tables():
        if owned.written is not None:
            older = getattr(mapped, owned.written) < moment
            result = session.execute(delete(mapped).where(mapped.person_id == person_id, older))  # type: ignore[attr-defined]
            count += result.rowcount  # type: ignore[attr-defined]
    return count


def forget_old_text(session: Session, post_id: str, text_hash: str) -> int:
    """Delete what was derived from earlier versions of a post's text; return how many rows."""
    count = 0
    for mapped, owned in owned_tables():
        if owned.of_text:
            derived: Any = mapped
            older = (derived.post_id == post_id, derived.text_hash != text_hash)
            result = session.execute(delete(mapped).where(*older))
            count += result.rowcount  # type: ignore[attr-defined]
    return count
