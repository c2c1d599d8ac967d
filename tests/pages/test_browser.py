"""The pages in Debian's Chromium: axe, widths, keys, frames; and nothing that the content policy refuses."""

import json
import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page
from werkzeug.serving import make_server

from tests.pages.course import OpenCourse, open_course

pytestmark = pytest.mark.browser

PAGES = (
    "overview",
    "topics",
    "reflections",
    "forums?week=3",
    "FINDING",
    "FINDING/act",
    "how-it-works",
    "review",
    "review/guide",
    "review/what-happens",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[OpenCourse]:
    """The course behind a real server; `base_url` is known only when the port is, so the server comes first."""
    server = make_server("127.0.0.1", 0, lambda environ, start: application(environ, start), threaded=True)
    opened = open_course(tmp_path_factory.mktemp("served"), base_url=f"http://localhost:{server.port}")
    application = opened.app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield opened
    server.shutdown()
    opened.database.dispose()


def enter(context: BrowserContext, served: OpenCourse) -> tuple[Page, list[str]]:
    """A page within the launch, and the complaints of its console."""
    complaints: list[str] = []
    page = context.new_page()
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{served.settings.base_url}/enter")
    return page, complaints


def address(served: OpenCourse, path: str) -> str:
    return served.settings.base_url + served.address(path)


@pytest.mark.parametrize(
    ("width", "height"), [(320, 400), pytest.param(800, 600, marks=pytest.mark.campaign), (1440, 900)]
)
def test_pages_are_accessible_fit_their_frame_and_obey_the_content_policy(chromium, served, width, height):
    context = chromium.new_context(viewport={"width": width, "height": height})
    page, complaints = enter(context, served)
    axe = Axe()
    for path in PAGES:
        page.goto(address(served, path))
        if page.locator(".chart").count():
            page.wait_for_selector(".chart svg", state="attached")
        found = [(fault["id"], fault["nodes"][0]["html"]) for fault in axe.run(page).response["violations"]]
        assert found == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert complaints == []
    context.close()


def test_controls_are_large_enough_to_hit(chromium, served):
    context = chromium.new_context(viewport={"width": 400, "height": 800})
    page, _ = enter(context, served)
    small = """[...document.querySelectorAll("button, select, .btn, .choice, .tabs a, summary")]
        .map(node => [node.textContent.trim(), node.getBoundingClientRect().height])
        .filter(([, height]) => height > 0 && height < 36)"""
    for path in PAGES:
        page.goto(address(served, path))
        assert page.evaluate(small) == [], path
    context.close()


def test_the_estimate_note_is_in_view_without_scrolling(chromium, served):
    context = chromium.new_context(viewport={"width": 320, "height": 400})
    page, _ = enter(context, served)
    for path in ("overview", "reflections", "topics", "review"):
        page.goto(address(served, path))
        box = page.locator(".estimate-note").bounding_box()
        assert box["y"] + 40 <= 400, path
    context.close()


def test_the_chart_is_drawn_without_colour_alone_and_the_table_opens(chromium, served):
    context = chromium.new_context(viewport={"width": 1000, "height": 800})
    page, _ = enter(context, served)
    page.goto(address(served, "overview"))
    page.wait_for_selector(".chart svg path", state="attached")
    drawn = page.locator(".chart svg")
    names = [line["name"] for line in json.loads(page.get_attribute(".chart", "data-chart"))["series"]]
    for name in names:
        assert drawn.locator(f"text:has-text('{name}')").count() == 1
    assert drawn.locator("path[stroke-dasharray]").count() >= 1
    page.click("text=Show as table")
    assert page.locator(".table-twin tbody tr").count() == 3
    context.close()


def test_a_text_is_corrected_by_keys_alone(chromium, served):
    context = chromium.new_context()
    page, complaints = enter(context, served)
    page.goto(address(served, "review"))
    for key in "0e5":
        page.keyboard.press(key)
    checked = "[...document.querySelectorAll('#answer :checked')].map(node => node.value)"
    assert page.evaluate(checked) == ["positive", "engagement", "enthusiasm"]
    page.keyboard.press("?")
    assert page.evaluate("document.getElementById('guide').open")
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    assert page.evaluate(checked) == ["positive", "engagement", "enthusiasm"]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "corrected by a person" in page.inner_text(".notice")
    assert "enthusiastic" in page.inner_text(".notice")
    with page.expect_navigation():
        page.keyboard.press("s")
    assert "Nobody can tell" in page.inner_text(".notice")
    for _ in range(2):
        with page.expect_navigation():
            page.keyboard.press("u")
        assert "Taken back." in page.inner_text(".notice")
    assert page.locator("[data-key=u]").count() == 0
    assert complaints == []
    context.close()


def test_keys_can_be_switched_off_and_stay_off(chromium, served):
    context = chromium.new_context()
    page, _ = enter(context, served)
    page.goto(address(served, "review"))
    before = page.evaluate("[...document.querySelectorAll('#answer :checked')].length")
    page.click("text=Keyboard shortcuts")
    page.reload()
    for key in ("1", "2", "3", "s"):
        page.keyboard.press(key)
    assert page.evaluate("[...document.querySelectorAll('#answer :checked')].length") == before
    assert page.url == address(served, "review")
    context.close()


def test_without_scripts_a_text_is_corrected_and_the_guide_is_a_page(chromium, served):
    context = chromium.new_context(java_script_enabled=False)
    page, _ = enter(context, served)
    page.goto(address(served, "review"))
    page.check("input[value=positive]")
    with page.expect_navigation():
        page.click("#save")
    assert "Saved." in page.inner_text(".notice")
    with page.expect_navigation():
        page.click("text=Undo")
    assert "Taken back." in page.inner_text(".notice")
    page.click("text=what each label means")
    assert page.inner_text("h1") == "What each label means"
    context.close()


def test_the_frame_is_told_its_height_once_things_are_quiet(chromium, served):
    """Several changes in one go make one message; a parent that never answers gets the other form too."""
    context = chromium.new_context()
    page, _ = enter(context, served)
    messages: list[str] = []
    page.expose_function("heard", lambda message: messages.append(message))
    page.goto(f"{served.settings.base_url}/health/live")
    page.evaluate(
        """src => {
            addEventListener("message", event => heard(JSON.stringify(event.data)));
            const frame = document.createElement("iframe");
            frame.srcdoc = `<!doctype html><body><p>short</p><script src="${src}"></` + `script></body>`;
            document.body.append(frame);
        }""",
        f"{served.settings.base_url}/static/js/frame.js",
    )
    page.wait_for_timeout(1200)
    told = [json.loads(message) for message in messages]
    assert told[0]["subject"] == "lti.frameResize"
    assert told[0]["height"] > 0
    assert sum(isinstance(message, dict) for message in told) == 1
    assert json.loads(told[1]) == told[0]
    context.close()


@pytest.mark.parametrize("direction", ["rtl"])
def test_a_right_to_left_page_fits_and_begins_on_the_right(chromium, served, direction):
    context = chromium.new_context(viewport={"width": 400, "height": 800})
    page, _ = enter(context, served)
    page.goto(address(served, "overview"))
    page.evaluate("direction => { document.dir = direction }", direction)
    heading = page.locator("h1").bounding_box()
    assert heading["x"] + heading["width"] > 380
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    context.close()


def test_colours_set_by_the_reader_keep_the_chart_and_the_choices(chromium, served):
    context = chromium.new_context(forced_colors="active", reduced_motion="reduce")
    page, complaints = enter(context, served)
    page.goto(address(served, "overview"))
    page.wait_for_selector(".chart svg text", state="attached")
    colour = page.evaluate("document.querySelector('.chart svg text').getAttribute('fill')")
    assert colour.lower() not in ("#4a5666", "rgb(74,86,102)", "rgb(74, 86, 102)")
    page.goto(address(served, "review"))
    outline = (
        "getComputedStyle(document.querySelector('.choice:has(:checked)') ?? document.body).outlineStyle"
    )
    assert page.evaluate(outline) in ("solid", "none")
    assert complaints == []
    context.close()
