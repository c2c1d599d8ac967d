"""The student's pages in a real browser: by keyboard, without scripts, at every width, without axe violations."""

import pytest
from playwright.sync_api import Page

from tests.served import WIDTHS, check, opened

pytestmark = pytest.mark.browser


@pytest.fixture
def student(sign_in):
    """Signed in before `address` gives the application another address of its own."""
    return sign_in("student")


def tab_to(page: Page, place: str) -> None:
    """Press Tab until the element with this id has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.locator(f"#{place}:focus").count():
            return
    pytest.fail(f"Tab never reaches {place}")


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
