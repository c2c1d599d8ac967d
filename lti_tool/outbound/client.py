"""The client: no redirects, no proxies or credentials of the surroundings, bounded time and size (S17)."""

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from lti_tool.outbound.addresses import OutboundFailedError, OutboundRefusedError, Target, target
from lti_tool.settings import Settings

__all__ = ["Answer", "Client", "OutboundFailedError", "OutboundRefusedError"]

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
MOST_BYTES = 2 * 1024 * 1024
CHUNK = 64 * 1024
USER_AGENT = "Undertone (LTI tool)"


@dataclass(frozen=True)
class Answer:
    """What came back, whatever its status; `headers` ignore case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON, whatever the content type says (Moodle's token answer is `text/html`)."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise OutboundFailedError(code="outbound_not_json") from None


class Client:
    """Calls addresses that came from outside, one connection per call."""

    def __init__(self, settings: Settings) -> None:
        self._listed = settings.outbound_hosts
        self._tls = ssl.create_default_context()

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """GET; raises OutboundRefusedError (nothing sent) or OutboundFailedError (no usable answer)."""
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, doseq=True)
        return self._call("GET", url, dict(headers or {}), None, most_bytes)

    def post(
        self,
        url: str,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """POST a form; raises as `get` does."""
        body = urlencode(data or {}, doseq=True).encode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._call("POST", url, form | dict(headers or {}), body, most_bytes)

    def _call(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, most_bytes: int
    ) -> Answer:
        place = target(url, self._listed)
        headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Host": _host_header(place)} | headers
        until = time.monotonic() + READ_SECONDS
        try:
            with self._pool(place) as pool:
                response = pool.urlopen(
                    method,
                    place.path,
                    body=body,
                    headers=headers,
                    redirect=False,
                    retries=False,
                    preload_content=False,
                )
                content = _read(response, most_bytes, until)
                return Answer(response.status, CaseInsensitiveDict(response.headers), content)
        except (HTTPError, OSError):
            raise OutboundFailedError from None

    def _pool(self, place: Target) -> urllib3.HTTPConnectionPool:
        """A pool of one connection to the checked address, verified against the host that was asked for."""
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        if place.scheme == "http":
            return urllib3.HTTPConnectionPool(place.ip, place.port, timeout=timeout)
        return urllib3.HTTPSConnectionPool(
            place.ip,
            place.port,
            timeout=timeout,
            ssl_context=self._tls,
            server_hostname=place.host,
            assert_hostname=place.host,
        )


def _read(response: urllib3.BaseHTTPResponse, most_bytes: int, until: float) -> bytes:
    """Read at most `most_bytes` after decompression, and not past `until`: a drip of bytes must not hold us."""
    content = bytearray()
    while chunk := response.read1(CHUNK, decode_content=True):
        content += chunk
        if len(content) > most_bytes:
            raise OutboundFailedError(code="outbound_too_large")
        if time.monotonic() > until:
            raise OutboundFailedError(code="outbound_too_slow")
    return bytes(content)


def _host_header(place: Target) -> str:
    host = f"[{place.host}]" if ":" in place.host else place.host
    default = 443 if place.scheme == "https" else 80
    return host if place.port == default else f"{host}:{place.port}"
