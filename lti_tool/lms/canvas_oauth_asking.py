"""An authorisation under way: from the button on our page to Canvas and back, bound to the browser and to who began.

Canvas must be asked in a window of its own, where the cookies of a frame are not sent. So the page gives its button a
signed ticket that names its launch, and the new window gets a cookie of its own, of which the row holds the hash.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.launch import sessions
from lti_tool.launch.registrations import of_institution
from lti_tool.launch.sessions import digest, new_secret
from lti_tool.launch.tables import LaunchSession, Registration
from lti_tool.lms.canvas_accounts import keep, key_of, locked
from lti_tool.lms.canvas_oauth import Grant, Key, authorise_address, exchange, revoke
from lti_tool.lms.canvas_oauth_words import CanvasOauthError, redirected
from lti_tool.lms.tables import CanvasAuthorisation
from lti_tool.outbound.client import Client, OutboundFailedError, OutboundRefusedError
from lti_tool.storage import Database

LIFETIME = timedelta(minutes=10)
"""As long as Canvas's codes live."""
COOKIE = "__Host-undertone-canvas"


@dataclass(frozen=True)
class Proceeding:
    """The way to Canvas, and the cookie by which the browser that takes it is known again."""

    address: str
    cookie: str
    binding: str


@dataclass(frozen=True)
class Returned:
    """What Canvas sent a browser back with; empty where it sent nothing."""

    state: str
    code: str
    error: str
    binding: str


def binding_cookie(state: str) -> str:
    """One for each authorisation: two that are under way do not overwrite each other's."""
    return f"{COOKIE}-{digest(state)[:16]}"


def begin(
    session: Session, now: datetime, launch_id: str, registration_id: str, redirect_uri: str
) -> Proceeding:
    """Keep what the answer will be held against, and drop what is too old.

    Raises CanvasOauthError, and NotFoundError for another institution's platform.
    """
    launch = _administrators(session, now, launch_id)
    registration = of_institution(session, launch.institution_id, registration_id)
    account, key = key_of(session, registration.id)
    if registration.status != "active":
        raise CanvasOauthError("not_active")
    if account.standing == "authorised":
        raise CanvasOauthError("authorised")
    session.execute(delete(CanvasAuthorisation).where(CanvasAuthorisation.created_at < now - LIFETIME))
    state, binding, verifier = new_secret(), new_secret(), new_secret()
    session.add(
        CanvasAuthorisation(
            registration_id=registration.id,
            launch_id=launch_id,
            state_hash=digest(state),
            binding_hash=digest(binding),
            verifier=verifier,
            key_id=key.client_id,
            base_url=key.base_url,
            created_at=now,
        )
    )
    session.flush()
    address = authorise_address(key.base_url, key.client_id, redirect_uri, state, verifier)
    return Proceeding(address, binding_cookie(state), binding)


def finish(database: Database, client: Client, now: datetime, returned: Returned, redirect_uri: str) -> Grant:
    """Use Canvas's answer once: the state, the code, then one transaction that keeps what came of them.

    Raises CanvasOauthError, which says what to do, with nothing kept. The call happens in no transaction.
    """
    with database.session() as session:
        attempt = _spent(session, returned.state)
    try:
        attempt = _fitting(now, attempt, returned.binding)
        return _granted(database, client, now, attempt, returned, redirect_uri)
    except CanvasOauthError as error:
        if attempt is not None:
            _end(client, attempt, error.access_token)
        with database.session() as session:
            _note(session, now, attempt, "canvas_refused", error.code, error.correlation_id)
        raise


def _granted(
    database: Database,
    client: Client,
    now: datetime,
    attempt: CanvasAuthorisation,
    returned: Returned,
    redirect_uri: str,
) -> Grant:
    with database.reading() as session:
        key = _unchanged(session, now, attempt)
    if returned.error:
        raise redirected(returned.error)
    if not returned.code:
        raise CanvasOauthError("no_code")
    try:
        grant = exchange(client, now, key, returned.code, redirect_uri, attempt.verifier)
    except (OutboundFailedError, OutboundRefusedError):
        raise CanvasOauthError("away") from None
    with database.session() as session:
        try:
            account = locked(session, attempt.registration_id)
            _unchanged(session, now, attempt)
        except CanvasOauthError as error:
            raise CanvasOauthError(error.code, grant.access_token) from None
        keep(session, now, account, grant)
        _note(session, now, attempt, "canvas_authorised")
    return grant


def _spent(session: Session, state: str) -> CanvasAuthorisation | None:
    """Take the attempt out of the table: the first look is the last."""
    query = delete(CanvasAuthorisation).where(CanvasAuthorisation.state_hash == digest(state))
    attempt: CanvasAuthorisation | None = session.scalar(query.returning(CanvasAuthorisation))
    if attempt is not None:
        session.expunge(attempt)
    return attempt


def _fitting(now: datetime, attempt: CanvasAuthorisation | None, binding: str) -> CanvasAuthorisation:
    """The attempt, if it is young and this browser's; raises CanvasOauthError `state`."""
    if attempt is None or now - attempt.created_at > LIFETIME:
        raise CanvasOauthError("state")
    if not binding or not sessions.same(binding, attempt.binding_hash):
        raise CanvasOauthError("state")
    return attempt


def _unchanged(session: Session, now: datetime, attempt: CanvasAuthorisation) -> Key:
    """The key, while all is as it was when it began; raises CanvasOauthError `closed`, `changed` or `authorised`."""
    _administrators(session, now, attempt.launch_id)
    registration = session.get(Registration, attempt.registration_id)
    if registration is None or registration.status != "active":
        raise CanvasOauthError("changed")
    account, key = key_of(session, attempt.registration_id)
    if (key.client_id, key.base_url) != (attempt.key_id, attempt.base_url):
        raise CanvasOauthError("changed")
    if account.standing == "authorised":
        # Kept in its place, this grant would leave the other one in Canvas, where nobody here can revoke it.
        raise CanvasOauthError("authorised")
    return key


def _administrators(session: Session, now: datetime, launch_id: str) -> LaunchSession:
    """The open session of an administrator; raises CanvasOauthError `closed`."""
    row = session.get(LaunchSession, launch_id)
    if row is None or row.role != "administrator" or not sessions.is_open(row, now):
        raise CanvasOauthError("closed")
    return row


def _end(client: Client, attempt: CanvasAuthorisation, access_token: str) -> None:
    """End a grant that is not kept. Where Canvas does not answer it ends when its hour is over and nobody renews it."""
    if access_token:
        try:
            revoke(client, Key(attempt.base_url, attempt.key_id, ""), access_token)
        except (OutboundFailedError, OutboundRefusedError):
            return


def _note(
    session: Session,
    now: datetime,
    attempt: CanvasAuthorisation | None,
    event: str,
    code: str = "",
    reference: str = "",
) -> None:
    registration = session.get(Registration, attempt.registration_id) if attempt else None
    launch = session.get(LaunchSession, attempt.launch_id) if attempt else None
    audit.record(
        session,
        now,
        event,
        code=code,
        institution_id=registration.institution_id if registration else None,
        registration_id=registration.id if registration else None,
        actor_id=launch.person_id if launch else None,
        correlation_id=reference,
    )
