"""States that the story does not pass: the campus's own pages, refusals, no cookies, empty courses, right to left."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from playwright.sync_api import Page
from werkzeug.serving import make_server

from lti_tool.launch import languages
from lti_tool.launch.tables import LaunchSession
from tests.pages.course import OpenCourse, open_course
from tests.pages.test_empty_pages import connect, picture, pull
from tests.story.walk import WINDOW, look, person

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/course/view.php?id=2",
        "/mod/forum/view.php?id=4",
        "/mod/forum/discuss.php?d=1",
        "/mod/assign/view.php?id=12",
        "/mod/lti/view.php?id=1",
    ],
)
def test_pages_of_the_campus(chromium, demonstration, path):
    with person(chromium, demonstration.campus, "instructor") as someone:
        page = someone.arrive()
        page.goto(demonstration.campus + path)
        look(page, path)
        assert someone.complaints == []


@pytest.mark.parametrize(
    ("path", "status", "at"),
    [
        ("/mod/forum/discuss.php?d=999", "404", "campus"),
        ("/l/nobody/overview", "404", "tool"),
        ("/lti/launch", "405", "tool"),
        ("/lti/login", "400", "tool"),
    ],
)
def test_refusals_are_pages_too(chromium, demonstration, path, status, at):
    with person(chromium, demonstration.campus, "instructor") as someone:
        page = someone.arrive()
        page.goto(getattr(demonstration, at) + path)
        look(page, path)
        someone.forgive(status)
        assert someone.complaints == []


def test_a_browser_without_cookies_is_offered_a_window(chromium, demonstration):
    """The page that goes on by itself is held for a moment, in which the browser loses the cookie."""
    with person(chromium, demonstration.campus, "instructor") as someone:
        page = someone.arrive()
        page.route("**/launch/continue.js", lambda route: route.fulfill(body=""))
        page.goto(demonstration.campus + WINDOW)
        page.wait_for_url("**/lti/login")
        look(page, "opening")
        someone.context.clear_cookies()
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Open in a new window").wait_for()
        look(page, "new window")
        assert someone.complaints == []


@contextmanager
def entered(chromium, folder, **options) -> Iterator[tuple[OpenCourse, Page]]:
    """A course behind a real server, and a page of its instructor's browser."""
    server = make_server("127.0.0.1", 0, lambda environ, start: opened.app(environ, start), threaded=True)
    opened = open_course(folder, base_url=f"http://localhost:{server.port}", **options)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{opened.settings.base_url}/enter")
    yield opened, page
    context.close()
    server.shutdown()
    opened.database.dispose()


def not_set_up(course: OpenCourse) -> None:
    pass


def being_read(course: OpenCourse) -> None:
    connect(course)
    pull(course, done=False)


def too_few(course: OpenCourse) -> None:
    connect(course)
    pull(course)
    picture(course, "too_few")


@pytest.mark.parametrize("becomes", [not_set_up, being_read, too_few], ids=lambda step: step.__name__)
def test_empty_pages_of_an_instructor(chromium, tmp_path, becomes: Callable[[OpenCourse], None]):
    with entered(chromium, tmp_path, filled=False) as (course, page):
        becomes(course)
        for path in ("overview", "review"):
            page.goto(course.settings.base_url + course.address(path))
            assert page.locator(".empty-state").count() == 1
            look(page, f"{path} when {becomes.__name__}")


def test_a_page_in_arabic_runs_from_right_to_left(chromium, tmp_path, monkeypatch):
    """The pages of staff too, once they are translated: their layout waits for nothing else."""
    folder = tmp_path / "translations" / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    words = Catalog(locale="ar")
    words.add("Overview", "نظرة عامة")
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, words)
    monkeypatch.setattr(languages, "CATALOGUES", folder.parents[1])
    monkeypatch.setattr(languages, "TRANSLATED_FOR", (*languages.TRANSLATED_FOR, "instructor"))
    with entered(chromium, tmp_path) as (course, page):
        with course.database.session() as session:
            session.get_one(LaunchSession, course.launch_id).locale = "ar"
        for path in ("overview", "review"):
            page.goto(course.settings.base_url + course.address(path))
            assert page.evaluate("[document.dir, document.documentElement.lang]") == ["rtl", "ar"]
            heading = page.locator("h1").bounding_box()
            assert heading["x"] + heading["width"] > page.viewport_size["width"] / 2
            look(page, f"{path} in Arabic")
        page.goto(course.settings.base_url + course.address("overview"))
        assert page.get_by_role("link", name="نظرة عامة").count() == 1
