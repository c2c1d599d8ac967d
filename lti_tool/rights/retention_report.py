"""What a run of the night did: written while it runs, read on the administrator's page and by the command (P62)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.rights.retention_choices import Days, days_of, of_all
from lti_tool.rights.retention_tables import RetentionRun
from lti_tool.storage import KINDS, LIMITS, Kind


@dataclass(frozen=True)
class Line:
    """One kind of data in the report."""

    kind: Kind
    days: int
    ceiling: int
    deleted: int
    oldest: datetime | None


@dataclass(frozen=True)
class Report:
    """The newest run for an institution, or for what belongs to none."""

    started_at: datetime
    finished_at: datetime | None
    """None while it runs, or when it was killed and goes on at the next chance."""
    lines: tuple[Line, ...]
    undone: tuple[Mapping[str, object], ...]


def begin(session: Session, now: datetime, run: str, institution_ids: Sequence[str]) -> None:
    """A row for each institution and one for the installation; a run that was killed goes on with its own."""
    present = set(session.scalars(select(RetentionRun.institution_id).where(RetentionRun.run == run)))
    for institution_id in {*institution_ids, ""} - present:
        session.add(RetentionRun(run=run, institution_id=institution_id, started_at=now))
    session.flush()


def count(session: Session, run: str, institution_id: str, kind: Kind, rows: int) -> None:
    """Add to the count in the transaction that deletes."""
    if rows:
        row = _row(session, run, institution_id)
        row.counts = {**row.counts, kind: row.counts.get(kind, 0) + rows}
        session.flush()


def undone(session: Session, run: str, institution_id: str, code: str, number: int) -> None:
    """Note something that could not be done, once per code."""
    row = _row(session, run, institution_id)
    others = [one for one in row.undone if one["code"] != code]
    row.undone = [*others, {"code": code, "count": number}] if number else others
    session.flush()


def close(
    session: Session, now: datetime, run: str, institution_id: str, oldest: Mapping[Kind, datetime]
) -> None:
    """End the row with what is left."""
    row = _row(session, run, institution_id)
    row.oldest = {kind: moment.isoformat() for kind, moment in oldest.items()}
    row.finished_at = now
    session.flush()


def newest(session: Session, institution_id: str) -> Report | None:
    """The report of the newest run; None when there was none yet."""
    own = select(RetentionRun).where(RetentionRun.institution_id == institution_id)
    row = session.scalars(own.order_by(RetentionRun.started_at.desc()).limit(1)).first()
    if row is None:
        return None
    days: Days = days_of(session, institution_id) if institution_id else of_all(session)[""]
    lines = [
        Line(kind, days[kind], LIMITS[kind].ceiling, row.counts.get(kind, 0), _moment(row.oldest.get(kind)))
        for kind in KINDS
    ]
    return Report(row.started_at, row.finished_at, tuple(lines), tuple(row.undone))


def totals(session: Session, run: str) -> dict[str, int]:
    """Rows deleted or emptied per kind, over all institutions."""
    found: dict[str, int] = {}
    for row in session.scalars(select(RetentionRun).where(RetentionRun.run == run)):
        for kind, rows in row.counts.items():
            found[kind] = found.get(kind, 0) + rows
    return found


def _row(session: Session, run: str, institution_id: str) -> RetentionRun:
    own = RetentionRun.run == run, RetentionRun.institution_id == institution_id
    return session.scalars(select(RetentionRun).where(*own).with_for_update()).one()


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
