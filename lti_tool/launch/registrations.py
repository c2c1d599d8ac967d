"""Registrations: one (issuer, client id) each, added, approved and switched off; and deployments within them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import FieldError, InvalidInputError, NotFoundError
from lti_tool.launch import institutions, sessions
from lti_tool.launch.addresses import one_line, require_address
from lti_tool.launch.institutions import Decision
from lti_tool.launch.tables import Course, Deployment, Institution, Registration
from lti_tool.storage import Base

POLICIES = ("ask", "auto")
ADDRESSES = {
    "issuer": "issuer",
    "authorization_url": "sign-in address",
    "token_url": "token address",
    "keys_url": "key set address",
}


class KnownError(FieldError):
    code = "registered_already"
    words = "This issuer and client id are registered already. Nothing was changed."


@dataclass(frozen=True)
class PlatformFacts:
    """What identifies a platform and where it answers (LTI 1.3 core 3.1.3)."""

    issuer: str
    client_id: str
    authorization_url: str
    token_url: str
    keys_url: str

    def checked(self, plain_http_hosts: Sequence[str] = ()) -> "PlatformFacts":
        """The facts without blanks around them; raises InvalidInputError that names the unfit one (S17)."""
        given = PlatformFacts(**{name: value.strip() for name, value in asdict(self).items()})
        one_line("client_id", "client id", given.client_id)
        for field, name in ADDRESSES.items():
            require_address(field, name, getattr(given, field), plain_http_hosts)
        return given


def add(
    session: Session,
    now: datetime,
    institution_name: str,
    facts: PlatformFacts,
    decision: Decision | None,
    *,
    deployment_policy: str = "auto",
    help_contacts: str = "",
    plain_http_hosts: Sequence[str] = (),
) -> Registration:
    """What the operator does at once: the institution when its name is new, its mode, an active registration.

    `decision` is needed for an institution without one; None keeps the one of an institution that has it, and
    another is refused, so no registration changes a mode. Raises InvalidInputError, with nothing changed.
    """
    institution = institutions.named(
        session, one_line("institution", "name of the institution", institution_name)
    )
    if institution is None or not institutions.is_decided(institution):
        _require_decision(decision)
    elif decision is not None:
        institutions.keep_decision(institution, decision)
    facts = facts.checked(plain_http_hosts)
    _require_new(session, facts, institution.id if institution else "")
    institution = institution or institutions.found(session, now, institution_name, help_contacts)
    if decision is not None and not institutions.is_decided(institution):
        institutions.decide(session, now, institution, decision, None)
    made = propose(session, now, institution.id, facts, {"way": "command"}, None)
    approve(session, now, made, deployment_policy, None)
    return made


def propose(
    session: Session,
    now: datetime,
    institution_id: str,
    facts: PlatformFacts,
    origin: Mapping[str, Any],
    actor_id: str | None,
) -> Registration:
    """A registration that waits for approval. `facts` are checked ones. Raises KnownError."""
    _require_new(session, facts, institution_id)
    made = Registration(
        institution_id=institution_id,
        **asdict(facts),
        status="pending",
        origin=dict(origin),
        created_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        now,
        "registration_added",
        code=str(origin.get("way", "")),
        institution_id=institution_id,
        registration_id=made.id,
        actor_id=actor_id,
    )
    return made


def approve(
    session: Session, now: datetime, registration: Registration, policy: str, actor_id: str | None
) -> None:
    """Let people sign in from now on, through the deployments that are known already too.

    Raises InvalidInputError while nobody has decided on the mode (P2).
    """
    institution = session.get_one(Institution, registration.institution_id)
    if registration.status != "pending":
        raise InvalidInputError(
            "This platform was approved already. Nothing was changed.", code="approved_already"
        )
    pair = _of_pair(session, registration.issuer, registration.client_id)
    if any(one.status != "pending" for one in pair):
        raise KnownError
    if not institutions.is_decided(institution):
        raise InvalidInputError(
            "Decide first what instructors may see. Nothing was changed.", code="undecided"
        )
    if policy not in POLICIES:
        raise FieldError("Choose what happens with new deployments. Nothing was changed.", "deployments")
    registration.deployment_policy = policy
    _turn(session, now, registration, "active", "registration_approved", actor_id)
    for deployment in deployments(session, registration):
        approve_deployment(session, now, registration, deployment.id, actor_id)


def suspend(session: Session, now: datetime, registration: Registration, actor_id: str | None) -> None:
    """Let nobody sign in any more, and end the sessions of those who did (S7); only what is active."""
    if registration.status != "active":
        raise InvalidInputError("Only a platform that is switched on can be switched off.")
    _turn(session, now, registration, "suspended", "registration_suspended", actor_id)
    sessions.end_of_registration(session, now, registration)


def resume(session: Session, now: datetime, registration: Registration, actor_id: str | None) -> None:
    """Let people sign in again; only what was approved once and is suspended."""
    if registration.status != "suspended":
        raise InvalidInputError("Only a platform that is switched off can be switched on again.")
    _turn(session, now, registration, "active", "registration_resumed", actor_id)


def of_institution(session: Session, institution_id: str, registration_id: str) -> Registration:
    """A registration of this institution; raises NotFoundError for any other (S22)."""
    registration = session.get(Registration, registration_id)
    if registration is None or registration.institution_id != institution_id:
        raise NotFoundError
    return registration


def find(session: Session, issuer: str, client_id: str) -> Registration:
    """The registration of (issuer, client id), the approved one before one that waits.

    Raises InvalidInputError when there is none, or only several that wait.
    """
    found = _of_pair(session, issuer, client_id)
    chosen = [one for one in found if one.status != "pending"] or found
    if len(chosen) != 1:
        words = "Several platforms wait" if chosen else "No platform is registered"
        raise InvalidInputError(f"{words} under this issuer and client id.")
    return chosen[0]


def is_unused(session: Session, registration: Registration) -> bool:
    """Whether no course was ever opened through it, so that it can be removed without a trace of anybody."""
    own = select(Course.id).join(Deployment).where(Deployment.registration_id == registration.id)
    return registration.status != "active" and session.scalar(own.limit(1)) is None


def remove(session: Session, now: datetime, registration: Registration, actor_id: str | None) -> None:
    """Delete one that waits or is switched off, and through which nobody ever opened a course.

    What hangs on it goes with it. Raises InvalidInputError for any other, with nothing changed.
    """
    if not is_unused(session, registration):
        raise InvalidInputError("Only a platform that was never used and is not switched on can be removed.")
    _record(session, now, "registration_removed", registration, actor_id)
    for table in reversed(Base.metadata.sorted_tables):
        for column in table.c:
            if column.references(Registration.__table__.c.id):
                session.execute(delete(table).where(column == registration.id))
    session.delete(registration)
    session.flush()


def deployments(session: Session, registration: Registration) -> list[Deployment]:
    """In the order in which they were learnt."""
    own = select(Deployment).where(Deployment.registration_id == registration.id)
    return list(session.scalars(own.order_by(Deployment.created_at, Deployment.id)))


def deployment_for(
    session: Session, now: datetime, registration: Registration, deployment_key: str, accept: bool
) -> Deployment:
    """The deployment of a verified launch, made on first sight: active when `accept`, else pending (L26)."""
    known = Deployment.registration_id == registration.id, Deployment.deployment_key == deployment_key
    deployment = session.scalar(select(Deployment).where(*known))
    if deployment is None:
        deployment = Deployment(
            registration_id=registration.id, deployment_key=deployment_key, created_at=now
        )
        deployment.status = "pending"
        session.add(deployment)
    if accept and deployment.status == "pending":
        deployment.status = "active"
    session.flush()
    return deployment


def approve_deployment(
    session: Session, now: datetime, registration: Registration, deployment_id: str, actor_id: str | None
) -> None:
    """Accept a deployment that waits; raises NotFoundError for one of another registration."""
    deployment = session.get(Deployment, deployment_id)
    if deployment is None or deployment.registration_id != registration.id:
        raise NotFoundError
    deployment.status = "active"
    _record(session, now, "deployment_approved", registration, actor_id)


def note_account(session: Session, now: datetime, registration: Registration, actor_id: str | None) -> None:
    """Log that the reading account was set; what it is stands elsewhere, encrypted."""
    _record(session, now, "reading_account_set", registration, actor_id)


def _turn(
    session: Session, now: datetime, registration: Registration, status: str, event: str, actor_id: str | None
) -> None:
    registration.status = status
    _record(session, now, event, registration, actor_id)
    session.flush()


def _record(
    session: Session, now: datetime, event: str, registration: Registration, actor_id: str | None
) -> None:
    audit.record(
        session,
        now,
        event,
        institution_id=registration.institution_id,
        registration_id=registration.id,
        actor_id=actor_id,
    )


def _require_new(session: Session, facts: PlatformFacts, institution_id: str) -> None:
    """Raise KnownError when the institution has the pair already, or anybody has it approved."""
    if any(
        one.institution_id == institution_id or one.status != "pending"
        for one in _of_pair(session, facts.issuer, facts.client_id)
    ):
        raise KnownError


def _of_pair(session: Session, issuer: str, client_id: str) -> list[Registration]:
    """Every registration of the pair: at most one that was approved, and any number that wait."""
    pair = Registration.issuer == issuer, Registration.client_id == client_id
    return list(session.scalars(select(Registration).where(*pair).order_by(Registration.created_at)))


def _require_decision(decision: Decision | None) -> None:
    if decision is None:
        raise FieldError(
            "This institution is new: name its mode, who decided on it and why. Nothing was changed.",
            "mode",
            "approved_by",
            "reason",
        )
    decision.checked()
