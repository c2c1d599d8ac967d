"""Which versions may serve an institution (P61): what learnt from another one's texts does not, unless both share.

A version holds what its ancestors hold, so all of them have to be allowed.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.launch import institutions
from lti_tool.launch.tables import Institution
from lti_tool.scoring.tables import ModelSharing, ModelVersion


def scope_of(session: Session, institution_id: str) -> str | None:
    """Whose pointer, pool and runs an institution has: its own, or with None the installation's, while it is alone."""
    return None if institutions.is_only_one(session) else institution_id


def scopes(session: Session) -> list[str | None]:
    """Every scope that there is: each institution's, or one of the installation while that serves a single one."""
    own = sorted(session.scalars(select(Institution.id)))
    return list(own) if len(own) > 1 else [None]


def inherited(session: Session, scope: str | None) -> tuple[str | None, ...]:
    """The scope, then those whose decisions hold for it until it has some of its own.

    What was decided for the installation while one institution was there stays that one's when others come: the
    first's.
    """
    first = select(Institution.id).order_by(Institution.created_at, Institution.id).limit(1)
    return (scope, None) if scope is not None and scope == session.scalar(first) else (scope,)


def owner_of(session: Session, scope: str | None) -> str | None:
    """Whose texts a run of this scope learns from, to be kept with its version; None where it is not one institution's.

    What nobody is named for serves nobody, once there are several institutions.
    """
    if scope is not None:
        return scope
    found = session.scalars(select(Institution.id).limit(2)).all()
    return found[0] if len(found) == 1 else None


def may_serve(session: Session, version: ModelVersion, institution_id: str | None) -> bool:
    """Whether the version and all that it was trained from may read the texts of the institution; None asks nothing."""
    if institution_id is None or institutions.is_only_one(session):
        return True
    return all(_may(session, one, institution_id) for one in lineage(session, version))


def lineage(session: Session, version: ModelVersion) -> Iterator[ModelVersion]:
    """The version, what it was trained from, and so on to the shipped one."""
    present: ModelVersion | None = version
    while present is not None:
        yield present
        present = session.get(ModelVersion, present.parent_id) if present.parent_id else None


def shares(session: Session, institution_id: str) -> bool:
    """Whether the institution has said that it lends what it trained and uses what others lend."""
    return session.get(ModelSharing, institution_id) is not None


def set_sharing(session: Session, now: datetime, institution_id: str, *, on: bool) -> None:
    """Put the institution's decision into force; asking for what is so already changes nothing."""
    row = session.get(ModelSharing, institution_id)
    if (row is not None) is on:
        return
    if row is None:
        session.add(ModelSharing(institution_id=institution_id, since=now))
    else:
        session.delete(row)
    record(session, now, "model_sharing_set", code="on" if on else "off", institution_id=institution_id)
    session.flush()


def _may(session: Session, version: ModelVersion, institution_id: str) -> bool:
    """One made here that nobody is named for may hold anybody's texts."""
    owner = version.institution_id
    if version.origin == "shipped" or owner == institution_id:
        return True
    return owner is not None and shares(session, owner) and shares(session, institution_id)
