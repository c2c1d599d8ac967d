"""Setting a prompt and writing in a real browser: by keyboard, without scripts, in two windows, without connection."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from lti_tool.consent import service as consent
from lti_tool.launch.tables import LaunchSession
from lti_tool.reflections import service, writing
from tests.reflections.conftest import NOW, TEXT
from tests.rights.test_browser import tab_to
from tests.served import check, opened

pytestmark = [pytest.mark.browser, pytest.mark.long]
WIDTHS = (1280, 400, 320)
PICTURES = os.environ.get("UNDERTONE_PICTURES")


@pytest.fixture
def people(course):
    """Signed in before `address` gives the application another address of its own."""
    teacher = course.set(words="150")
    return teacher, course.student("5"), course.student("6", {"decision": "decline"})


@pytest.fixture
def show(chromium, database, address):
    def open_page(person, path: str, width: int = 1280, scripts: bool = True) -> Page:
        return opened(chromium, database, address, person, path, width, scripts)

    return open_page


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}-{page.viewport_size['width']}.png", full_page=True)


def elsewhere(course, person, text: str) -> None:
    """What another window of the same person saves."""
    row = course.own(person)
    with course.database.session() as session:
        author = session.get_one(LaunchSession, person.launch_id).person_id
        reflection = service.one(session, course.reflection.course_id, course.reflection.id)
        writing.save_draft(session, datetime.now(UTC), reflection, author, text, row.version if row else "")


def in_arabic(database, person) -> None:
    with database.session() as session:
        session.scalars(select(LaunchSession).where(LaunchSession.id == person.launch_id)).one().locale = "ar"


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible(course, people, show, width):
    teacher, student, decliner = people
    for person, path, name in (
        (teacher, "prompt", "teacher"),
        (student, course.page(), "editor"),
        (decliner, course.page(), "decliner"),
    ):
        page = show(person, path, width)
        page.locator("main").wait_for()
        check(page)
        picture(page, name)
        if path == "prompt":
            page.locator("#closes").fill("")
            page.locator("#title").evaluate("form => { form.form.noValidate = true }")
            page.get_by_role("button", name="Save").click()
            page.wait_for_selector("#problems:focus")
            check(page)
            picture(page, "problems")
        page.context.close()


def test_writing_saves_itself_counts_and_is_handed_in_by_keyboard(course, people, show):
    page = show(people[1], course.page(), 400)
    tab_to(page, "text")
    page.keyboard.type("Three plain words")
    expect(page.locator("#count")).to_have_text("Words: 3")
    expect(page.locator("#saved")).to_contain_text("Draft saved at", timeout=15_000)
    expect(page.locator("#announcements")).to_have_text("Words: 3")
    assert course.own(people[1]).draft == "Three plain words"
    check(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/*done=handed_in")
    expect(page.get_by_text("What you handed in", exact=True)).to_be_visible()
    assert course.own(people[1]).text == "Three plain words"
    check(page)
    picture(page, "handed-in")


def test_it_works_without_scripts(course, people, show):
    page = show(people[1], course.page(), scripts=False)
    page.locator("#text").fill(TEXT)
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_url("**done=draft**")
    assert page.locator("#text").input_value() == TEXT
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url("**done=handed_in")
    page.get_by_text("Delete what I wrote here").click()
    page.get_by_role("button", name="Delete it now").click()
    page.wait_for_url("**done=deleted")
    assert course.texts() == []


def test_another_window_is_noticed_and_the_writer_decides(course, people, show):
    page = show(people[1], course.page())
    elsewhere(course, people[1], "From another window")
    page.locator("#text").fill("From this window")
    expect(page.locator("#trouble")).to_contain_text("another window", timeout=15_000)
    assert course.own(people[1]).draft == "From another window"
    check(page)
    picture(page, "conflict")
    page.get_by_role("button", name="Keep what stands in this window").click()
    expect(page.locator("#saved")).to_contain_text("Draft saved at", timeout=15_000)
    expect(page.locator("#trouble")).to_be_hidden()
    assert course.own(people[1]).draft == "From this window"
    elsewhere(course, people[1], "Again from the other")
    page.locator("#text").fill("Not this")
    expect(page.locator("#trouble")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Take what was saved").click()
    expect(page.locator("#text")).to_have_value("Again from the other")


def test_a_lost_connection_is_told_and_the_text_is_saved_when_it_is_back(course, people, show):
    page = show(people[1], course.page())
    page.route("**/writing/*", lambda route: route.abort("internetdisconnected"))
    page.locator("#text").fill("Written in a tunnel")
    expect(page.locator("#trouble")).to_contain_text("maybe there is no connection", timeout=15_000)
    check(page)
    picture(page, "offline")
    page.unroute("**/writing/*")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#saved")).to_contain_text("Draft saved at", timeout=15_000)
    expect(page.locator("#trouble")).to_be_hidden()
    assert course.own(people[1]).draft == "Written in a tunnel"


def test_a_page_that_is_closed_says_so_and_keeps_the_text_in_sight(course, people, show, database):
    page = show(people[1], course.page())
    with database.session() as session:
        person = session.get_one(LaunchSession, people[1].launch_id)
        consent.save(session, NOW, person.person_id, person.course_id, consent.DECLINED, "en")
    page.locator("#text").fill("Still here")
    expect(page.locator("#trouble")).to_contain_text("not open any more", timeout=15_000)
    assert page.locator("#text").input_value() == "Still here"
    assert course.texts() == []


def test_right_to_left(course, people, show, database):
    in_arabic(database, people[1])
    in_arabic(database, people[0])
    for person, path, name in (
        (people[1], course.page(), "editor-rtl"),
        (people[0], "prompt", "teacher-rtl"),
    ):
        page = show(person, path, 400)
        page.evaluate("document.documentElement.dir = 'rtl'")
        check(page)
        picture(page, name)
        page.context.close()
