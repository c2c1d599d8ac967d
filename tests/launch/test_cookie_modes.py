"""From a course page on another site to the first page, in a browser that allows all, partitioned or no cookies."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import render_template_string
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Playwright, expect, sync_playwright
from sqlalchemy import select, update

from lti_tool.launch import sessions
from lti_tool.launch.pages import launch_blueprint
from lti_tool.launch.tables import LaunchSession
from lti_tool.storage import Keyring
from tests.launch.stage import Stage
from tests.launch.two_sites import LMS, TOOL, Sites, browser_in_mode, running_sites
from tests.served import WIDTHS, check

pytestmark = [pytest.mark.browser, pytest.mark.long]

FRAMED = ("allowed", "partitioned")
WINDOW = "none in frames"
OPENING = (*FRAMED, WINDOW)
PROBED = {
    "allowed": "partitioned plain storage",
    "partitioned": "partitioned",
    "none in frames": "",
    "none at all": "",
}
ASKED = "May this tool read what you write in Ecology {}?"
HEADINGS = {"student": ASKED.format(2), "instructor": "Ecology 2"}
DECLINE = "No thanks"
WAIT = 15_000


@pytest.fixture(scope="module")
def both(keyring: Keyring, migrated_file: Path) -> Iterator[Sites]:
    with running_sites(keyring, migrated_file) as sites:
        _add_waiting_page(sites)
        yield sites


@pytest.fixture(scope="module")
def stages(both: Sites) -> Stage:
    return both.stage


@pytest.fixture
def sites(both: Sites, stage: Stage) -> Sites:
    both.hints.clear()
    return both


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(
    playwright: Playwright, chromium_path: str, tmp_path_factory: pytest.TempPathFactory, request: Any
) -> Iterator[tuple[str, Browser]]:
    """One for all tests in a mode."""
    profile = tmp_path_factory.mktemp("profile")
    with browser_in_mode(playwright, chromium_path, profile, request.param) as running:
        yield request.param, running


@dataclass
class Visit:
    """A person's browser without a cookie so far, and what it said on its console."""

    mode: str
    sites: Sites
    context: BrowserContext
    said: list[str] = field(default_factory=list)

    def course(self, role: str, course: str = "2", **options: Any) -> Page:
        page = self.context.new_page()
        page.goto(self.sites.course(role, course), **options)
        return page

    def arrive(self, role: str) -> Frame:
        return self.landing(self.course(role))

    def landing(self, page: Page) -> Frame:
        """The tool's first page: in the frame of the course page, or in the window offered there."""
        page.bring_to_front()  # a press in a page behind another one is lost at times
        frame = tool_frame(page) if self.mode in FRAMED else self.window(page).main_frame
        frame.wait_for_url("**/l/**")
        return frame

    def window(self, page: Page) -> Page:
        with self.context.expect_page() as opened:
            tool_frame(page).get_by_role("button", name="Open in a new window").click()
        return opened.value


@pytest.fixture
def visit(browser: tuple[str, Browser], sites: Sites) -> Iterator[Visit]:
    """No page that was seen may have broken its own Content-Security-Policy (S12)."""
    mode, running = browser
    context = running.new_context(ignore_https_errors=True)
    context.set_default_timeout(WAIT)
    made = Visit(mode, sites, context)
    context.on("console", lambda message: made.said.append(message.text))
    yield made
    context.close()
    assert [words for words in made.said if "Content Security Policy" in words] == []


def tool_frame(page: Page) -> Frame:
    """The one frame of a course page."""
    framed = page.locator("iframe").element_handle().content_frame()
    assert framed is not None
    return framed


def heading(seen: Frame | Page, words: str) -> None:
    expect(seen.get_by_role("heading", level=1)).to_have_text(words)


def launches(sites: Sites) -> list[LaunchSession]:
    with sites.stage.database.reading() as session:
        found = list(session.scalars(select(LaunchSession)))
        session.expunge_all()
    return found


@pytest.mark.parametrize("browser", PROBED, indirect=True)
def test_the_browser_is_in_the_mode_that_the_tests_say(visit: Visit) -> None:
    page = visit.context.new_page()
    page.goto(f"{visit.sites.campus}/probe")
    expect(page.frame_locator("iframe").locator("output")).to_have_text(PROBED[visit.mode])


