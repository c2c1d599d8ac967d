"""The client: no redirects, no proxies or credentials of the surroundings, bounded time and size (S17)."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

import urllib3
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from lti_tool.outbound.addresses import OutboundFailedError, OutboundRefusedError, Target, target
from lti_tool.outbound.deadlines import Deadline, WatchedHTTP, WatchedHTTPS
from lti_tool.settings import Settings

__all__ = ["Answer", "Client", "OutboundFailedError", "OutboundRefusedError"]

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
"""For the whole call: name, connection, headers and body. Only the look-up of a name cannot be cut short.

A client may be made with a limit of its own.
"""
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
        except (ValueError, RecursionError):  # the latter of thousands of brackets
            raise OutboundFailedError(code="outbound_not_json") from None


class Client:
    """Calls addresses that came from outside, one connection per call, which may last `seconds`."""

    def __init__(self, settings: Settings, seconds: float | None = None) -> None:
        self._listed = settings.outbound_hosts
        self._seconds = seconds
        self._tls = _trusted()

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

    def post_json(
        self,
        url: str,
        value: Any,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """POST a value as JSON; raises as `get` does."""
        kind = {"Content-Type": "application/json"}
        return self._call("POST", url, kind | dict(headers or {}), json.dumps(value).encode(), most_bytes)

    def delete(
        self, url: str, headers: Mapping[str, str] | None = None, most_bytes: int = MOST_BYTES
    ) -> Answer:
        """DELETE; raises as `get` does."""
        return self._call("DELETE", url, dict(headers or {}), None, most_bytes)

    def _call(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, most_bytes: int
    ) -> Answer:
        with Deadline(self._limit()) as deadline:
            place = target(url, self._listed)
            headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Host": _host_header(place)} | headers
            try:
                answer = self._answer(place, method, headers, body, most_bytes, deadline)
            except (HTTPError, OSError):
                raise _failed(deadline) from None
            # A connection shut down between two headers looks like the end of an answer without a body.
            if deadline.passed:
                raise _failed(deadline)
            return answer

    def _answer(
        self,
        place: Target,
        method: str,
        headers: dict[str, str],
        body: bytes | None,
        most_bytes: int,
        deadline: Deadline,
    ) -> Answer:
        with self._pool(place, deadline) as pool:
            response = pool.urlopen(
                method,
                place.path,
                body=body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
            )
            content = _read(response, most_bytes)
            return Answer(response.status, CaseInsensitiveDict(response.headers), content)

    def _limit(self) -> float:
        return self._seconds or READ_SECONDS

    def _pool(self, place: Target, deadline: Deadline) -> urllib3.HTTPConnectionPool:
        """A pool of one connection to the checked address, verified against the host that was asked for."""
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=self._limit())
        if place.scheme == "http":
            return _PlainPool(place.ip, place.port, timeout=timeout, deadline=deadline)
        return _TLSPool(
            place.ip,
            place.port,
            timeout=timeout,
            deadline=deadline,
            ssl_context=self._tls,
            server_hostname=place.host,
            assert_hostname=place.host,
        )


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = WatchedHTTP


class _TLSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = WatchedHTTPS


@cache
def _trusted() -> ssl.SSLContext:
    """The machine's certificate authorities; reading them takes a tenth of a second."""
    return ssl.create_default_context()


def _read(response: urllib3.BaseHTTPResponse, most_bytes: int) -> bytes:
    """Read at most `most_bytes` after decompression."""
    content = bytearray()
    while chunk := response.read1(CHUNK, decode_content=True):
        content += chunk
        if len(content) > most_bytes:
            raise OutboundFailedError(code="outbound_too_large")
    return bytes(content)


def _failed(deadline: Deadline) -> OutboundFailedError:
    return OutboundFailedError(code="outbound_too_slow" if deadline.passed else None)


def _host_header(place: Target) -> str:
    host = f"[{place.host}]" if ":" in place.host else place.host
    default = 443 if place.scheme == "https" else 80
    return host if place.port == default else f"{host}:{place.port}"
