"""The student's pages in a real browser: by keyboard, without scripts, at every width, without axe violations."""

import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from werkzeug.serving import make_server

from lti_tool.launch import sessions
from lti_tool.launch.tables import LaunchSession

pytestmark = pytest.mark.browser
WIDTHS = (1280, 320)


@pytest.fixture
def student(sign_in):
    """Signed in before `address` gives the application another address of its own."""
    return sign_in("student")


@pytest.fixture
def address(app, settings) -> Iterator[str]:
    """The application on a free port of this machine; its own address is the one that forms must come from."""
    server = make_server("localhost", 0, app, threaded=True)
    settings.base_url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield settings.base_url
    server.shutdown()
    thread.join()


def opened(chromium, database, address, person, path, width=1280, scripts=True) -> Page:
    """A page of the person's launch, whose secret is replaced by one that we know."""
    secret = sessions.new_secret()
    with database.session() as session:
        session.get_one(LaunchSession, person.launch_id).secret_hash = sessions.digest(secret)
    context = chromium.new_context(viewport={"width": width, "height": 400}, java_script_enabled=scripts)
    name = sessions.cookie_name(person.launch_id)
    secure = address.replace("http:", "https:")
    context.add_cookies([{"name": name, "value": secret, "url": secure, "secure": True}])
    page = context.new_page()
    assert page.goto(f"{address}/l/{person.launch_id}/{path}").status == 200
    return page


def tab_to(page: Page, place: str) -> None:
    """Press Tab until the element with this id has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.locator(f"#{place}:focus").count():
            return
    pytest.fail(f"Tab never reaches {place}")


def check(page: Page) -> None:
    """No axe violation, and no scrolling sideways (U1, U40)."""
    found = Axe().run(page).response["violations"]
    assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_choosing_works_by_keyboard_and_without_scripts(student, chromium, database, address):
    page = opened(chromium, database, address, student, "student", scripts=False)
    for place, key in (("a-no", "ArrowRight"), ("b-no", "Space"), ("c-no", "Space")):
        tab_to(page, place)
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_selector("#problems")
    assert [link.get_attribute("href") for link in page.locator("#problems a").all()] == ["#d-no"]
    assert page.locator("input:checked").count() == 3
    tab_to(page, "d-no")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/choices/saved")
    assert page.locator("h1").text_content() == "Your choices are saved"


def test_the_error_summary_is_focused_and_its_links_lead_to_the_answers(student, chromium, database, address):
    page = opened(chromium, database, address, student, "student")
    page.locator("#a-yes").check()
    page.get_by_role("button", name="Save my choices").click()
    page.wait_for_selector("#problems:focus")
    assert page.evaluate("document.activeElement.id") == "problems"
    page.locator("#problems a").nth(1).click()
    assert page.evaluate("document.activeElement.id") == "c-no"
    check(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_choice_page_with_its_layers_open_is_accessible(student, chromium, database, address, width):
    page = opened(chromium, database, address, student, "student", width)
    for summary in page.locator("details.layer summary").all():
        summary.click()
    check(page)
    sizes = [button.bounding_box() for button in page.locator("button.answer").all()]
    assert sizes[0]["width"] == pytest.approx(sizes[1]["width"], abs=1)
    assert sizes[0]["height"] == pytest.approx(sizes[1]["height"], abs=1)
    assert sizes[0]["y"] == pytest.approx(sizes[1]["y"], abs=1)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_of_a_student_is_accessible(writer, chromium, database, address, width):
    wrong = f"texts/{next(iter(writer.posts.values()))}/wrong"
    for path in ("texts", wrong, "choices", "choices/saved", "data", "stuck", "how-often-wrong"):
        page = opened(chromium, database, address, writer.browser, path, width)
        for summary in page.locator("main summary").all():
            summary.click()
        check(page)
        page.context.close()
