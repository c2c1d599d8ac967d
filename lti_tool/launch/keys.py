"""Our own signing keys: RSA, the private part encrypted at rest, published with their `kid` (S11).

The previous, the current and the next one are published, so that no call is lost while they change.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import ConfigurationError
from lti_tool.launch import pylti
from lti_tool.launch.tables import ToolKey
from lti_tool.storage import current_keyring, rotation
from lti_tool.storage.tables import KeyInUse

BITS = 2048
LEAD = timedelta(hours=25)
"""A key is published so long before it signs, and after: platforms keep a key set for up to a day."""
BACK = timedelta(seconds=5)
"""Moodle refuses what is signed a second in the future, so ours is dated back a little."""
LIFE = timedelta(days=90)
"""After so long the next key is made."""


class WrongKeysError(ConfigurationError):
    code = "wrong_keys"
    words = (
        "The keys file does not belong to this database: it does not open the signing keys that are stored there. "
        "Put the right keys file back, or name it with UNDERTONE_KEYS_FILE. Nothing was changed."
    )


def require_own(session: Session) -> None:
    """Raise WrongKeysError unless the loaded keys open every stored signing key; where none is stored, all do.

    KeysMissingError when they are this installation's and some are missing. Whatever is written under keys of another
    installation could not be read again, so this goes before.
    """
    if not inspect(session.connection()).has_table(KeyInUse.__tablename__):
        _require_earlier(session)
        return
    if not rotation.belongs(session, current_keyring()):
        raise WrongKeysError()
    rotation.require_all(session, current_keyring())
    try:
        session.scalars(select(ToolKey)).all()
    except ConfigurationError:
        raise WrongKeysError() from None


def _require_earlier(session: Session) -> None:
    """The same for a database of before the envelopes, as it stands before it is brought up to date."""
    opens = MultiFernet([Fernet(key) for key in current_keyring().earlier] or [Fernet(Fernet.generate_key())])
    try:
        for token in session.scalars(text("SELECT private_pem FROM tool_keys")):
            opens.decrypt(token)
    except InvalidToken:
        raise WrongKeysError() from None


def ensure(session: Session, now: datetime) -> ToolKey:
    """The key to sign with, made on first use: the newest that platforms have had time to fetch."""
    present = _published(session)
    if not present:
        return _make(session, now)
    fetched = [key for key in present if key.created_at <= now - LEAD]
    return fetched[-1] if fetched else present[0]


def rotate(session: Session, now: datetime, *, at_once: bool = False) -> ToolKey:
    """Publish the next key, which signs after `LEAD`; one that waits already is not joined by another.

    `at_once`, for a key that has become known: all others are retired and the new one signs now. Platforms refuse its
    calls until they fetch our key set again; people can sign in all the same.
    """
    if at_once:
        for key in _published(session):
            _retire(session, now, key)
        return _make(session, now)
    newest = _published(session)[-1:]
    waits = newest and newest[0] is not ensure(session, now)
    return newest[0] if waits else _make(session, now)


def turn(session: Session, now: datetime) -> None:
    """What each day asks for: the next key when the signing one is old, and no key for which no call is left."""
    signing = ensure(session, now)
    if now - signing.created_at > LIFE:
        rotate(session, now)
    for key in _published(session):
        if key.created_at < signing.created_at and now - signing.created_at > 2 * LEAD:
            _retire(session, now, key)


def published(session: Session) -> dict[str, list[dict[str, Any]]]:
    """The JSON Web Key Set for `/lti/keys`: the previous, the current and the next key, oldest first."""
    return {"keys": [key.public_jwk for key in _published(session)]}


def signed(session: Session, now: datetime, claims: Mapping[str, Any], life: timedelta) -> str:
    """A token of ours (RS256) with these claims, valid for `life` from now and a little before."""
    key = ensure(session, now)
    times = {"iat": int((now - BACK).timestamp()), "exp": int((now + life).timestamp())}
    return jwt.encode({**claims, **times}, key.private_pem, algorithm="RS256", headers={"kid": key.kid})


def _published(session: Session) -> list[ToolKey]:
    return list(session.scalars(select(ToolKey).where(ToolKey.active).order_by(ToolKey.created_at)))


def _retire(session: Session, now: datetime, key: ToolKey) -> None:
    """Publish a key no more, and forget its private part."""
    key.active, key.private_pem = False, ""
    audit.record(session, now, "signing_key_retired", facts={"kid": key.kid})


def _make(session: Session, now: datetime) -> ToolKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    jwk = pylti.public_jwk(public.decode())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key = ToolKey(kid=jwk["kid"], private_pem=pem.decode(), public_jwk=jwk, active=True, created_at=now)
    session.add(key)
    audit.record(session, now, "signing_key_made", facts={"kid": key.kid})
    session.flush()
    return key
