"""Who of the staff looked at whom (P48), and to whom anything was disclosed (P44): reading these parts of the log.

Both are for whoever watches over data protection. To read them is an event of the log too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lti_tool.audit.service import record
from lti_tool.audit.tables import AuditEvent
from lti_tool.errors import FieldError

LOOKED = "texts_read"
DISCLOSED = "disclosed"
REVIEWED = "views_reviewed"
TAKEN = "data_exported"
KEPT = timedelta(days=365)
"""How long a view of a person stays on record (P48)."""
ID = re.compile(r"[0-9a-f]{32}")
BASIS = re.compile(r"[\w .-]{1,80}", re.ASCII)


@dataclass(frozen=True)
class Look:
    """One opening of a page on which texts or results of a person stood; people are ids of ours, never names."""

    at: str
    """UTC, to the second."""
    course: str
    who: str
    role: str
    whom: str
    what: str
    """The page."""
    texts: int


@dataclass(frozen=True)
class Wanted:
    """Which looks: of one institution, in a period, narrowed to who looked or to whom was looked at."""

    institution_id: str
    since: datetime
    until: datetime
    who: str = ""
    whom: str = ""


def looks(session: Session, wanted: Wanted, *, start: int = 0, most: int | None = None) -> list[Look]:
    """The newest first."""
    query = _of(wanted, LOOKED).order_by(AuditEvent.at.desc(), AuditEvent.id).offset(start).limit(most)
    return [_look(row) for row in session.scalars(query)]


def reviewed(session: Session, now: datetime, wanted: Wanted, found: int, actor_id: str | None) -> None:
    """Put on record that somebody read who had looked: whose looks, over how many days, how many."""
    about = wanted.whom if ID.fullmatch(wanted.whom) else None
    facts = {
        "found": found,
        "days": (wanted.until - wanted.since).days,
        "who": wanted.who if ID.fullmatch(wanted.who) else "",
    }
    record(
        session,
        now,
        "views_reviewed",
        institution_id=wanted.institution_id,
        actor_id=actor_id,
        subject_id=about,
        facts=facts,
    )


def disclose(
    session: Session, now: datetime, institution_id: str, person_id: str, to: str, what: str, basis: str
) -> None:
    """Put on record that data about a person were given to somebody outside (34 CFR 99.32).

    Raises FieldError when one of the three is not plain words: an organisation, never a person's name (P37).
    """
    given = {"to": to, "what": what, "basis": basis}
    wrong = [name for name, value in given.items() if not BASIS.fullmatch(value.strip())]
    if not ID.fullmatch(person_id):
        wrong.append("person")
    if wrong:
        words = "Say it in at most 80 plain letters: an office, kinds of data, a rule. Nothing was recorded."
        raise FieldError(words, *wrong)
    facts = {name: "-".join(value.split()) for name, value in given.items()}
    record(session, now, "disclosed", institution_id=institution_id, subject_id=person_id, facts=facts)


@dataclass(frozen=True)
class Disclosure:
    """Data about a person that left the institution's own use of the tool."""

    at: str
    whom: str
    to: str
    what: str
    basis: str


def disclosures(session: Session, wanted: Wanted) -> list[Disclosure]:
    """What was put on record by hand, and each export of a person's data; the oldest first."""
    query = _of(wanted, DISCLOSED, TAKEN).order_by(AuditEvent.at, AuditEvent.id)
    return [_disclosure(row) for row in session.scalars(query)]


def rows(
    found: Sequence[Look | Disclosure], kind: type[Look] | type[Disclosure]
) -> Iterator[tuple[str, ...]]:
    """A heading and a row each, for a table of plain text. Ids, dates and codes begin no formula (S30)."""
    yield tuple(one.name for one in fields(kind))
    yield from (tuple(map(str, astuple(one))) for one in found)


def _of(wanted: Wanted, *events: str) -> Select[AuditEvent]:
    query = select(AuditEvent).where(
        AuditEvent.event.in_(events),
        AuditEvent.institution_id == wanted.institution_id,
        AuditEvent.at >= wanted.since,
        AuditEvent.at < wanted.until,
    )
    for column, value in ((AuditEvent.actor_id, wanted.who), (AuditEvent.subject_id, wanted.whom)):
        if value:
            query = query.where(column == value)
    return query


def _look(row: AuditEvent) -> Look:
    facts = row.facts
    return Look(
        at=_moment(row),
        course=row.course_id or "",
        who=row.actor_id or "",
        role=str(facts.get("role", "")),
        whom=row.subject_id or "",
        what=str(facts.get("page", "")),
        texts=int(facts.get("texts", 0)),
    )


def _disclosure(row: AuditEvent) -> Disclosure:
    facts, own = row.facts, row.actor_id == row.subject_id
    if row.event == DISCLOSED:
        told = (str(facts["to"]), str(facts["what"]), str(facts["basis"]))
    else:
        told = ("the-person" if own else "staff-for-the-person", "everything-held", "request-of-the-person")
    return Disclosure(_moment(row), row.subject_id or "", *told)


def _moment(row: AuditEvent) -> str:
    return f"{row.at:%Y-%m-%d %H:%M:%S}"
