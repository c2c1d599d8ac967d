"""Our own signing keys: RSA, the private part encrypted at rest, published with their `kid` (S11)."""

from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.errors import ConfigurationError
from lti_tool.launch import pylti
from lti_tool.launch.tables import ToolKey

BITS = 2048


class WrongKeysError(ConfigurationError):
    code = "wrong_keys"
    words = (
        "The keys file does not belong to this database: it does not open the signing keys that are stored there. "
        "Put the right keys file back, or name it with UNDERTONE_KEYS_FILE. Nothing was changed."
    )


def require_own(session: Session) -> None:
    """Raise WrongKeysError unless the loaded keys open every stored signing key; where none is stored, all do.

    Whatever is written under keys of another installation could not be read again, so this goes before.
    """
    try:
        session.scalars(select(ToolKey.private_pem)).all()
    except ConfigurationError:
        raise WrongKeysError() from None


def ensure(session: Session, now: datetime) -> ToolKey:
    """The key to sign with, made on first use."""
    newest = select(ToolKey).where(ToolKey.active).order_by(ToolKey.created_at.desc())
    key = session.scalars(newest).first()
    return key or _make(session, now)


def rotate(session: Session, now: datetime) -> str:
    """Make a new key to sign with and return its `kid`; the old ones stay published, so no call is lost."""
    return _make(session, now).kid


def published(session: Session) -> dict[str, list[dict[str, Any]]]:
    """The JSON Web Key Set for `/lti/keys`."""
    keys = session.scalars(select(ToolKey.public_jwk).where(ToolKey.active).order_by(ToolKey.created_at))
    return {"keys": list(keys)}


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
    session.flush()
    return key
