"""Checking a platform's id_token, in the order of the requirements: the first failure names the code."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from lti_tool.launch import pylti
from lti_tool.launch.errors import LaunchRefusedError
from lti_tool.launch.sessions import same

LEEWAY = timedelta(seconds=60)
LONGEST_LIFE = timedelta(hours=2)
LONGEST_TOKEN = 64 * 1024
MOST_ROLES = 50
SHORTEST_KEY = 2048
"""Bits of an RSA key."""
KEYS_KEPT = 256
"""Platforms' keys that are kept ready to verify with: reading one takes as long as verifying."""
LARGEST = 2**53
"""Beyond it JSON's numbers are not exact (RFC 8259, 6); no time in seconds is that large."""
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

RESOURCE, DEEP_LINKING = "LtiResourceLinkRequest", "LtiDeepLinkingRequest"

STRINGS = (
    "iss",
    "sub",
    "nonce",
    "azp",
    "locale",
    *(LTI + name for name in ("deployment_id", "message_type", "version", "target_link_uri")),
)
OBJECTS = (*(LTI + name for name in ("context", "resource_link", "custom", "launch_presentation")), NRPS)
REQUIRED = ("aud", "iss", "sub", LTI + "deployment_id", LTI + "roles")

Claims = dict[str, Any]
FindKey = Callable[[str], dict[str, Any]]


@dataclass(frozen=True)
class Expected:
    """What the token must say: the registration and login it answers to."""

    issuer: str
    client_id: str
    nonce_hash: str
    target: str


def verified_claims(token: str, find_key: FindKey) -> Claims:
    """The claims of a token signed (RS256) by the platform's published key; raises LaunchRefusedError.

    Only the registered key set is a source of keys: the header's `jwk`, `jku`, `x5u` are not read (L17).
    """
    header = _header(token)
    if header.get("alg") != "RS256":
        raise LaunchRefusedError("alg")
    kid = header.get("kid")
    if not kid:
        raise LaunchRefusedError("kid_missing")
    if not isinstance(kid, str) or "crit" in header:
        raise LaunchRefusedError("malformed")
    key = _verifying_key(kid, json.dumps(find_key(kid)))
    try:
        payload = jwt.PyJWS().decode(token, key, algorithms=["RS256"])
    except jwt.InvalidTokenError:
        raise LaunchRefusedError("signature") from None
    return _object(payload)


def check(claims: Claims, expected: Expected, now: datetime) -> None:
    """Shape, issuer, audience, time and nonce; raises LaunchRefusedError with the first fault."""
    if not any(name.startswith(LTI) for name in claims):
        raise LaunchRefusedError("not_lti")
    _check_shapes(claims)
    if sum(name not in claims for name in REQUIRED) > 1:
        raise LaunchRefusedError("claims_missing")
    if claims.get("iss") != expected.issuer:
        raise LaunchRefusedError("issuer")
    _check_audience(claims, expected.client_id)
    _check_time(claims, now)
    if not same(claims.get("nonce") or "", expected.nonce_hash):
        raise LaunchRefusedError("nonce")


def check_message(claims: Claims, expected: Expected, *, deep_linking: bool) -> None:
    """A message that we answer, by a known person, for the address that the login named."""
    placing = asks_for_link(claims)
    if claims.get(LTI + "version") != "1.3.0":
        raise LaunchRefusedError("lti_version")
    if claims.get(LTI + "message_type") != RESOURCE and not (placing and deep_linking):
        raise LaunchRefusedError("message_type")
    if LTI + "roles" not in claims:
        raise LaunchRefusedError("roles_missing")
    if not placing and not claims.get(LTI + "resource_link", {}).get("id"):
        raise LaunchRefusedError("resource_link")
    if not claims.get("sub"):
        raise LaunchRefusedError("anonymous")
    if claims.get(LTI + "target_link_uri") != expected.target:
        raise LaunchRefusedError("target")
    if not placing:
        pylti.check_resource_message(claims)


def asks_for_link(claims: Claims) -> bool:
    """Whether it is an editor's question for a link (Deep Linking 2.0, 4.4), not someone who opens one."""
    return claims.get(LTI + "message_type") == DEEP_LINKING


