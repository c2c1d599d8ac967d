"""Which addresses may be called: https to public hosts, and what the operator has listed (S17)."""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from lti_tool.errors import UndertoneError

CARRIES_IPV4 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("2002::/16"))
"""NAT64 and 6to4 ranges: an IPv4 address hides in them."""


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
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in CARRIES_IPV4):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _parts(url: str) -> tuple[str, str, int, str]:
    """Take an address apart, refusing whatever two parsers could read in two ways."""
    if len(url) > 4096 or "\\" in url or any(character <= " " or character == "\x7f" for character in url):
        raise OutboundRefusedError
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise OutboundRefusedError from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise OutboundRefusedError
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname.lower(), port or (443 if parts.scheme == "https" else 80), path


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
