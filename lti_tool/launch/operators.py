"""Administrators: people whom the operator has listed, or who typed in a code. LMS roles make nobody one."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import NotFoundError
from lti_tool.launch import invites, sessions
from lti_tool.launch.addresses import one_line
from lti_tool.launch.tables import LaunchSession, Operator, Person, Registration
from lti_tool.storage import blind_index


def add(
    session: Session, now: datetime, institution_id: str, issuer: str, client_id: str, sub: str
) -> Operator:
    """List an administrator of an institution; listing one twice changes nothing. Raises InvalidInputError."""
    return _list(
        session, now, institution_id, index_of(issuer, client_id, one_line("sub", "person's id", sub))
    )


def is_listed(session: Session, registration: Registration, sub: str) -> bool:
    index = index_of(registration.issuer, registration.client_id, sub)
    listed = Operator.institution_id == registration.institution_id, Operator.identity_index == index
    return session.scalar(select(Operator.id).where(*listed)) is not None


def index_of(issuer: str, client_id: str, sub: str) -> str:
    return blind_index("operator", issuer, client_id, sub)


def index_of_launch(session: Session, launch_id: str) -> str:
    """Under which index the person of a launch is listed; empty for a one-time link."""
    return session.get_one(LaunchSession, launch_id).operator_index or ""


def listed(session: Session, institution_id: str) -> list[Operator]:
    """The institution's administrators in the order in which they were listed: dates, and nobody's name."""
    own = select(Operator).where(Operator.institution_id == institution_id)
    return list(session.scalars(own.order_by(Operator.created_at, Operator.id)))


def remove(
    session: Session, now: datetime, institution_id: str, operator_id: str, actor_id: str | None
) -> None:
    """Take somebody off the list and close their administrator's pages; raises NotFoundError for another's (S22)."""
    operator = session.get(Operator, operator_id)
    if operator is None or operator.institution_id != institution_id:
        raise NotFoundError
    open_pages = LaunchSession.operator_index == operator.identity_index, LaunchSession.ended_at.is_(None)
    session.execute(update(LaunchSession).where(*open_pages).values(ended_at=now))
    session.delete(operator)
    audit.record(session, now, "administrator_removed", institution_id=institution_id, actor_id=actor_id)
    session.flush()


def list_by_code(session: Session, now: datetime, launch_id: str, code: str) -> None:
    """List the person of a launch who holds a code of their institution; raises invites.InviteError."""
    launch = session.get_one(LaunchSession, launch_id)
    of = invites.institution_of(session, now, code, "listing")
    if of != launch.institution_id or launch.operator_index is None:
        raise invites.InviteError
    invites.spend(session, now, code, "listing")
    _list(session, now, of, launch.operator_index, launch.person_id)
    launch.role = "administrator"


def enter_by_link(session: Session, now: datetime, secret: str, locale: str) -> tuple[str, str]:
    """Open an administrator's session for whoever holds a one-time link: launch id and cookie secret.

    It is not tied to a platform, so it works before there is one. Raises invites.InviteError.
    """
    institution_id = invites.spend(session, now, secret, "administration")
    person = Person(institution_id=institution_id, course_id=None, created_at=now)
    session.add(person)
    session.flush()
    cookie = sessions.new_secret()
    row = LaunchSession(
        secret_hash=sessions.digest(cookie),
        person_id=person.id,
        course_id=None,
        institution_id=institution_id,
        role="administrator",
        locale=locale,
        platform_origin="",
        created_at=now,
        seen_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        now,
        "launch",
        code="one_time_link",
        institution_id=institution_id,
        actor_id=person.id,
        facts={"role": "administrator"},
    )
    return row.id, cookie


def _list(
    session: Session, now: datetime, institution_id: str, index: str, actor_id: str | None = None
) -> Operator:
    listed = Operator.institution_id == institution_id, Operator.identity_index == index
    operator = session.scalar(select(Operator).where(*listed))
    if operator is None:
        operator = Operator(institution_id=institution_id, identity_index=index, created_at=now)
        session.add(operator)
        audit.record(session, now, "administrator_added", institution_id=institution_id, actor_id=actor_id)
        session.flush()
    return operator
