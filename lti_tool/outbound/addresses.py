"""Which addresses may be called: https to public hosts, and what the operator has listed (S17)."""

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from lti_tool.errors import UndertoneError

UNICAST = ip_network("2000::/3")
"""All of IPv6 that is given out; the rest is local, reserved, or an IPv4 address in disguise (RFC 3587, 3)."""
NEVER = (
    ip_network("192.0.0.0/24"),
    ip_network("192.88.99.0/24"),
    ip_network("168.63.129.16/32"),
    ip_network("2002::/16"),
    ip_network("3fff::/20"),
)
"""What `ipaddress` takes for public, in some versions: special-purpose ranges (RFC 6890) with one cloud's metadata
service in them, another's at an address of its own, 6to4 and its relays, and examples (RFC 9637)."""
HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")
"""A name never ends in a number; what does is an IPv4 address in one of its old spellings (RFC 3696, 2)."""
LONGEST = 4096


class OutboundRefusedError(UndertoneError):
    """The address is not one that may be called; nothing was sent."""

    code = "outbound_refused"
    status = 502
    words = "An address that was given to this tool may not be called, so nothing was sent there."


class OutboundFailedError(UndertoneError):
    """No usable answer: unreachable, too slow, too large, or not what it should be."""

    code = "outbound_failed"
    status = 503
    words = "The learning platform did not answer. Nothing was changed; try again in a few minutes."


@dataclass(frozen=True)
class Target:
    """One address to connect to, checked: `ip` is where to connect, `host` what to ask for and verify."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str


def target(url: str, listed: list[str]) -> Target:
    """Resolve once and return the checked address; raise OutboundRefusedError or OutboundFailedError.

    `listed` holds `host:port` entries that may be private and plain http.
    """
    scheme, host, port, path = _parts(url)
    trusted = f"{host}:{port}" in {entry.lower() for entry in listed}
    if not trusted and (scheme != "https" or port != 443):
        raise OutboundRefusedError
    addresses = _resolve(host, port)
    if not trusted and not all(is_public(address) for address in addresses):
        raise OutboundRefusedError
    return Target(scheme, host, port, path, str(addresses[0]))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Neither private, loopback, link-local, shared (CGNAT), multicast, reserved, nor IPv4 hidden in IPv6."""
    if isinstance(address, IPv6Address) and address not in UNICAST:
        return False
    if any(address in network for network in NEVER):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _parts(url: str) -> tuple[str, str, int, str]:
    """Take an address apart, refusing whatever two parsers could read in two ways.

    It is visible ASCII (RFC 3986), and has no fragment, which is never sent.
    """
    if len(url) > LONGEST or "\\" in url or "#" in url or not all("!" <= letter <= "~" for letter in url):
        raise OutboundRefusedError
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise OutboundRefusedError from None
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not _is_host(host):
        raise OutboundRefusedError
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path


def _is_host(host: str) -> bool:
    """An address as `ipaddress` writes it, without a zone, or a name of letters, digits and hyphens."""
    try:
        ip_address(host)
    except ValueError:
        return bool(HOST.fullmatch(host)) and not NUMBER.fullmatch(host)
    return "%" not in host


def _resolve(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        return [ip_address(host)]
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OutboundFailedError from None
    return [ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
