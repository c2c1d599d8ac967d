"""How long each institution keeps each kind of data (P62): defaults, and what it chose within the limits."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import FieldError
from lti_tool.launch.tables import Institution
from lti_tool.rights.retention_tables import RetentionChoice
from lti_tool.storage import KINDS, LIMITS, Kind

Days = Mapping[Kind, int]
DEFAULTS: Days = {kind: LIMITS[kind].default for kind in KINDS}
LONGEST_NAME = 200


class RetentionChoiceError(FieldError):
    code = "retention_choice"


def days_of(session: Session, institution_id: str) -> Days:
    """How many days each kind is kept at an institution now."""
    return {**DEFAULTS, **{row.kind: row.days for row in chosen(session, institution_id)}}  # type: ignore[misc]


def chosen(session: Session, institution_id: str) -> list[RetentionChoice]:
    """The decisions of an institution, oldest first: who decided what, and when."""
    own = select(RetentionChoice).where(RetentionChoice.institution_id == institution_id)
    return list(session.scalars(own.order_by(RetentionChoice.set_at, RetentionChoice.id)))


def of_all(session: Session) -> dict[str, Days]:
    """The days of every institution by its id; under the empty id, for what belongs to none, the longest of them."""
    found = {one: days_of(session, one) for one in session.scalars(select(Institution.id))}
    longest = {kind: max((days[kind] for days in found.values()), default=DEFAULTS[kind]) for kind in KINDS}
    return {**found, "": longest}


def choose(
    session: Session, now: datetime, institution: Institution, kind: str, days: int, set_by: str
) -> None:
    """Keep a decision, within P62's limits and on record. Raises RetentionChoiceError, with nothing changed."""
    if kind not in KINDS:
        raise RetentionChoiceError(
            f"There is no such kind of data. The kinds are: {', '.join(KINDS)}.", "kind"
        )
    limits, name = LIMITS[kind], " ".join(set_by.split())
    if not limits.floor <= days <= limits.ceiling:
        raise RetentionChoiceError(
            f"This kind is kept for {limits.floor} to {limits.ceiling} days. Nothing was changed.", "days"
        )
    if not name or len(name) > LONGEST_NAME:
        raise RetentionChoiceError("Name who decided. Nothing was changed.", "decided_by")
    after = {**days_of(session, institution.id), kind: days}
    if after["access"] < after["pool"]:
        raise RetentionChoiceError(
            "The way by which somebody can still withdraw (access) must stay as long as texts may train (pool). "
            "Nothing was changed.",
            "days",
        )
    session.add(RetentionChoice(institution_id=institution.id, kind=kind, days=days, set_by=name, set_at=now))
    facts = {"kind": kind, "days": days}
    audit.record(session, now, "retention_chosen", institution_id=institution.id, facts=facts)
    session.flush()
