"""Everything that touches the LTI library; what it lacks is beside it (leeway, audience, single use).

It is used for turning published keys into verifying keys, for the checks of a message's claims, and for the
public form of our own keys.
"""

from typing import Any

from jwcrypto.common import JWException  # type: ignore[import-untyped]
from pylti1p3.contrib.flask.message_launch import FlaskMessageLaunch
from pylti1p3.exception import LtiException
from pylti1p3.message_validators.resource_message import ResourceMessageValidator
from pylti1p3.registration import Registration as LibraryRegistration

from lti_tool.launch.errors import LaunchRefusedError

PUBLIC = ("kid", "kty", "n", "e")
"""All that the library is given of a published key."""
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})


class _Message(FlaskMessageLaunch):
    """A message whose key set and token were obtained by us: the library fetches and stores nothing."""

    def __init__(self, header: Any, key: Any) -> None:
        self._registration = LibraryRegistration()
        self._registration.set_key_set({"keys": [key]})
        self._jwt = {"header": header, "body": {}}


def verifying_key(header: dict[str, Any], key: dict[str, Any]) -> bytes:
    """The PEM of a published key; LaunchRefusedError `signature` when it is no usable RS256 key.

    The rule is S9: an RSA key for signatures (RFC 7517, 4.2 and 4.4), and no private one that got published.
    """
    if not _is_for_rs256(key):
        raise LaunchRefusedError("signature")
    public = {name: key[name] for name in PUBLIC if name in key}
    try:
        pem, algorithm = _Message(header, public).get_public_key()
    except (LtiException, JWException, ValueError, TypeError):
        raise LaunchRefusedError("signature") from None
    if algorithm != "RS256":
        raise LaunchRefusedError("alg")
    return pem.encode() if isinstance(pem, str) else pem


def _is_for_rs256(key: dict[str, Any]) -> bool:
    known = key.get("kty") == "RSA" and key.get("use", "sig") == "sig" and key.get("alg", "RS256") == "RS256"
    return known and PRIVATE.isdisjoint(key) and all(isinstance(key.get(name), str) for name in ("n", "e"))


def check_resource_message(claims: dict[str, Any]) -> None:
    """The library's own view of a resource launch (LTI 1.3 core 5.3), after ours has named the faults."""
    validator = ResourceMessageValidator()
    try:
        if not validator.can_validate(claims) or not validator.validate(claims):
            raise LaunchRefusedError("message_type")
    except LtiException:
        raise LaunchRefusedError("message_type") from None


def public_jwk(public_pem: str) -> dict[str, Any]:
    """A public key as a JWK with `kid` (RFC 7638 thumbprint), `alg` and `use`."""
    return dict(LibraryRegistration.get_jwk(public_pem))
