"""Everything that touches the LTI library; what it lacks is beside it (leeway, audience, single use).

It is used for turning published keys into verifying keys, for the checks of a message's claims, and for the
public form of our own keys.
"""

from typing import Any

from pylti1p3.contrib.flask.message_launch import FlaskMessageLaunch
from pylti1p3.exception import LtiException
from pylti1p3.message_validators.resource_message import ResourceMessageValidator
from pylti1p3.registration import Registration as LibraryRegistration

from lti_tool.launch.errors import LaunchRefusedError


class _Message(FlaskMessageLaunch):
    """A message whose key set and token were obtained by us: the library fetches and stores nothing."""

    def __init__(self, header: Any, key: Any) -> None:
        self._registration = LibraryRegistration()
        self._registration.set_key_set({"keys": [key]})
        self._jwt = {"header": header, "body": {}}


def verifying_key(header: dict[str, Any], key: dict[str, Any]) -> bytes:
    """The PEM of a published key; LaunchRefusedError `signature` when it is no usable RS256 key."""
    try:
        pem, algorithm = _Message(header, key).get_public_key()
    except (LtiException, ValueError, TypeError):
        raise LaunchRefusedError("signature") from None
    if algorithm != "RS256":
        raise LaunchRefusedError("alg")
    return pem.encode() if isinstance(pem, str) else pem


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
