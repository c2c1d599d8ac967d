"""Which origins belong to a registered platform: they may frame our pages and get our tokens."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.launch.antiforgery import origin_of
from lti_tool.launch.tables import Registration

PLATFORMS_KEPT = 512
MOST_PLATFORMS = 40
"""So many are named in one header at most: servers in front of us refuse a head of more than 4 or 8 KiB."""


def origins_of(registration: Registration) -> list[str]:
    """Origins of the issuer and the endpoints; Canvas's token address names the school's own host."""
    return list(
        _origins(
            registration.issuer,
            registration.authorization_url,
            registration.token_url,
            registration.keys_url,
        )
    )


@lru_cache(maxsize=PLATFORMS_KEPT)
def _origins(*addresses: str) -> tuple[str, ...]:
    """A launch asks a dozen times."""
    return tuple(dict.fromkeys(origin for address in addresses if (origin := origin_of(address))))


def is_plain(url: str) -> bool:
    """Whether browsers and `urlsplit` read the same host: browsers take a backslash for a slash (S14)."""
    if "\\" in url or any(character <= " " or character == "\x7f" for character in url):
        return False
    try:
        return "@" not in urlsplit(url).netloc
    except ValueError:
        return False


def is_of(registration: Registration, url: str) -> bool:
    """Whether an address lies on a registered origin of this platform, whoever reads it (S14, S19)."""
    try:
        return is_plain(url) and origin_of(url) in origins_of(registration)
    except ValueError:
        return False


def joined(registration: Registration) -> str:
    """The origins as a `frame-ancestors` value (S12)."""
    return " ".join(origins_of(registration))


def of_every_platform(session: Session) -> str:
    """The origins of the active platforms, oldest first, as a `frame-ancestors` value."""
    active = select(Registration).where(Registration.status == "active")
    oldest = session.scalars(active.order_by(Registration.created_at, Registration.id).limit(MOST_PLATFORMS))
    return " ".join(dict.fromkeys(origin for platform in oldest for origin in origins_of(platform)))


def return_url(registration: Registration, claims: dict[str, Any]) -> str | None:
    """Where the verified launch came from, when that lies on a registered origin (S14)."""
    presentation = claims.get("https://purl.imsglobal.org/spec/lti/claim/launch_presentation")
    url = presentation.get("return_url") if isinstance(presentation, dict) else None
    return url if isinstance(url, str) and is_of(registration, url) else None


def with_message(url: str, words: str) -> str:
    """A return address that tells the platform what to show its user (LTI 1.3 core 5.4.4, `lti_errormsg`)."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode({"lti_errormsg": words}))))
    return urlunsplit(parts._replace(query=query))
