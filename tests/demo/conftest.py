"""A campus on a free port, with a clock that tests can move and a tool that only has keys."""

import http.server
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from lti_tool.demo.campus import Campus, CampusSettings, ToolRegistration, campus_of, create_campus, serve

START = datetime(2026, 3, 2, tzinfo=UTC)
TOOL = "http://localhost:9/lti"


@dataclass
class Clock:
    """The campus's time, in days since the first Monday."""

    day: float = 42.5

    def __call__(self) -> datetime:
        return START + timedelta(days=self.day)


@dataclass
class Visit:
    """A running campus and calls to it."""

    campus: Campus
    clock: Clock

    @property
    def url(self) -> str:
        return self.campus.settings.base_url

    def ws(self, name: str, **parameters: Any) -> Any:
        """A Moodle web-service call; `courseids__0` stands for `courseids[0]`."""
        names = {re.sub(r"__(\d+)$", r"[\1]", key): value for key, value in parameters.items()}
        form = {
            "wstoken": self.campus.settings.service_token,
            "wsfunction": name,
            "moodlewsrestformat": "json",
            **names,
        }
        answer = requests.post(f"{self.url}/webservice/rest/server.php", data=form, timeout=10)
        assert answer.status_code == 200
        return answer.json()

    def canvas(self, path: str, token: str | None = None, **parameters: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or self.campus.settings.canvas_token}"}
        return requests.get(f"{self.url}/api/v1{path}", headers=headers, params=parameters, timeout=10)

    def as_person(self, key: str) -> requests.Session:
        session = requests.Session()
        session.post(f"{self.url}/login/{key}", timeout=10).raise_for_status()
        return session


@pytest.fixture
def visit() -> Iterator[Visit]:
    clock = Clock()
    tool = ToolRegistration("sample-tool", f"{TOOL}/login", f"{TOOL}/launch", f"{TOOL}/keys")
    app = create_campus(CampusSettings(tool=tool, environment="test", now=clock, start=START))
    server, thread = serve(app, 0)
    yield Visit(campus_of(app), clock)
    campus_of(app).settings.faults.clear()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tool_key(visit: Visit) -> Iterator[Callable[..., str]]:
    """Signs client assertions; the public key lies at the tool's keys address."""
    key = rsa.generate_private_key(65537, 2048)
    public = {
        **RSAAlgorithm.to_jwk(key.public_key(), as_dict=True),
        "kid": "k1",
        "alg": "RS256",
        "use": "sig",
    }

    class Keys(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": [public]}).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    visit.campus.settings.tool = ToolRegistration(
        "sample-tool", f"{TOOL}/login", f"{TOOL}/launch", f"http://127.0.0.1:{server.server_port}/keys"
    )

    def sign(headers: dict[str, str] | None = None, key: Any = key, **changes: Any) -> str:
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": "sample-tool",
            "sub": "sample-tool",
            "aud": "x",
            "iat": now - 5,
            "exp": now + 60,
            "jti": "1",
        }
        headers = {"kid": "k1"} if headers is None else headers
        return jwt.encode({**claims, **changes}, key, algorithm="RS256", headers=headers)

    yield sign
    server.shutdown()
    server.server_close()


@pytest.fixture
def fields() -> Callable[[str], dict[str, str]]:
    """The hidden fields of a page that posts itself, with its address under `action`."""

    def read(page: str) -> dict[str, str]:
        found = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page))
        action = re.search(r'<form id="autopostme" action="([^"]*)"', page)
        return {
            name: unescape(value) for name, value in {**found, "action": action[1] if action else ""}.items()
        }

    return read
