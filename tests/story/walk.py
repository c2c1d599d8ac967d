"""A person in a real browser: arrives at the campus, opens the tool, and is told of everything that goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Frame, Locator, Page, Request

WIDE, NARROW = (1280, 900), (320, 640)
TOOL_LINK = "Open Undertone"
WINDOW = "/mod/lti/launch.php?id=1&window=1"
MOST_TABS = 60
LOOKS = 40
AXE = {"resultTypes": ["violations"], "iframes": False}
"""A frame is looked at by itself: axe's messages to the frames of a page are refused, as they should be."""


@dataclass
class Person:
    """One person's browser at a campus."""

    context: BrowserContext
    campus: str
    key: str
    complaints: list[str] = field(default_factory=list)

    def arrive(self) -> Page:
        """The course page, after being told who this is."""
        page = self.context.new_page()
        page.goto(f"{self.campus}/as/{self.key}")
        return page

    def launch_in_frame(self) -> tuple[Page, Frame]:
        """The tool as the course shows it; the campus's page and the tool's frame, landed."""
        page = self.arrive()
        page.get_by_role("link", name=TOOL_LINK).click()
        frame = page.wait_for_selector("#contentframe").content_frame()
        assert frame is not None
        frame.wait_for_url("**/l/**")
        return page, frame

    def launch(self) -> Page:
        """The tool in a window of its own, landed."""
        page = self.arrive()
        page.goto(self.campus + WINDOW)
        page.wait_for_url("**/l/**")
        return page

    def forgive(self, words: str) -> None:
        """Take back complaints that the test brought about on purpose; there must be one."""
        kept = [complaint for complaint in self.complaints if words not in complaint]
        assert len(kept) < len(self.complaints), f"nothing complained of {words}: {self.complaints}"
        self.complaints[:] = kept


@contextmanager
def person(browser: Browser, campus: str, key: str, **options: object) -> Iterator[Person]:
    """A fresh browser for the person; at the end nothing may have gone wrong in it."""
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, **options)  # type: ignore[arg-type]
    someone = Person(context, campus, key)
    hosts = {urlsplit(campus).hostname}

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            someone.complaints.append(f"console: {message.text} ({message.page.url if message.page else ''})")

    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in hosts:
            someone.complaints.append(f"foreign: {request.url}")

    def failed(request: Request) -> None:
        # The browser itself gives up on what a person leaves behind by going on.
        if request.failure != "net::ERR_ABORTED":
            someone.complaints.append(f"failed: {request.url} {request.failure}")

    context.on("console", said)
    context.on("weberror", lambda error: someone.complaints.append(f"script: {error.error}"))
    context.on("request", asked)
    context.on("requestfailed", failed)
    try:
        yield someone
    finally:
        context.close()


def look(place: Page | Frame, state: str) -> None:
    """No axe violation wide or narrow, with everything unfolded, and never wider than the window (U1, U40)."""
    page = place if isinstance(place, Page) else place.page
    place.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
    for width, height in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": height})
        place.evaluate("document.fonts.ready")
        over = overflow(page, place)
        assert over <= 0, f"{state} at {width} is {over} too wide: {widest(place)}"
        found = Axe().run(place, options=AXE).response["violations"]
        faults = [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]
        assert faults == [], f"{state} at {width}: {faults}"


def overflow(page: Page, place: Page | Frame) -> int:
    """Pixels by which the content is wider than its window, once a chart has had the time to follow."""
    for _ in range(LOOKS):
        over = int(place.evaluate("document.scrollingElement.scrollWidth - innerWidth"))
        if over <= 0:
            break
        page.wait_for_timeout(50)
    return over


def widest(place: Page | Frame) -> list[str]:
    """The elements that stick out, for a failing test's words."""
    return list(
        place.evaluate(
            """[...document.querySelectorAll("body *")]
            .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 5).map(one => one.outerHTML.slice(0, 120))"""
        )
    )


def follow(page: Page, control: Locator) -> None:
    """Press a link or a button and wait for the page it leads to."""
    with page.expect_navigation():
        control.click()


def tab_to(page: Page, place: Page | Frame, selector: str) -> None:
    """Press Tab, as often as a person must, until the element has the focus."""
    for _ in range(MOST_TABS):
        if place.evaluate("one => document.hasFocus() && document.activeElement.matches(one)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")
