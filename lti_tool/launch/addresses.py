"""Addresses that somebody types in: https, in one reading only (S17)."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from lti_tool.errors import FieldError
from lti_tool.outbound.addresses import is_public

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def require_address(
    field: str, name: str, url: str, plain_http_hosts: Sequence[str] = (), *, is_root: bool = False
) -> None:
    """Raise FieldError unless `url` is https with a host, or plain http where that is allowed.

    `is_root`: other paths are put behind it, so it ends with its own.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        parts, host, port = urlsplit(""), None, 0
    if not host or parts.scheme not in ("http", "https") or not _is_visible(url):
        raise FieldError(f"The {name} must be a web address such as https://lms.example.", field)
    if "@" in parts.netloc or "#" in url or (is_root and "?" in url):
        more = ", no # and no question mark." if is_root else " and no #."
        raise FieldError(f"The {name} must be an address alone, with no user name{more}", field)
    if parts.scheme == "https" and (not _is_callable(host) or parts.port not in (None, 443)):
        raise FieldError(
            f"The {name} must lie on a public host and on port 443: this tool calls no other.", field
        )
    listed = host in LOOPBACK or f"{host}:{port}" in {entry.lower() for entry in plain_http_hosts}
    if parts.scheme == "http" and not listed:
        raise FieldError(
            f"The {name} must begin with https. Plain http is for this machine and for hosts that "
            "UNDERTONE_OUTBOUND_HOSTS names.",
            field,
        )


def hosts_of(*addresses: str) -> list[str]:
    """Each host once, in order, with its port where it names one."""
    return list(dict.fromkeys(urlsplit(address).netloc for address in addresses))


def one_line(field: str, name: str, value: str) -> str:
    """The value without blanks around it; raises FieldError when nothing or no plain line is left."""
    value = value.strip()
    if len(value.splitlines()) != 1:
        raise FieldError(f"The {name} must be filled in, on one line. Nothing was changed.", field)
    return value


def _is_callable(host: str) -> bool:
    """Names are looked up when they are called; an address is known to be private now."""
    try:
        return is_public(ip_address(host))
    except ValueError:
        return host != "localhost"


def _is_visible(url: str) -> bool:
    """Only what two programs read in one way: visible ASCII without the backslash."""
    return all("!" <= letter <= "~" and letter != "\\" for letter in url)
