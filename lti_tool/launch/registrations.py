"""Setting up: institutions, registrations, deployments and the administrators whom the operator lists."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import InvalidInputError
from lti_tool.launch.tables import Deployment, Institution, Operator, Registration
from lti_tool.storage import blind_index

MODES = ("off", "aggregate_only", "individual")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def add(
    session: Session,
    now: datetime,
    institution_name: str,
    issuer: str,
    client_id: str,
    authorization_url: str,
    token_url: str,
    keys_url: str,
    mode: str | None,
    approved_by: str | None,
    *,
    deployment_policy: str = "auto",
    help_contacts: str = "",
    plain_http_hosts: Sequence[str] = (),
) -> Registration:
    """Add an active registration and, when its name is new, its institution.

    `mode` is chosen by the operator, never preselected (P2); `approved_by` goes into its record. None keeps
    those of an institution that exists; another value is refused, so no registration changes a mode. Addresses
    are https; plain http is for loopback and the `host:port` entries of `plain_http_hosts` (S17).
    Raises InvalidInputError for an unknown mode, an unfit address or a registration that exists.
    """
    if mode not in (None, *MODES) or deployment_policy not in ("ask", "auto"):
        raise InvalidInputError("The mode is one of: " + ", ".join(MODES) + ".")
    client_id = _filled("client id (--client-id)", client_id)
    require_address("issuer (--issuer)", issuer, plain_http_hosts)
    require_address("authorization address (--authorization-url)", authorization_url, plain_http_hosts)
    require_address("token address (--token-url)", token_url, plain_http_hosts)
    require_address("keys address (--keys-url)", keys_url, plain_http_hosts)
    present = Registration.issuer == issuer, Registration.client_id == client_id
    if session.scalar(select(Registration.id).where(*present)):
        raise InvalidInputError("This issuer and client id are registered already. Nothing was changed.")
    institution = _institution(session, now, institution_name, mode, approved_by, help_contacts)
    registration = Registration(
        institution_id=institution.id,
        issuer=issuer,
        client_id=client_id,
        authorization_url=authorization_url,
        token_url=token_url,
        keys_url=keys_url,
        status="active",
        deployment_policy=deployment_policy,
        created_at=now,
    )
    session.add(registration)
    session.flush()
    audit.record(
        session, now, "registration_added", institution_id=institution.id, registration_id=registration.id
    )
    return registration


def find(session: Session, issuer: str, client_id: str) -> Registration:
    """The registration of (issuer, client id); raises InvalidInputError when there is none."""
    present = Registration.issuer == issuer, Registration.client_id == client_id
    registration = session.scalar(select(Registration).where(*present))
    if registration is None:
        raise InvalidInputError("No platform is registered under this issuer and client id.")
    return registration


def add_operator(
    session: Session, now: datetime, institution_id: str, issuer: str, client_id: str, sub: str
) -> Operator:
    """List an administrator of an institution; listing one twice changes nothing. Raises InvalidInputError."""
    sub = _filled("person's id (--sub)", sub)
    index = operator_index(issuer, client_id, sub)
    listed = Operator.institution_id == institution_id, Operator.identity_index == index
    operator = session.scalar(select(Operator).where(*listed))
    if operator is None:
        operator = Operator(institution_id=institution_id, identity_index=index, created_at=now)
        session.add(operator)
        audit.record(session, now, "administrator_added", institution_id=institution_id)
        session.flush()
    return operator


def is_operator(session: Session, registration: Registration, sub: str) -> bool:
    index = operator_index(registration.issuer, registration.client_id, sub)
    listed = Operator.institution_id == registration.institution_id, Operator.identity_index == index
    return session.scalar(select(Operator.id).where(*listed)) is not None


def operator_index(issuer: str, client_id: str, sub: str) -> str:
    return blind_index("operator", issuer, client_id, sub)


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


def require_address(
    name: str, url: str, plain_http_hosts: Sequence[str] = (), *, is_root: bool = False
) -> None:
    """Raise InvalidInputError unless `url` is https with a host, or plain http where that is allowed.

    `is_root`: other paths are put behind it, so it ends with its own.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        parts, host, port = urlsplit(""), None, 0
    if not host or parts.scheme not in ("http", "https") or not _is_visible(url):
        raise InvalidInputError(f"The {name} must be a web address such as https://lms.example.")
    if "@" in parts.netloc or "#" in url or (is_root and "?" in url):
        more = ", no # and no question mark." if is_root else " and no #."
        raise InvalidInputError(f"The {name} must be an address alone, with no user name{more}")
    listed = host in LOOPBACK or f"{host}:{port}" in {entry.lower() for entry in plain_http_hosts}
    if parts.scheme == "http" and not listed:
        raise InvalidInputError(
            f"The {name} must begin with https. Plain http is for this machine and for hosts that "
            "UNDERTONE_OUTBOUND_HOSTS names."
        )


def _is_visible(url: str) -> bool:
    """Only what two programs read in one way: visible ASCII without the backslash."""
    return all("!" <= letter <= "~" and letter != "\\" for letter in url)


def _filled(name: str, value: str) -> str:
    """The value without blanks around it; raises InvalidInputError when nothing or no plain line is left."""
    value = value.strip()
    if len(value.splitlines()) != 1:
        raise InvalidInputError(f"The {name} must be filled in, on one line. Nothing was changed.")
    return value


def _institution(
    session: Session,
    now: datetime,
    name: str,
    mode: str | None,
    approved_by: str | None,
    help_contacts: str,
) -> Institution:
    name = _filled("institution (--institution)", name)
    approver = None if approved_by is None else _filled("approver (--approved-by)", approved_by)
    institution = session.scalar(select(Institution).where(Institution.name == name))
    if institution is not None:
        _keep_decision(institution, mode, approver)
        return institution
    if mode is None or approver is None:
        raise InvalidInputError(
            "This institution is new: name its mode (--mode) and who decided on it (--approved-by)."
        )
    record = {"mode": mode, "approved_by": approver, "at": now.isoformat()}
    institution = Institution(
        name=name, mode=mode, mode_record=record, help_contacts=help_contacts, created_at=now
    )
    session.add(institution)
    session.flush()
    return institution


def _keep_decision(institution: Institution, mode: str | None, approver: str | None) -> None:
    """Raise InvalidInputError for another mode or approver than the institution's own."""
    if mode not in (None, institution.mode):
        raise InvalidInputError(
            f"This institution is in mode {institution.mode}, which registering does not change. Register the "
            f"platform with --mode {institution.mode} or without --mode, or under another institution's name."
        )
    if approver not in (None, institution.mode_record.get("approved_by")):
        raise InvalidInputError(
            f"Someone else is on record for this institution's mode {institution.mode}, which registering does "
            "not change. Leave out --approved-by, or register under another institution's name."
        )
