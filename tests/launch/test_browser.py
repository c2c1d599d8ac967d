"""The launch in a real browser, inside a course page's frame: cookies kept, and third-party cookies blocked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread

import pytest
from flask import Flask, Response, render_template_string, request
from playwright.sync_api import Page
from sqlalchemy import select, update
from werkzeug.serving import make_server

from lti_tool.launch import registrations
from lti_tool.launch.pages import launch_blueprint
from lti_tool.launch.tables import LaunchSession, Registration
from tests.launch.platform import LTI

pytestmark = pytest.mark.browser


@contextmanager
def serving(application: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()


def course_pages(platform, tool: str) -> Flask:
    """A course page with the tool in a frame, and the authorisation endpoint that posts back to the tool.

    It is opened as 127.0.0.1 while the tool is localhost, so that the tool's cookies are third-party.
    """
    pages = Flask("course")

    @pages.get("/course")
    def course() -> str:
        return "<h1>Course</h1><iframe src='/start' width=900 height=600></iframe>"

    @pages.get("/start")
    def start() -> str:
        fields = {
            "iss": platform.url,
            "login_hint": "5",
            "client_id": "undertone-client",
            "target_link_uri": f"{tool}/lti/launch",
        }
        return form(f"{tool}/lti/login", fields)

    @pages.get("/auth")
    def auth() -> Response | str:
        claims = platform.claims("student", nonce=request.args["nonce"])
        claims[LTI + "target_link_uri"] = f"{tool}/lti/launch"
        return form(
            request.args["redirect_uri"],
            {"id_token": platform.key.sign(claims), "state": request.args["state"]},
        )

    return pages


def form(action: str, fields: dict[str, str]) -> str:
    inputs = "".join(f"<input name='{name}' value='{value}'>" for name, value in fields.items())
    return f"<form method=post action='{action}'>{inputs}</form><script>document.forms[0].submit()</script>"


@pytest.fixture
def course_url(app, settings, database, platform, registration) -> Iterator[str]:
    """The tool and the course pages, running."""
    with serving(app) as tool_port:
        settings.base_url = f"http://localhost:{tool_port}"
        with serving(course_pages(platform, settings.base_url)) as port:
            with database.session() as session:
                row = session.get_one(Registration, registration.id)
                row.authorization_url = f"http://127.0.0.1:{port}/auth"
            yield f"http://127.0.0.1:{port}/course"


def watch(page: Page) -> list[str]:
    """Everything that the browser complains about."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def roles(database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(LaunchSession.role)))


def test_a_partitioned_cookie_carries_a_launch_inside_the_frame(chromium, course_url, database):
    context = chromium.new_context()
    page = context.new_page()
    said = watch(page)
    page.goto(course_url)
    page.frame_locator("iframe").locator("main h1").wait_for()
    page.wait_for_function("() => frames.length === 1")
    for _ in range(50):
        if roles(database):
            break
        page.wait_for_timeout(100)
    assert roles(database) == ["student"]
    frame = page.frames[1]
    frame.wait_for_url("**/l/**")
    assert frame.locator("main h1").count() == 1
    cookies = [cookie for cookie in context.cookies() if cookie["name"].startswith("__Host-")]
    assert all(cookie["secure"] and cookie["httpOnly"] for cookie in cookies)
    assert not [words for words in said if "Content Security Policy" in words], said
    context.close()


def test_a_form_inside_the_frame_is_accepted(chromium, course_url, database, registration):
    """Under `no-referrer` it is sent with `Origin: null`, so the browser's own word counts."""
    with database.session() as session:
        now = datetime.now(UTC)
        registrations.add_operator(
            session, now, registration.institution_id, registration.issuer, registration.client_id, "5"
        )
    context = chromium.new_context()
    page = context.new_page()
    page.goto(course_url)
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Check this connection").click()
    frame.get_by_text("Keys of the platform").wait_for()
    context.close()


WAITING = """{% extends "base.html" %}{% block main %}
<div hx-get="{{ url_for('part.piece') }}" hx-trigger="every 1s">Waiting to start</div>{% endblock %}"""


def test_a_page_that_waits_says_when_its_session_was_ended(chromium, app, course_url, database):
    """The piece that htmx asks for is refused, the page reloads itself, and the words are seen in the frame."""
    part = launch_blueprint("part", __name__, roles=("student",))
    part.get("/waiting", endpoint="waiting")(lambda: render_template_string(WAITING))
    part.get("/piece", endpoint="piece")(lambda: "Waiting to start")
    app.register_blueprint(part)
    app.extensions["undertone_landings"] = {"student": "part.waiting"}
    context = chromium.new_context()
    page = context.new_page()
    page.goto(course_url)
    page.frame_locator("iframe").get_by_text("Waiting to start").wait_for()
    with database.session() as session:
        session.execute(update(LaunchSession).values(ended_at=datetime.now(UTC)))
    page.frame_locator("iframe").get_by_text("closed for your safety").wait_for()
    context.close()


@pytest.fixture
def no_cookies_in_frames(app) -> None:
    """Take cookies off every answer to a frame: what a browser that blocks third-party cookies does with them."""
    inner = app.wsgi_app

    def outer(environ, start_response):
        def start(status, headers, *rest):
            framed = environ.get("HTTP_SEC_FETCH_DEST") == "iframe"
            kept = [(name, value) for name, value in headers if not (framed and name == "Set-Cookie")]
            return start_response(status, kept, *rest)

        return inner(environ, start)

    app.wsgi_app = outer


def test_without_cookies_in_frames_a_new_window_goes_on(chromium, no_cookies_in_frames, course_url, database):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(course_url)
    button = page.frame_locator("iframe").get_by_role("button", name="Open in a new window")
    button.wait_for()
    assert roles(database) == []
    with context.expect_page() as opened:
        button.click()
    opened.value.wait_for_url("**/l/**")
    assert roles(database) == ["student"]
    context.close()
