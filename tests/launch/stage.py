"""A tool and a platform on loopback ports, and browsers that speak real HTTP with them."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import requests
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from lti_tool.app import create_app
from lti_tool.audit.tables import AuditEvent
from lti_tool.launch import registrations
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring
from tests.launch.platform import (
    CLIENT_ID,
    DECIDED,
    LTI,
    Platform,
    authorisation,
    facts_of,
    running_platform,
)

SECONDS = 30


class Browser:
    """Keeps cookies, Secure ones too although loopback is plain http, and follows nothing by itself."""

    def __init__(self, url: str) -> None:
        self.url, self.kept = url, dict[str, str]()

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any
    ) -> requests.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self.kept.items())
        sent = ({"Cookie": cookies} if cookies else {}) | (headers or {})
        options |= {"allow_redirects": False, "timeout": SECONDS}
        answer = requests.request(method, self.url + path, headers=sent, **options)
        for given in answer.raw.headers.getlist("Set-Cookie"):
            name, _, value = given.partition(";")[0].partition("=")
            self.kept[name] = value
        return answer


@dataclass
class Stage:
    """The tool at `url` with a registered platform; `role` is who launches."""

    url: str
    platform: Platform
    database: Database
    settings: Settings
    app: Flask
    role: str = "student"
    stack: ExitStack = field(default_factory=ExitStack)
    """What a row changes is put back when this is closed."""

    @property
    def target(self) -> str:
        return f"{self.url}/lti/launch"

    def browser(self) -> Browser:
        return Browser(self.url)

    def asking(self, **changes: str) -> dict[str, str]:
        """The fields of a good login request."""
        return {
            "iss": self.platform.url,
            "login_hint": "5",
            "target_link_uri": self.target,
            "lti_message_hint": '{"cmid":10}',
            "client_id": CLIENT_ID,
        } | changes

    def log_in(self, browser: Browser, **changes: str) -> dict[str, str]:
        """Login, cookie check, redirect: what reaches the platform's authorisation endpoint."""
        page = browser.ask("POST", "/lti/login", data=self.asking(**changes))
        found = re.search(r'name="attempt" value="([0-9a-f]+)"', page.text)
        assert found, page.text
        answer = browser.ask(
            "POST", "/lti/continue", data={"attempt": found[1]}, headers={"Origin": self.url}
        )
        return authorisation(answer.headers["Location"])

    def claims(self, asked: dict[str, str], **changes: Any) -> dict[str, Any]:
        """The claims of a good launch that answers `asked`."""
        good = {"nonce": asked["nonce"], LTI + "target_link_uri": self.target}
        return self.platform.claims(self.role, **(good | changes))

    def refusal(self) -> AuditEvent:
        """The refusal that was logged last."""
        with self.database.reading() as session:
            refusals = select(AuditEvent).where(AuditEvent.event == "launch_refused")
            found = session.scalars(refusals.order_by(AuditEvent.at.desc())).first()
        assert found is not None, "no refusal was logged"
        return found

    def launch(self, browser: Browser, asked: dict[str, str], token: str, **fields: str) -> requests.Response:
        """The platform's form post."""
        return browser.ask("POST", "/lti/launch", data={"id_token": token, "state": asked["state"]} | fields)


@contextmanager
def running_stage(keyring: Keyring, migrated: Path) -> Iterator[Stage]:
    """Serve both until the block ends."""
    with tempfile.TemporaryDirectory() as folder, running_platform() as platform:
        made: list[Flask] = []
        server = make_server("127.0.0.1", 0, lambda *call: made[0].wsgi_app(*call), threaded=True)
        url = f"http://localhost:{server.server_port}"
        listed = [platform.url.removeprefix("http://")]
        settings = Settings(environment="test", home=Path(folder), base_url=url, outbound_hosts=listed)
        shutil.copy(migrated, settings.home / "undertone.db")
        database = Database(settings.database)
        made.append(create_app(settings, database, keyring))
        with database.session() as session:
            registrations.add(session, datetime.now(UTC), "Northfield", facts_of(platform.url), DECIDED)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield Stage(url, platform, database, settings, made[0])
        finally:
            server.shutdown()
            thread.join()
            database.dispose()
