"""How often staff saw texts of a person: counted by role and page, never who (P48)."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch.tables import Membership

READ_BY_STAFF = "texts_read"


@dataclass(frozen=True)
class Seen:
    """So many times pages of that kind, opened by people of that role, showed texts of the person."""

    role: str
    times: int


def seen_by(session: Session, person_id: str) -> list[Seen]:
    """By role, the most frequent first."""
    query = (
        select(AuditEvent.facts, Membership.role)
        .outerjoin(Membership, Membership.person_id == AuditEvent.actor_id)
        .where(AuditEvent.subject_id == person_id, AuditEvent.event == READ_BY_STAFF)
    )
    counts = Counter(facts.get("role") or role or "instructor" for facts, role in session.execute(query))
    return [Seen(role, times) for role, times in counts.most_common()]


def times_seen(session: Session, person_id: str) -> int:
    """On how many occasions, by whatever role."""
    return sum(seen.times for seen in seen_by(session, person_id))
