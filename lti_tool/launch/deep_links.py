"""Placing a link in a course: what a platform asks for, and our signed answer (LTI Deep Linking 2.0)."""

import json
import re
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.launch import keys, origins
from lti_tool.launch.errors import LaunchRefusedError
from lti_tool.launch.id_token import LTI, Claims
from lti_tool.launch.tables import Registration

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
RESOURCE_LINK = "ltiResourceLink"
ANSWER_LIFE = timedelta(minutes=5)
LONGEST_TITLE = 100
ACTIVITY = "undertone_activity"
"""The custom parameter of a link that opens an activity in this tool: LMSs bring it back signed at every launch."""
ACTIVITY_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Wanted:
    """Where the answer goes, what the platform wants to see again in it, for which deployment, and with an address?

    An address in the link makes Moodle look for any tool of that domain; without one the link keeps this registration.
    """

    return_url: str
    data: str | None
    deployment_key: str
    with_url: bool

    def as_text(self) -> str:
        """For the launch's row."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> "Wanted":
        return cls(**json.loads(text))


def wanted(registration: Registration, claims: Claims) -> Wanted:
    """What a verified request asks for.

    Raises LaunchRefusedError `malformed`, `message_type` where it takes no links, and `target` when the answer would
    go to an origin that is not the platform's (S14).
    """
    settings = claims.get(DL + "deep_linking_settings")
    if not isinstance(settings, dict):
        raise LaunchRefusedError("malformed")
    address, data = settings.get("deep_link_return_url"), settings.get("data")
    if not isinstance(address, str) or not isinstance(data, str | None):
        raise LaunchRefusedError("malformed")
    types = settings.get("accept_types")
    if not isinstance(types, list) or RESOURCE_LINK not in types:
        raise LaunchRefusedError("message_type")
    if not origins.is_of(registration, address):
        raise LaunchRefusedError("target")
    return Wanted(address, data, claims[LTI + "deployment_id"], _family(claims) != "moodle")


def answer(
    session: Session,
    now: datetime,
    registration: Registration,
    asked: Wanted,
    title: str,
    url: str,
    activity: str = "",
) -> str:
    """The signed message that places one link to `url` (Deep Linking 2.0, 4.5). No grade column is asked for (P3).

    `activity` is the key of an activity in this tool that the link opens; without one it opens the course's pages.
    """
    item = {"type": RESOURCE_LINK, "title": title} | ({"url": url} if asked.with_url else {})
    claims: dict[str, Any] = {
        "iss": registration.client_id,  # Moodle refuses an address here
        "aud": registration.issuer,
        "nonce": uuid.uuid4().hex,
        LTI + "version": "1.3.0",
        LTI + "message_type": "LtiDeepLinkingResponse",
        LTI + "deployment_id": asked.deployment_key,
        DL + "content_items": [item | ({"custom": {ACTIVITY: activity}} if activity else {})],
    }
    if asked.data is not None:
        claims[DL + "data"] = asked.data
    return keys.signed(session, now, claims, ANSWER_LIFE)


def _family(claims: Claims) -> str:
    """Which LMS it is (LTI 1.3 core C.2, `product_family_code`)."""
    platform = claims.get(LTI + "tool_platform")
    return str(platform.get("product_family_code", "")) if isinstance(platform, dict) else ""
