"""Dynamic registration: a platform describes itself, is checked, and is asked to register this tool (S16, S18).

Nothing here is written: the calls go out first, `views_registering` keeps what came back, waiting for approval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.errors import UndertoneError
from lti_tool.launch import courses, tool_description
from lti_tool.launch.addresses import hosts_of
from lti_tool.launch.antiforgery import origin_of
from lti_tool.launch.registrations import PlatformFacts
from lti_tool.outbound.client import Client, OutboundFailedError
from lti_tool.settings import Settings

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
MOST_BYTES = 512 * 1024
LONGEST = 255
OF_INSTRUCTURE = {
    f"https://canvas{kind}.instructure.com": (
        f"https://sso{kind}.canvaslms.com",
        f"https://canvas{kind}.instructure.com",
    )
    for kind in ("", ".beta", ".test")
}
"""Issuers that many schools share, and the origins of their common endpoints (Canvas)."""


class DescriptionError(UndertoneError):
    code = "platform_description"
    status = 400
    words = (
        "What the learning platform says of itself does not fit together, so nothing was registered. Start the "
        "registration in the platform again; if it ends here again, connect it by hand."
    )


class RegistrationRefusedError(UndertoneError):
    code = "registration_refused"
    status = 502
    words = (
        "The learning platform did not register this tool. Its registration may have been used or be too old: "
        "start it in the platform again. Nothing was changed here."
    )


@dataclass(frozen=True)
class Described:
    """A platform by its own, checked description."""

    issuer: str
    authorization_url: str
    token_url: str
    keys_url: str
    registration_url: str
    family: str
    """`moodle`, `canvas` or another product family code."""
    version: str
    name: str

    @property
    def hosts(self) -> list[str]:
        """Whom this tool will call or send people to."""
        return hosts_of(self.authorization_url, self.token_url, self.keys_url)


@dataclass(frozen=True)
class Granted:
    """What the platform gave."""

    facts: PlatformFacts
    deployment_key: str | None
    """Moodle names it at once; Canvas's is learnt from the first launch."""
    scopes: tuple[str, ...]


def describe(client: Client, settings: Settings, address: str, token: str) -> Described:
    """Fetch and check a platform's description (LTI Dynamic Registration 1.0, 3.4).

    Its issuer lies on the host of `address`, and so do its endpoints. An issuer that many schools share signs with its
    own keys only, so whoever states it cannot sign in anybody (S18); a Canvas of one's own that kept the shared issuer
    is connected by hand.
    Raises DescriptionError, or what the client raises.
    """
    answer = client.get(address, headers=_bearer(token), most_bytes=MOST_BYTES)
    said = answer.json() if answer.status == 200 else None
    if not isinstance(said, dict):
        raise DescriptionError
    issuer = _text(said, "issuer")
    home = _origin(address)
    if _origin(issuer) != home and issuer not in OF_INSTRUCTURE:
        raise DescriptionError
    signing = OF_INSTRUCTURE.get(issuer, (home,))
    _require_our_ways(said)
    platform = said.get(PLATFORM)
    own = platform if isinstance(platform, dict) else {}
    described = Described(
        issuer=issuer,
        authorization_url=_endpoint(said, "authorization_endpoint", signing),
        token_url=_endpoint(said, "token_endpoint", (home,)),
        keys_url=_endpoint(said, "jwks_uri", signing),
        registration_url=_endpoint(said, "registration_endpoint", (home,)),
        family=_shown(own.get("product_family_code")),
        version=_shown(own.get("version")),
        name=_shown(own.get(tool_description.CANVAS + "account_name")),
    )
    facts_of(described, "x").checked(settings.outbound_hosts)
    return described


def register(client: Client, settings: Settings, described: Described, token: str) -> Granted:
    """Ask the platform to register this tool. Raises RegistrationRefusedError, or what the client raises.

    Moodle answers 200 and Canvas 201; Moodle's errors are plain words, which are not shown.
    """
    asked = tool_description.registration_request(
        settings.base_url, described.family, deep_linking=settings.deep_linking
    )
    answer = client.post_json(
        described.registration_url, asked, headers=_bearer(token), most_bytes=MOST_BYTES
    )
    if answer.status not in (200, 201):
        raise RegistrationRefusedError
    try:
        said = answer.json()
    except OutboundFailedError:
        raise RegistrationRefusedError from None
    client_id = said.get("client_id") if isinstance(said, dict) else None
    if not isinstance(client_id, str | int) or isinstance(client_id, bool) or not _is_word(str(client_id)):
        raise RegistrationRefusedError
    configuration = said.get(tool_description.TOOL)
    deployment = configuration.get("deployment_id") if isinstance(configuration, dict) else None
    return Granted(
        facts=facts_of(described, str(client_id)),
        deployment_key=str(deployment) if isinstance(deployment, str | int) and str(deployment) else None,
        scopes=tuple(str(said.get("scope") or "").split()),
    )


def facts_of(described: Described, client_id: str) -> PlatformFacts:
    return PlatformFacts(
        issuer=described.issuer,
        client_id=client_id,
        authorization_url=described.authorization_url,
        token_url=described.token_url,
        keys_url=described.keys_url,
    )


def _bearer(token: str) -> dict[str, str]:
    """Canvas wants the token with both requests, Moodle with the second."""
    accept = {"Accept": "application/json"}
    return accept | ({"Authorization": f"Bearer {token}"} if _is_word(token, 8192) else {})


def _require_our_ways(said: dict[str, Any]) -> None:
    """Signed with RS256, and our calls let in by a signed assertion; what is not stated is not held against it."""
    signing = said.get("id_token_signing_alg_values_supported", ["RS256"])
    calling = said.get("token_endpoint_auth_methods_supported", ["private_key_jwt"])
    if "RS256" not in _listed(signing) or "private_key_jwt" not in _listed(calling):
        raise DescriptionError


def _endpoint(said: dict[str, Any], name: str, trusted: Sequence[str]) -> str:
    address = _text(said, name)
    if _origin(address) not in trusted:
        raise DescriptionError
    return address


def _origin(address: str) -> str:
    try:
        origin = origin_of(address)
    except ValueError:
        origin = ""
    if not origin:
        raise DescriptionError
    return origin


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value or len(value) > 4 * LONGEST:
        raise DescriptionError
    return value


def _shown(value: object) -> str:
    """A platform's own words, for a page (S29)."""
    return courses.plain(value)[:LONGEST] if isinstance(value, str) else ""


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_word(value: str, longest: int = LONGEST) -> bool:
    return 0 < len(value) <= longest and all("!" <= letter <= "~" for letter in value)
