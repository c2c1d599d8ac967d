"""Fixtures for every test that needs the application: database, settings, platform, signed-in people."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.app import create_app
from lti_tool.launch import operators, registrations
from lti_tool.launch.tables import Registration
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, use_keyring
from lti_tool.storage.migrate import migrate
from tests.launch.platform import DECIDED, TARGET, Platform, authorisation, facts_of, running_platform

BASE_URL = "http://localhost"
HIDDEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring.generate()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A test installation in a folder of its own; `platform` adds its port to `outbound_hosts`."""
    return Settings(environment="test", home=tmp_path, base_url=BASE_URL, help_contacts="Help: 555 0100")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the newest schema, to copy."""
    path = tmp_path_factory.mktemp("migrated") / "undertone.db"
    opened = Database(f"sqlite:///{path}")
    migrate(opened)
    opened.dispose()  # the last connection to close moves everything into the one file
    return path


@pytest.fixture
def database(settings: Settings, keyring: Keyring, migrated_file: Path) -> Iterator[Database]:
    """A migrated SQLite file."""
    use_keyring(keyring)
    shutil.copy(migrated_file, settings.home / "undertone.db")
    opened = Database(settings.database)
    yield opened
    opened.dispose()


@pytest.fixture
def platform(settings: Settings) -> Iterator[Platform]:
    """A platform on loopback that the tool may call."""
    with running_platform() as running:
        settings.outbound_hosts.append(running.url.removeprefix("http://"))
        yield running


@pytest.fixture
def registration(database: Database, platform: Platform) -> Registration:
    """The platform, registered and active, in an institution that shows individuals."""
    now = datetime.now(UTC)
    with database.session() as session:
        return registrations.add(
            session,
            now,
            "Northfield College",
            facts_of(platform.url),
            DECIDED,
            help_contacts="Help: 555 0100",
        )


@pytest.fixture
def app(settings: Settings, database: Database, keyring: Keyring) -> Flask:
    application = create_app(settings, database, keyring)
    application.testing = False  # errors become pages, as they do for people
    return application


@dataclass
class SignedIn:
    """A person's browser after a launch, with the addresses of that launch filled in."""

    client: FlaskClient
    launch_id: str
    landing: str
    response: TestResponse
    """The answer to the platform's post: a redirect to the landing page."""

    def address(self, path: str) -> str:
        return path if path.startswith("/") else f"/l/{self.launch_id}/{path}"

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(self.address(path), **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Post as a page of this launch would: with its anti-forgery token and our origin.

        A choice is made on the page that was opened for it: a Yes to what was never shown counts for nothing.
        """
        if path == "choices":
            self.get("student")
        headers = {"Origin": BASE_URL} | options.pop("headers", {})
        fields = {"csrf_token": self.token()} | (data or {})
        return self.client.post(self.address(path), data=fields, headers=headers, **options)

    def token(self) -> str:
        """The anti-forgery token of this launch."""
        from lti_tool.launch import antiforgery

        with self.client.application.app_context():
            return antiforgery.token(self.launch_id)


def log_in(client: FlaskClient, platform: Platform, **changes: str) -> dict[str, str]:
    """Login, cookie check, redirect: the parameters that reach the platform's authorisation endpoint."""
    asked = {
        "iss": platform.url,
        "login_hint": "5",
        "target_link_uri": TARGET,
        "lti_message_hint": '{"cmid":10,"launchid":"1"}',
        "client_id": platform.facts()["client_id"],
        "lti_deployment_id": "1",
    } | changes
    page = client.post("/lti/login", data={name: value for name, value in asked.items() if value})
    assert page.status_code == 200, page.text
    found = re.search(r'name="attempt" value="([0-9a-f]+)"', page.text)
    assert found, page.text
    answer = client.post("/lti/continue", data={"attempt": found[1]}, headers={"Origin": BASE_URL})
    assert answer.status_code == 303, answer.text
    return authorisation(answer.headers["Location"])


def launch(client: FlaskClient, asked: dict[str, str], token: str, **fields: str) -> TestResponse:
    """The platform's form post."""
    return client.post("/lti/launch", data={"id_token": token, "state": asked["state"]} | fields)


SignIn = Callable[..., SignedIn]


@pytest.fixture
def sign_in(app: Flask, database: Database, platform: Platform, registration: Registration) -> SignIn:
    """`sign_in(role, sub, course, **claims)`: the real exchange in a fresh browser (or in `client`).

    `role` is instructor, student, administrator (listed by the operator) or a role URI.
    """

    def sign(
        role: str = "student",
        sub: str = "5",
        course: str = "2",
        *,
        client: FlaskClient | None = None,
        **claims: Any,
    ) -> SignedIn:
        if role == "administrator":
            with database.session() as session:
                now, client_id = datetime.now(UTC), registration.client_id
                operators.add(session, now, registration.institution_id, platform.url, client_id, sub)
        browser = client or app.test_client()
        asked = log_in(browser, platform)
        said = platform.claims(role, sub, course, **({"nonce": asked["nonce"]} | claims))
        token = platform.key.sign({name: value for name, value in said.items() if value is not None})
        response = launch(browser, asked, token)
        assert response.status_code == 303, response.text
        landing = response.headers["Location"]
        return SignedIn(browser, landing.split("/")[2], landing, response)

    return sign