@lru_cache(maxsize=KEYS_KEPT)
def _verifying_key(kid: str, published: str) -> RSAPublicKey:
    """The key to verify with, of a published one as JSON; raises LaunchRefusedError `alg` or `signature`."""
    pem = pylti.verifying_key({"kid": kid, "alg": "RS256"}, json.loads(published))
    key = load_pem_public_key(pem)
    if not isinstance(key, RSAPublicKey) or key.key_size < SHORTEST_KEY:
        raise LaunchRefusedError("signature")
    return key


def _header(token: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3 or len(token) > LONGEST_TOKEN or not token.isascii():
        raise LaunchRefusedError("malformed")
    try:
        return _object(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except ValueError:
        raise LaunchRefusedError("malformed") from None


def _object(content: bytes) -> dict[str, Any]:
    """A JSON object without a member given twice (L34)."""
    try:
        value = json.loads(content, object_pairs_hook=_unique, parse_constant=_no_json)
    except (ValueError, RecursionError):
        raise LaunchRefusedError("malformed") from None
    if not isinstance(value, dict) or not _is_storable(value):
        raise LaunchRefusedError("malformed")
    return value


def _is_storable(value: dict[str, Any]) -> bool:
    """Without NUL and half characters, which JSON can name and a database cannot keep."""
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return "\\u0000" not in text


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member given twice")
    return members


def _no_json(constant: str) -> None:
    """NaN and infinities are no JSON, and a time that is not a number would be neither too early nor too late."""
    raise ValueError(constant)


def _check_shapes(claims: Claims) -> None:
    """The types that later code relies on (L33). An empty or null deployment id counts as missing (L10)."""
    wrong = [name for name in STRINGS if not isinstance(claims.get(name, ""), str | None)]
    wrong += [name for name in OBJECTS if not isinstance(claims.get(name, {}), dict)]
    wrong += [name for name in ("iat", "exp", "nbf") if not _is_number(claims.get(name, 0))]
    roles = claims.get(LTI + "roles", [])
    if wrong or not isinstance(roles, list) or len(roles) > MOST_ROLES or not _all_strings(roles):
        raise LaunchRefusedError("malformed")
    if not isinstance(claims.get("aud", ""), str) and not _all_strings(claims["aud"]):
        raise LaunchRefusedError("malformed")
    _check_members(claims.get(LTI + "context", {}), claims.get(LTI + "resource_link", {}))


def _check_members(context: Claims, resource_link: Claims) -> None:
    """Members of both objects that later code reads without a look at their type (LTI 1.3 core 5.3.5, 5.4.1)."""
    texts = [context.get(name) for name in ("id", "title", "label")] + [resource_link.get("id")]
    kinds = context.get("type")
    if not all(isinstance(text, str | None) for text in texts):
        raise LaunchRefusedError("malformed")
    if not isinstance(kinds, str | None) and not _all_strings(kinds):
        raise LaunchRefusedError("malformed")


def _check_audience(claims: Claims, client_id: str) -> None:
    """Exactly our client id; `azp`, when sent, too (L18, L19). Moodle sends no `azp`."""
    audience = claims.get("aud", [])
    audience = [audience] if isinstance(audience, str) else audience
    if audience != [client_id] or claims.get("azp", client_id) != client_id:
        raise LaunchRefusedError("audience")


def _check_time(claims: Claims, now: datetime) -> None:
    """With a minute of leeway: Moodle's tokens live a minute, and clocks differ (L7, L25)."""
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    if "iat" not in claims or "exp" not in claims:
        raise LaunchRefusedError("time")
    if claims["exp"] < moment - leeway:
        raise LaunchRefusedError("expired")
    if claims["iat"] > moment + leeway or claims.get("nbf", 0) > moment + leeway:
        raise LaunchRefusedError("time")
    if not 0 < claims["exp"] - claims["iat"] <= LONGEST_LIFE.total_seconds():
        raise LaunchRefusedError("time")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


def _all_strings(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
