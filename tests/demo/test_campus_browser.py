"""The campus in a real browser: no barrier that axe finds, nothing wider than a phone, and a launch in the frame."""

import http.server
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe

from lti_tool.demo.campus import ToolRegistration
from tests.demo.test_campus_moodle import place

pytestmark = pytest.mark.browser


@pytest.fixture
def posted_to_tool(visit) -> Iterator[list[dict[str, list[str]]]]:
    """A tool that redirects a login to the platform and keeps what is posted to its launch address."""
    kept: list[dict[str, list[str]]] = []

    class Tool(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            if self.path == "/login":
                self.send_response(302)
                self.send_header("Location", authentication_url(visit, form))
            else:
                kept.append(form)
                self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Tool</title><p id='ready'>Launched</p>")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tool)
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    root = f"http://localhost:{server.server_port}"
    visit.campus.settings.tool = ToolRegistration(
        "sample-tool", f"{root}/login", f"{root}/launch", f"{root}/keys"
    )
    yield kept
    server.shutdown()
    server.server_close()


def authentication_url(visit, form: dict[str, list[str]]) -> str:
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": form["client_id"][0],
        "redirect_uri": visit.campus.settings.tool.launch_url,
        "login_hint": form["login_hint"][0],
        "lti_message_hint": form["lti_message_hint"][0],
        "state": "S",
        "nonce": "N",
    }
    return f"{visit.url}/mod/lti/auth.php?{urlencode(query)}"


@pytest.mark.parametrize("width", [400, 1280])
def test_pages_have_no_barriers_and_fit(visit, chromium, width):
    own = place(visit, "a2")
    paths = [
        "/",
        "/course/view.php?id=2",
        "/mod/forum/view.php?id=4",
        f"/mod/forum/discuss.php?d={place(visit, 'd12')[1]}",
        f"/mod/forum/post.php?edit={own[2]}",
        "/mod/assign/view.php?id=12",
    ]
    context = chromium.new_context(viewport={"width": width, "height": 900})
    context.add_cookies([{"name": "campus_user", "value": "will", "url": visit.url}])
    page = context.new_page()
    for path in paths:
        page.goto(visit.url + path)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), path
    context.close()


def test_a_launch_posts_itself_into_the_frame_and_into_a_window(visit, chromium, posted_to_tool):
    context = chromium.new_context()
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(visit.url)
    page.get_by_role("button", name="Log in as Robin").click()
    page.get_by_role("link", name="Open Undertone").click()
    page.frame_locator("#contentframe").locator("#ready").wait_for()
    with context.expect_page() as opened:
        page.get_by_role("link", name="Open in a new window").click()
    opened.value.locator("#ready").wait_for()
    assert [set(form) for form in posted_to_tool] == [{"id_token", "state"}] * 2
    assert refused == []
    context.close()
