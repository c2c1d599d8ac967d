"""Signatures of receipts and checkpoints: Ed25519 as a detached JWS (RFC 7515, RFC 7797, RFC 8037).

The payload is the canonical JSON of a document that stands beside its signature, so anybody can read what is signed.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt import PyJWS
from jwt.exceptions import PyJWTError

from lti_tool.errors import InvalidInputError
from lti_tool.storage import current_keyring

ALGORITHM = "EdDSA"
_jws = PyJWS(algorithms=[ALGORITHM])
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class SignatureError(InvalidInputError):
    code = "signature"
    words = "The signature does not fit: the document was changed, or it is not ours."


class UnknownKeyError(SignatureError):
    code = "unknown_key"
    words = "The key that signed this is none of the published ones."


def canonical(content: Any) -> bytes:
    """One JSON value has one form, so one hash and one signature: sorted keys, no spaces, UTF-8."""
    return _encoder.encode(content).encode()


def sign(content: Mapping[str, Any]) -> str:
    """The detached signature of the document under the keyring's current receipts key."""
    kid, key = current_keyring().receipt_key()
    return _jws.encode(
        canonical(content), key, algorithm=ALGORITHM, headers={"kid": kid}, is_payload_detached=True
    )


def check(
    content: Mapping[str, Any], signature: object, keys: Mapping[str, Ed25519PublicKey] | None = None
) -> None:
    """Raise SignatureError unless the signature is that of the document under one of `keys` (ours by default)."""
    known = current_keyring().receipt_public_keys() if keys is None else keys
    try:
        kid = _jws.get_unverified_header(str(signature)).get("kid")
        key = known.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise UnknownKeyError
        _jws.decode(str(signature), key, algorithms=[ALGORITHM], detached_payload=canonical(content))
    except (PyJWTError, ValueError):
        raise SignatureError from None


def published() -> dict[str, list[dict[str, str]]]:
    """A JWK Set with the key that signs now and all that signed before, also those whose private part is gone."""
    return {"keys": [_jwk(kid, key) for kid, key in current_keyring().receipt_public_keys().items()]}


def _jwk(kid: str, key: Ed25519PublicKey) -> dict[str, str]:
    x = urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": ALGORITHM, "use": "sig"}
