"""Calls to a campus without a network: what the outbound client would send goes straight into the application."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask
from requests.structures import CaseInsensitiveDict

from lti_tool.demo.campus import Campus, CampusSettings, create_campus
from lti_tool.outbound.client import Answer, OutboundFailedError

START = datetime(2026, 3, 2, tzinfo=UTC)
TOKEN = "5ecre7" * 6


@dataclass
class Clock:
    """The campus's time, in days since the first Monday."""

    day: float = 42.5

    def __call__(self) -> datetime:
        return START + timedelta(days=self.day)


@dataclass
class InProcess:
    """Stands in for `Client`. Keeps the addresses called; `before` runs before each call, with its number from 1."""

    app: Flask
    campus: Campus | None = None
    """Put into the application before each call; without it the application keeps the one it was made with."""
    addresses: list[str] = field(default_factory=list)
    before: Callable[[int], None] = lambda number: None

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        most_bytes: int = 0,
    ) -> Answer:
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, doseq=True)
        return self._call("GET", url, dict(headers or {}), b"")

    def post(
        self,
        url: str,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 0,
    ) -> Answer:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._call("POST", url, form | dict(headers or {}), urlencode(data or {}, doseq=True).encode())

    def _call(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        self.addresses.append(url)
        if self.campus is not None:
            self.app.extensions["campus"] = self.campus
        self.before(len(self.addresses))
        address = urlsplit(url)
        answer = self.app.test_client().open(
            f"{address.path}?{address.query}",
            base_url=f"{address.scheme}://{address.netloc}",
            method=method,
            headers=headers,
            data=body,
        )
        content = answer.get_data()
        if int(answer.headers.get("Content-Length", len(content))) != len(content):
            raise OutboundFailedError
        return Answer(answer.status_code, CaseInsensitiveDict(answer.headers), content)


def campus_in_process(clock: Clock) -> tuple[Campus, InProcess]:
    """A campus of its own for one test; its secrets are known and its texts all lie in the past."""
    settings = CampusSettings(environment="test", now=clock, start=START)
    settings.service_token = settings.canvas_token = TOKEN
    campus = Campus(settings)
    return campus, InProcess(_application(), campus)


@cache
def _application() -> Flask:
    """Making keys and routes takes longer than a whole reading, so all campuses share them."""
    return create_campus(CampusSettings(environment="test"))
