"""Pictures of connecting a platform, from the one-time link to the administrator's code, for the walk-throughs in docs.

The tool stands at https://undertone.example.edu for the browser, which is led to this machine; what the platforms say
of themselves is what a Moodle and a Canvas were recorded to say.
"""

import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import trustme
from flask import Flask
from playwright.sync_api import Page, Playwright
from werkzeug.serving import make_server

from lti_tool.app import create_app
from lti_tool.launch import institutions, invites, views_registering
from lti_tool.outbound.client import Answer
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, use_keyring
from lti_tool.storage.migrate import migrate
from tests.launch.registering_platform import recorded

HOST = "undertone.example.edu"
Take = Callable[[Page, str], None]


def connecting_pictures(playwright: Playwright, chromium: str, take: Take) -> None:
    """Walk through it once with each platform and `take` each page by name."""
    for platform, walk in (("moodle", _moodle), ("canvas", _canvas)):
        views_registering.Client = lambda _settings, of=platform: Recorded(of)  # type: ignore[misc,assignment]
        with _tool() as (port, link):
            arguments = [
                f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{port}",
                "--disable-background-networking",
            ]
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
            page = browser.new_context(ignore_https_errors=True).new_page()
            page.goto(link)
            walk(page, take)
            browser.close()


class Recorded:
    """Answers for the platform that registers the tool."""

    def __init__(self, family: str) -> None:
        said = json.dumps(recorded(f"{family}_configuration"))
        self.said = said.replace("moodle.example", "moodle.example.edu").encode()

    def get(self, _address: str, **_: Any) -> Answer:
        return Answer(200, {}, self.said)

    def post_json(self, _address: str, asked: dict[str, Any], **_: Any) -> Answer:
        return Answer(200, {}, json.dumps(asked | {"client_id": "10000000000042"}).encode())


def _moodle(page: Page, take: Take) -> None:
    take(page, "connect-link")
    _press(page, "Open the administrator's pages")
    take(page, "connect-nothing-yet")
    page.get_by_role("link", name="Connect a Moodle").click()
    _press(page, "Make a registration address")
    take(page, "connect-moodle")
    _register(
        page, take, "connect-registering", "https://moodle.example.edu/mod/lti/openid-configuration.php"
    )
    take(page, "connect-approving")
    page.get_by_label("Patterns of the class only").check()
    page.get_by_label("Who decided", exact=True).fill("Data protection officer")
    page.get_by_label("Why").fill("Pilot in three courses, minutes of 3 March")
    page.get_by_label("It works from its first sign-in on").check()
    _press(page, "Approve: people can sign in")
    page.get_by_text("Set it up").click()
    take(page, "connect-reading-account")
    page.get_by_role("link", name="Connection").first.click()
    _press(page, "Make a code for one person")
    take(page, "connect-code")


def _canvas(page: Page, take: Take) -> None:
    _press(page, "Open the administrator's pages")
    page.get_by_role("link", name="Connect a Canvas").click()
    take(page, "connect-canvas")
    _press(page, "Make a registration address")
    _register(
        page,
        take,
        "connect-canvas-registering",
        "https://northfield.example.edu/api/lti/security/openid-configuration",
    )
    take(page, "connect-canvas-approving")


def _register(page: Page, take: Take, name: str, configuration: str) -> None:
    """What the platform opens with the address of the page; afterwards the page shows what waits for approval."""
    address = page.get_by_label("Registration address").input_value()
    dialogue = page.context.new_page()
    asked = {"openid_configuration": configuration, "registration_token": "recorded"}
    dialogue.goto(f"{address}&{urlencode(asked)}")
    take(dialogue, name)
    _press(dialogue, "Register the tool")
    dialogue.close()
    page.get_by_role("link", name="Connection").first.click()
    page.get_by_role("link", name="Look at it and approve").click()


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
    page.wait_for_load_state()


@contextmanager
def _tool() -> Iterator[tuple[int, str]]:
    """The tool over TLS with an institution and nothing else: its port and the one-time link."""
    keyring = Keyring.generate()
    use_keyring(keyring)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(environment="test", home=Path(folder), base_url=f"https://{HOST}")
        database = Database(settings.database)
        migrate(database)
        with _serving(create_app(settings, database, keyring)) as port:
            now = datetime.now(UTC)
            with database.session() as session:
                owner = institutions.found(session, now, "Northfield College")
                secret = invites.make(session, now, owner.id, "administration", None)
            yield port, f"{settings.base_url}/lti/administer#{secret}"
        database.dispose()


@contextmanager
def _serving(application: Flask) -> Iterator[int]:
    certificate = trustme.CA().issue_cert(HOST)
    with tempfile.TemporaryDirectory() as folder:
        pem = Path(folder) / "tool.pem"
        certificate.private_key_and_cert_chain_pem.write_to_path(str(pem))
        server = make_server("127.0.0.1", 0, application, threaded=True, ssl_context=(str(pem), str(pem)))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()
