"""OIDC logins under way: one row each, from the first request to the launch (LTI 1.3 core 5.1.1, S2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.launch import origins
from lti_tool.launch.errors import LaunchRefusedError
from lti_tool.launch.sessions import digest, new_secret
from lti_tool.launch.tables import LoginAttempt, Registration

LIFETIME = timedelta(minutes=10)
COOKIE = "__Host-undertone-login"
"""One per browser and embedding site: that it comes back shows that the browser keeps cookies there."""
PARAMETERS = ("iss", "login_hint", "target_link_uri", "lti_message_hint", "client_id", "lti_deployment_id")
LONGEST = 16_384
"""Characters of one parameter; Canvas's message hint is a token of a few thousand."""


@dataclass(frozen=True)
class Proceeding:
    """The way to the platform, and the cookie by which the browser that takes it is known again."""

    address: str
    cookie: str
    binding: str


@dataclass(frozen=True)
class Spent:
    """What a state stood for; it can be had once."""

    registration_id: str
    nonce_hash: str
    binding_hash: str
    target: str


def binding_cookie(state: str) -> str:
    """One per login: those of two tabs, or of two frames in one page, begin at once and do not overwrite each other."""
    return f"{COOKIE}-{digest(state)[:16]}"


def find_registration(session: Session, issuer: str, client_id: str) -> Registration:
    """The registration of (issuer, client id); without a client id only when the issuer has just one that is active.

    One that waits for approval stands in nobody's way: whoever typed it in may not be its platform. Raises
    LaunchRefusedError `login_request` or `registration_inactive`.
    """
    query = select(Registration).where(Registration.issuer == issuer)
    if client_id:
        query = query.where(Registration.client_id == client_id)
    found = session.scalars(query).all()
    active = [registration for registration in found if registration.status == "active"]
    if len(active) == 1:
        return active[0]
    if active or not found or not client_id:
        raise LaunchRefusedError("login_request")
    refusal = LaunchRefusedError("registration_inactive")
    refusal.tell(found[0].id, origins.joined(found[0]), None)
    raise refusal


def begin(
    session: Session, now: datetime, registration: Registration, request: dict[str, str]
) -> LoginAttempt:
    """Keep the platform's request until the browser has shown that it keeps cookies; drop old ones."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.created_at < now - LIFETIME))
    attempt = LoginAttempt(registration_id=registration.id, request=request, created_at=now)
    session.add(attempt)
    session.flush()
    return attempt


def waiting(session: Session, now: datetime, attempt_id: str) -> LoginAttempt:
    """The attempt that has not gone to the platform yet; raises LaunchRefusedError `state`."""
    attempt = session.get(LoginAttempt, attempt_id) if attempt_id.isalnum() else None
    if attempt is None or attempt.state_hash is not None or now - attempt.created_at > LIFETIME:
        raise LaunchRefusedError("state")
    return attempt


def proceed(attempt: LoginAttempt, registration: Registration, redirect_uri: str) -> Proceeding:
    """Give the attempt its state, nonce and binding to the browser that asks, on the way to the platform.

    The request is built from our own list of parameters: nothing unknown is copied through (S5).
    """
    state, nonce, binding = new_secret(), new_secret(), new_secret()
    attempt.state_hash, attempt.nonce_hash, attempt.binding_hash = map(digest, (state, nonce, binding))
    parameters = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": registration.client_id,
        "redirect_uri": redirect_uri,
        "login_hint": attempt.request["login_hint"],
        "state": state,
        "nonce": nonce,
    }
    if attempt.request.get("lti_message_hint"):
        parameters["lti_message_hint"] = attempt.request["lti_message_hint"]
    joint = "&" if "?" in registration.authorization_url else "?"
    address = registration.authorization_url + joint + urlencode(parameters)
    return Proceeding(address, binding_cookie(state), binding)


def spend(session: Session, now: datetime, state: str) -> Spent | None:
    """Take the login of `state` out of the table: the first look-up is the last."""
    taken = session.execute(
        delete(LoginAttempt)
        .where(LoginAttempt.state_hash == digest(state))
        .returning(
            LoginAttempt.registration_id,
            LoginAttempt.nonce_hash,
            LoginAttempt.binding_hash,
            LoginAttempt.request,
            LoginAttempt.created_at,
        )
    ).one_or_none()
    if taken is None or now - taken.created_at > LIFETIME:
        return None
    target = str(taken.request.get("target_link_uri", ""))
    return Spent(taken.registration_id, taken.nonce_hash or "", taken.binding_hash or "", target)
