"""Enforcing how long data is kept (P62): one short transaction for each person, each batch and each model.

Killed anywhere and run again, it ends in the same state: what is over follows from the rows and the clock alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.audit import expiry
from lti_tool.launch.tables import Institution
from lti_tool.rights import retention_clock, retention_ledger, retention_models, retention_report
from lti_tool.rights.retention_choices import Days, of_all
from lti_tool.rights.retention_deleting import (
    BATCH,
    LEDGER,
    delete_of_courses,
    delete_older,
    expire_person,
    holders,
    is_per_institution,
    limit,
    oldest_rows,
)
from lti_tool.storage import KINDS, Base, Database, Kind, kept_tables, owned_tables

Tell = Callable[[str, int, int], None]
OF_THE_LOG: tuple[tuple[Kind, bool], ...] = (("audit", True), ("operation_logs", False))


@dataclass
class Enforcing:
    """One run over the whole installation."""

    database: Database
    run: str
    now: datetime
    weights_home: Path
    tell: Tell = lambda step, done, total: None
    days: dict[str, Days] = field(default_factory=dict)

    def perform(self) -> dict[str, int]:
        """Delete what is over; the counts by kind, also of what an earlier try of this run had deleted."""
        with self.database.session() as session:
            self.days = of_all(session)
            retention_report.begin(session, self.now, self.run, list(self.days))
        self._people()
        self._courses()
        self._by_age()
        self._log()
        self._ledger()
        self._models()
        return self._close()

    def _people(self) -> None:
        with self.database.reading() as session:
            due = list(_due(session, self.now, self.days))
        for place, (person_id, institution_id, over) in enumerate(due):
            with self.database.session() as session:
                for kind, rows in expire_person(session, self.now, person_id, over).items():
                    retention_report.count(session, self.run, institution_id, kind, rows)
            if place % 50 == 0:
                self.tell("Deleting what is over", place, len(due))

    def _courses(self) -> None:
        with self.database.reading() as session:
            ends = retention_clock.course_ends(session)
        for mapped, kept in kept_tables():
            if kept.since is not None:
                continue
            for institution_id, days in self.days.items():
                own = [one for one, (owner, end) in ends.items() if owner == institution_id]
                over = [one for one in own if ends[one][1] <= limit(self.now, days[kept.kind])]
                for start in range(0, len(over), BATCH):
                    with self.database.session() as session:
                        rows = delete_of_courses(session, mapped, over[start : start + BATCH])
                        retention_report.count(session, self.run, institution_id, kept.kind, rows)

    def _by_age(self) -> None:
        for mapped, kind, since in _aged_tables():
            for institution_id, days in self.days.items():
                if is_per_institution(mapped) == bool(institution_id):
                    self._older(mapped, kind, since, limit(self.now, days[kind]), institution_id)

    def _older(
        self, mapped: type[Base], kind: Kind, since: str, before: datetime, institution_id: str
    ) -> None:
        rows = BATCH
        while rows == BATCH:
            with self.database.session() as session:
                rows = delete_older(session, mapped, since, before, institution_id)
                retention_report.count(session, self.run, institution_id, kind, rows)

    def _log(self) -> None:
        for kind, about_people in OF_THE_LOG:
            for institution_id, days in self.days.items():
                before, rows = limit(self.now, days[kind]), BATCH
                while rows == BATCH:
                    with self.database.session() as session:
                        rows = expiry.expire(
                            session,
                            about_people=about_people,
                            before=before,
                            institution_id=institution_id or None,
                            most=BATCH,
                        )
                        retention_report.count(session, self.run, institution_id, kind, rows)

    def _ledger(self) -> None:
        for institution_id, days in self.days.items():
            if not institution_id:
                continue
            before = limit(self.now, days[LEDGER])
            rows, left = retention_ledger.prune(self.database, self.now, institution_id, before)
            with self.database.session() as session:
                retention_report.count(session, self.run, institution_id, LEDGER, rows)
                retention_report.undone(session, self.run, institution_id, "ledger_not_pruned", left)

    def _models(self) -> None:
        days = min(days["models"] for days in self.days.values())
        with self.database.reading() as session:
            found = retention_models.find(session, self.now, days)
        for weights_hash in found.over:
            with self.database.session() as session:
                emptied = retention_models.empty(session, self.now, weights_hash)
                retention_report.count(session, self.run, "", "models", int(emptied))
        with self.database.session() as session:
            left = retention_models.delete_unpacked(session, self.weights_home)
            retention_report.undone(session, self.run, "", "model_in_use", found.kept_in_use)
            retention_report.undone(session, self.run, "", "weights_folder_left", left)

    def _close(self) -> dict[str, int]:
        for institution_id in self.days:
            with self.database.session() as session:
                oldest = _oldest(session, institution_id)
                retention_report.close(session, self.now, self.run, institution_id, oldest)
        with self.database.session() as session:
            totals = retention_report.totals(session, self.run)
            facts: dict[str, Any] = {kind: totals.get(kind, 0) for kind in KINDS}
            audit.record(session, self.now, "retention_enforced", facts=facts)
        return totals


def _due(
    session: Session, now: datetime, days: dict[str, Days]
) -> Iterator[tuple[str, str, frozenset[Kind]]]:
    """(person, institution, kinds that are over) of everybody who still has rows of one of these kinds."""
    having = {kind: holders(session, kind) for kind in KINDS}
    for stay in retention_clock.stays(session, retention_clock.course_ends(session)):
        own = days[stay.institution_id]
        over = frozenset(kind for kind in KINDS if stay.ends_at + timedelta(days=own[kind]) <= now)
        if any(stay.person_id in having[kind] for kind in over):
            yield stay.person_id, stay.institution_id, over


def _aged_tables() -> Iterator[tuple[type[Base], Kind, str]]:
    """Tables whose rows end by their own age, and the column that tells it."""
    for mapped, owned in owned_tables():
        if owned.keep is not None and owned.since is not None:
            yield mapped, owned.keep, owned.since
    for mapped, kept in kept_tables():
        if kept.since is not None:
            yield mapped, kept.kind, kept.since


def _oldest(session: Session, institution_id: str) -> dict[Kind, datetime]:
    found = dict(oldest_rows(session, institution_id)) if institution_id else {}
    for kind, about_people in OF_THE_LOG:
        moment = expiry.oldest(session, about_people=about_people, institution_id=institution_id or None)
        if moment is not None:
            found[kind] = min(moment, found.get(kind, moment))
    model = None if institution_id else retention_models.oldest(session)
    return found | {"models": model} if model is not None else found


def institutions(session: Session) -> list[Institution]:
    """All institutions by name, for the report."""
    return list(session.scalars(select(Institution).order_by(Institution.name)))
