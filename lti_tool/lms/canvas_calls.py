"""One read of Canvas's REST API: paging on the same host only, and what its refusals mean in words."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from requests.utils import parse_header_links

from lti_tool.lms.errors import LmsRefusedError, LmsUnavailableError, no_api
from lti_tool.lms.retrying import LMS_BYTES, patiently
from lti_tool.outbound.client import Answer, Client, OutboundFailedError

MOST_PAGES = 500
THROTTLED = b"Rate Limit Exceeded"
STRING_IDS = "application/json+canvas-string-ids, application/json"
Parameters = Mapping[str, str | int | list[str]]


class CanvasCalls:
    """Reads with the service account's token in the Authorization header only."""

    def __init__(self, client: Client, base_url: str, token: str) -> None:
        self._client, self._token = client, token
        self.base_url = base_url.rstrip("/")

    def read(self, path: str, parameters: Parameters | None = None) -> Any:
        """The JSON of one address under `/api/v1`; raises LmsUnavailableError or LmsRefusedError."""
        return self._body(self._answer(f"{self.base_url}/api/v1{path}", parameters))

    def pages(self, path: str, parameters: Parameters | None = None) -> Iterator[dict[str, Any]]:
        """Every item of a paged list. A page may be short or empty while another follows; only Link tells."""
        url: str | None = f"{self.base_url}/api/v1{path}"
        asked: Parameters | None = {"per_page": 100, **(parameters or {})}
        for _ in range(MOST_PAGES):
            answer = self._answer(str(url), asked)
            yield from self._body(answer)
            url, asked = self._next(answer), None
            if url is None:
                return
        raise LmsUnavailableError("A list had no end of pages, so it was not read.")

    def _answer(self, url: str, parameters: Parameters | None) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": STRING_IDS}
        return patiently(
            lambda: self._client.get(url, headers=headers, params=parameters, most_bytes=LMS_BYTES),
            _throttled,
        )

    def _body(self, answer: Answer) -> Any:
        if answer.status in (401, 403):
            raise refusal(answer)
        if answer.status != 200:
            raise no_api(answer.status)
        try:
            return answer.json()
        except OutboundFailedError:
            raise no_api(answer.status) from None

    def _next(self, answer: Answer) -> str | None:
        """The next page's address; LmsRefusedError when it leads to a host that should not see the token."""
        links = parse_header_links(answer.headers.get("Link", ""))
        url = next((str(link["url"]) for link in links if link.get("rel") == "next"), None)
        if url is not None and _origin(url) != _origin(self.base_url):
            raise LmsRefusedError("A list of Canvas continued on another host, so it was not followed.")
        return url


def refusal(answer: Answer) -> LmsRefusedError:
    """What a 401 or 403 means, by header and status first: messages may be translated."""
    if answer.status == 401 and "WWW-Authenticate" in answer.headers:
        return LmsRefusedError(
            "Canvas does not know the reading account's token: it is expired or revoked. Make a new one.",
            code="canvas_token",
        )
    if b"Insufficient scopes" in answer.body:
        return LmsRefusedError(
            "The developer key lacks a scope. Add the scopes of the set-up guide and authorise again.",
            code="canvas_scopes",
        )
    if b"valid user agent" in answer.body:
        return LmsRefusedError("Canvas refused a call without a User-Agent.", code="canvas_user_agent")
    return LmsRefusedError(
        "The reading account may not read this in Canvas. It needs to be a teacher of the course, or "
        "have the same rights to view discussions and submissions.",
        code="canvas_missing_right",
    )


def _throttled(answer: Answer) -> bool:
    """The older form of "slow down": 403 with a phrase."""
    return answer.status == 403 and THROTTLED in answer.body


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
