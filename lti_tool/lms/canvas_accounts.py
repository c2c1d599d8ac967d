"""The account that reads a Canvas: its developer key, and what was granted to it, one row for each registration.

Whoever reads takes a token from `canvas_accounts_tokens`; how a grant comes about is `canvas_oauth_asking`.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import FieldError, NotFoundError
from lti_tool.launch import registrations
from lti_tool.launch.addresses import require_address
from lti_tool.launch.tables import Registration
from lti_tool.lms.canvas_oauth import Grant, Key, refresh, revoke
from lti_tool.lms.canvas_oauth_words import CanvasOauthError
from lti_tool.lms.tables import CanvasAccount, LmsConnection
from lti_tool.outbound.client import Client, OutboundFailedError, OutboundRefusedError
from lti_tool.storage import Database

KEY_ID = re.compile(r"[0-9]{1,25}")
SECRET = re.compile(r"[!-~]{8,500}")
UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True)
class Typed:
    """A developer key as an administrator typed it in."""

    key_id: str
    secret: str
    address: str


def set_key(
    session: Session,
    now: datetime,
    registration: Registration,
    typed: Typed,
    actor_id: str | None,
    plain_http_hosts: list[str],
) -> CanvasAccount:
    """Keep a developer key, in place of a token that was typed in; a new secret keeps what the key was granted.

    Raises FieldError, with nothing changed.
    """
    key_id, secret = typed.key_id.strip(), typed.secret.strip()
    address = typed.address.strip().rstrip("/")
    if not KEY_ID.fullmatch(key_id):
        raise FieldError(
            "The key's ID is the long number in the column “Details”. Nothing was changed.", "key_id"
        )
    if not SECRET.fullmatch(secret):
        raise FieldError(
            "The key's secret is one word, behind “Show Key” in the column “Details”. Nothing was changed.",
            "secret",
        )
    require_address("address", "address of Canvas", address, plain_http_hosts, is_root=True)
    _require_free(session, registration.id, key_id, address)
    connection = _connection(session, now, registration.id)
    connection.kind, connection.base_url, connection.token = "canvas", address, ""
    account = _account(session, now, registration.id)
    account.key_id, account.key_secret = key_id, secret
    session.flush()
    registrations.note_account(session, now, registration, actor_id)
    return account


def key_of(session: Session, registration_id: str) -> tuple[CanvasAccount, Key]:
    """The account and its key; raises CanvasOauthError `no_key`."""
    account, connection = (
        session.get(CanvasAccount, registration_id),
        session.get(LmsConnection, registration_id),
    )
    if account is None or connection is None:
        raise CanvasOauthError("no_key")
    return account, Key(connection.base_url, account.key_id, account.key_secret)


def locked(session: Session, registration_id: str) -> CanvasAccount:
    """The account as it is now, locked until the transaction ends; raises CanvasOauthError `no_key`."""
    account = session.get(CanvasAccount, registration_id, with_for_update=True, populate_existing=True)
    if account is None:
        raise CanvasOauthError("no_key")
    return account


def keep(session: Session, now: datetime, account: CanvasAccount, grant: Grant) -> None:
    """Keep what Canvas granted, in place of anything before."""
    account.access_token, account.refresh_token = grant.access_token, grant.refresh_token
    account.expires_at, account.authorised_at = grant.expires_at, now
    account.user_id = grant.user_id
    turn(account, "authorised")
    session.flush()


def forget(session: Session, now: datetime, registration: Registration, actor_id: str | None) -> Grant | None:
    """Drop what was granted, and say what it was; a renewal under way finds nothing to write to any more."""
    account = session.get(CanvasAccount, registration.id, with_for_update=True)
    if account is None or account.standing != "authorised":
        return None
    grant = Grant(account.access_token or "", account.expires_at or now, account.refresh_token or "")
    account.access_token = account.refresh_token = account.expires_at = account.user_id = None
    turn(account, "revoked", UNCONFIRMED)
    audit.record(
        session,
        now,
        "canvas_revoked",
        institution_id=registration.institution_id,
        registration_id=registration.id,
        actor_id=actor_id,
    )
    session.flush()
    return grant


def end(
    database: Database,
    client: Client,
    now: datetime,
    institution_id: str,
    registration_id: str,
    actor_id: str | None,
) -> bool:
    """Revoke: forget here first, then tell Canvas in no transaction; False when Canvas did not confirm it."""
    with database.session() as session:
        registration = registrations.of_institution(session, institution_id, registration_id)
        account = session.get(CanvasAccount, registration.id)
        if account is None:
            raise NotFoundError
        _account_of, key = key_of(session, registration_id)
        grant = forget(session, now, registration, actor_id)
    if grant is None:
        return True
    confirmed = _told(client, now, key, grant)
    if confirmed:
        with database.session() as session:
            account = session.get(CanvasAccount, registration_id)
            if account is not None and account.standing == "revoked":
                account.fault = ""
    return confirmed


def _told(client: Client, now: datetime, key: Key, grant: Grant) -> bool:
    """Whether Canvas ended the grant. It takes only a token that lives: one that is over is renewed for this."""
    try:
        if revoke(client, key, grant.access_token):
            return True
        return revoke(client, key, refresh(client, now, key, grant.refresh_token).access_token)
    except CanvasOauthError as error:
        return error.code == "grant_gone"
    except (OutboundFailedError, OutboundRefusedError):
        return False


def _require_free(session: Session, registration_id: str, key_id: str, address: str) -> None:
    """Raise FieldError where another key or address would leave a grant behind that nobody here can revoke."""
    account, connection = (
        session.get(CanvasAccount, registration_id),
        session.get(LmsConnection, registration_id),
    )
    if account is None or connection is None or account.standing != "authorised":
        return
    if (account.key_id, connection.base_url) != (key_id, address):
        raise FieldError(
            "An account is authorised with another key or at another address. Revoke it first. Nothing was changed.",
            "key_id",
        )


def _account(session: Session, now: datetime, registration_id: str) -> CanvasAccount:
    account = session.get(CanvasAccount, registration_id, with_for_update=True)
    if account is None:
        account = CanvasAccount(registration_id=registration_id, created_at=now)
        account.standing, account.generation = "waiting", 0
        session.add(account)
    return account


def _connection(session: Session, now: datetime, registration_id: str) -> LmsConnection:
    connection = session.get(LmsConnection, registration_id)
    if connection is None:
        connection = LmsConnection(
            registration_id=registration_id, kind="canvas", base_url="", created_at=now
        )
        session.add(connection)
    return connection


def turn(account: CanvasAccount, standing: str, fault: str = "") -> None:
    """A new state; whoever holds an earlier access token, or the lease, holds nothing any more."""
    account.standing, account.fault = standing, fault
    account.generation += 1
    account.lease_owner = account.lease_until = None