@pytest.mark.parametrize("browser", OPENING, indirect=True)
@pytest.mark.parametrize("role", HEADINGS)
def test_a_person_gets_in_and_stays_in(visit: Visit, role: str) -> None:
    """The next pages, and a form, belong to the session that the launch began."""
    seen = visit.arrive(role)
    heading(seen, HEADINGS[role])
    [made] = launches(visit.sites)
    assert (made.role, made.ended_at) == (role, None)
    assert f"/l/{made.id}/" in seen.url
    assert visit.sites.hints == {}, "the platform was not asked with its own hint"
    assert_kept(visit, sessions.cookie_name(made.id))
    if role == "student":
        answer_and_look(seen)
    else:
        look_at_topics(seen)
    assert f"/l/{made.id}/" in seen.url


def assert_kept(visit: Visit, name: str) -> None:
    """The browser holds the session's cookie as decision 10 of the design wants it, for the embedding site."""
    [kept] = [cookie for cookie in visit.context.cookies() if cookie["name"] == name]
    assert name.startswith("__Host-")
    assert (kept["domain"], kept["path"], kept["sameSite"]) == (TOOL, "/", "None")
    assert kept["secure"]
    assert kept["httpOnly"]
    assert kept["partitionKey"] == f"https://{LMS if visit.mode in FRAMED else TOOL}"


def answer_and_look(seen: Frame) -> None:
    """Under `no-referrer` a form comes with `Origin: null`, and the browser's own word counts (S8)."""
    seen.get_by_role("button", name=DECLINE).click()
    heading(seen, "Your choices are saved")
    seen.get_by_role("link", name="My choices").first.click()
    heading(seen, "My choices")


def look_at_topics(seen: Frame) -> None:
    seen.get_by_role("link", name="Topics").click()
    seen.wait_for_url("**/topics")
    heading(seen, HEADINGS["instructor"])


@pytest.mark.parametrize("browser", ["partitioned", WINDOW], indirect=True)
def test_two_courses_in_two_tabs_stay_apart(visit: Visit) -> None:
    """The logins overlap, and an answer in one course is none in the other (S7)."""
    tabs = {course: visit.course("student", course, wait_until="commit") for course in ("2", "3")}
    seen = {course: visit.landing(tab) for course, tab in tabs.items()}
    seen["2"].page.bring_to_front()
    seen["2"].get_by_role("button", name=DECLINE).click()
    heading(seen["2"], "Your choices are saved")
    seen["3"].goto(seen["3"].url)
    heading(seen["3"], ASKED.format(3))
    expect(seen["2"].locator(".page-course")).to_have_text("Ecology 2")
    first, second = launches(visit.sites)
    assert first.course_id != second.course_id
    assert (first.ended_at, second.ended_at) == (None, None)


@pytest.mark.parametrize("browser", [WINDOW], indirect=True)
def test_the_offer_of_a_window_is_readable_by_everyone(visit: Visit) -> None:
    """Nothing was spent yet: the platform takes its hint once, and the new window needs it."""
    page = visit.course("student")
    frame = tool_frame(page)
    heading(frame, "One more step")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 640})
        assert [one["id"] for one in Axe().run(frame).response["violations"]] == []
        assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert launches(visit.sites) == []
    assert list(visit.sites.hints.values()) == [("student", "2")]


@pytest.mark.parametrize("browser", ["none at all"], indirect=True)
def test_a_window_without_cookies_says_so(visit: Visit) -> None:
    """There is no way in without binding: the platform is not asked, and the words say what to do (L37)."""
    window = visit.window(visit.course("student"))
    heading(window, "This page did not open")
    expect(window.get_by_text("Allow cookies for this page in the browser's settings")).to_be_visible()
    check(window)
    assert visit.sites.stage.refusal().code == "cookie_missing"
    assert launches(visit.sites) == []
    assert list(visit.sites.hints.values()) == [("student", "2")]


WAITING = """{% extends "base.html" %}{% block main %}
<div hx-get="{{ url_for('part.piece') }}" hx-trigger="every 1s">Waiting to start</div>{% endblock %}"""


def _add_waiting_page(sites: Sites) -> None:
    part = launch_blueprint("part", __name__, roles=("student",))
    part.get("/waiting", endpoint="waiting")(lambda: render_template_string(WAITING))
    part.get("/piece", endpoint="piece")(lambda: "Waiting to start")
    sites.stage.app.register_blueprint(part)


@pytest.mark.parametrize("browser", ["partitioned"], indirect=True)
def test_a_page_that_waits_says_when_its_session_was_ended(visit: Visit) -> None:
    """The piece that htmx asks for is refused, the page reloads itself, and the words are seen in the frame."""
    seen = visit.arrive("student")
    seen.goto(seen.url.replace("/student", "/waiting"))
    seen.get_by_text("Waiting to start").wait_for()
    with visit.sites.stage.database.session() as session:
        session.execute(update(LaunchSession).values(ended_at=datetime.now(UTC)))
    seen.get_by_text("closed for your safety").wait_for()
