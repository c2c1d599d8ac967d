"""The application served to a real browser: its address, a person's page in it, and what every page must hold to."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from lti_tool.launch import sessions
from lti_tool.launch.tables import LaunchSession
from lti_tool.settings import Settings
from lti_tool.storage import Database

WIDTHS = (1280, 320)


@pytest.fixture
def address(app: Flask, settings: Settings) -> Iterator[str]:
    """The application on a free port of this machine; its own address is the one that forms must come from."""
    server = make_server("localhost", 0, app, threaded=True)
    settings.base_url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield settings.base_url
    server.shutdown()
    thread.join()


def opened(
    chromium: Browser,
    database: Database,
    address: str,
    person: Any,
    path: str,
    width: int = 1280,
    scripts: bool = True,
) -> Page:
    """A page of the person's launch, whose secret is replaced by one that we know."""
    secret = sessions.new_secret()
    with database.session() as session:
        session.get_one(LaunchSession, person.launch_id).secret_hash = sessions.digest(secret)
    context = chromium.new_context(viewport={"width": width, "height": 400}, java_script_enabled=scripts)
    name = sessions.cookie_name(person.launch_id)
    secure = address.replace("http:", "https:")
    context.add_cookies([{"name": name, "value": secret, "url": secure, "secure": True}])
    page = context.new_page()
    answer = page.goto(f"{address}/l/{person.launch_id}/{path}")
    assert answer is not None
    assert answer.status == 200
    return page


def check(page: Page) -> None:
    """No axe violation, and no scrolling sideways (U1, U40)."""
    found = Axe().run(page).response["violations"]
    assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    assert page.viewport_size is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
