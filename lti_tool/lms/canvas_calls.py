"""One read of Canvas's REST API: polite, patient, and paging on the same host only."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from requests.utils import parse_header_links

from lti_tool.lms.canvas_refusals import being_built, refusal, throttled
from lti_tool.lms.errors import CanvasTokenExpiredError, LmsRefusedError, LmsUnavailableError, no_api
from lti_tool.lms.retrying import LMS_BYTES, Patience, patiently
from lti_tool.lms.throttling import Pace, pace_of
from lti_tool.outbound.client import Answer, Client, OutboundFailedError

MOST_PAGES = 500
SLOW = Patience(tries=7, first=2.0, longest=30.0)
"""Pauses of 1, 2, 4, 8, 16 and 30 seconds: past a minute of "slow down", and past the first building of a view."""
STRING_IDS = "application/json+canvas-string-ids, application/json"
DEFAULT_PORTS = {"https": 443, "http": 80}
Parameters = Mapping[str, str | int | list[str]]
Renew = Callable[[str], str]


class CanvasCalls:
    """Reads with the reading account's token in the Authorization header only.

    `renew` is given a token that Canvas takes no longer and returns the one to go on with, or raises; it is asked
    once for a call. Without it an expired token is an error. `pace` is shared by all who read with the token.
    """

    def __init__(
        self,
        client: Client,
        base_url: str,
        token: str,
        *,
        renew: Renew | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._client, self._token, self._renew = client, token, renew
        self._pace = pace or pace_of(token)
        self._own_pace = pace is None
        self.base_url = base_url.rstrip("/")

    def read(self, path: str, parameters: Parameters | None = None) -> Any:
        """The JSON of one address under `/api/v1`; raises LmsUnavailableError or LmsRefusedError."""
        return _json(self._answer(f"{self.base_url}/api/v1{path}", parameters))

    def pages(self, path: str, parameters: Parameters | None = None) -> Iterator[dict[str, Any]]:
        """Every item of a paged list. A page may be short or empty while another follows; only Link tells."""
        url: str | None = f"{self.base_url}/api/v1{path}"
        asked: Parameters | None = {"per_page": 100, **(parameters or {})}
        seen = set[str]()
        while url is not None:
            if url in seen or len(seen) >= MOST_PAGES:
                raise LmsUnavailableError(
                    "A list had no end of pages, so it was not read.", code="canvas_paging"
                )
            seen.add(url)
            answer = self._answer(url, asked)
            rows = _json(answer)
            if not isinstance(rows, list):
                raise no_api(answer.status)
            yield from rows
            url, asked = self._next(answer), None

    def _answer(self, url: str, parameters: Parameters | None) -> Answer:
        try:
            return self._asked(url, parameters)
        except CanvasTokenExpiredError:
            if self._renew is None:
                raise
        self._token = self._renew(self._token)
        if self._own_pace:
            self._pace = pace_of(self._token)
        return self._asked(url, parameters)

    def _asked(self, url: str, parameters: Parameters | None) -> Answer:
        def slower(answer: Answer) -> Patience | None:
            return SLOW if throttled(answer) or being_built(answer, url) else None

        answer = patiently(lambda: self._once(url, parameters), slower, self._pace.sleep)
        if answer.status != 200:
            raise refusal(answer, url)
        return answer

    def _once(self, url: str, parameters: Parameters | None) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": STRING_IDS}
        with self._pace.turn():
            answer = self._client.get(url, headers=headers, params=parameters, most_bytes=LMS_BYTES)
        self._pace.heard(answer.headers)
        return answer

    def _next(self, answer: Answer) -> str | None:
        """The next page's address; LmsRefusedError when it leads to a host that should not see the token."""
        links = parse_header_links(answer.headers.get("Link", ""))
        url = next((str(link["url"]) for link in links if link.get("rel") == "next"), None)
        if url is not None and _origin(url) != _origin(self.base_url):
            raise LmsRefusedError(
                "A list of Canvas continued on another host, so it was not followed.",
                code="canvas_foreign_page",
            )
        return url


def _json(answer: Answer) -> Any:
    try:
        return answer.json()
    except OutboundFailedError:
        raise no_api(answer.status) from None


def _origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, everything before the port, port; a name and password in it make another host."""
    parts = urlsplit(url)
    try:
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "", "", None
    user = parts.netloc.rpartition("@")[0]
    return parts.scheme, f"{user}@{parts.hostname}", port
