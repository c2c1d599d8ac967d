"""The student's pages in a real browser: by keyboard, without scripts, at every width, without axe violations."""

import json

import pytest
from playwright.sync_api import Page

from lti_tool.consent import ledger
from lti_tool.launch.tables import LaunchSession
from lti_tool.rights import erasing
from lti_tool.scoring.tables import Explanation
from tests.served import WIDTHS, check, opened

from .conftest import CONFUSED, PLAIN, WRITTEN

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture
def student(sign_in):
    """Signed in before `address` gives the application another address of its own."""
    return sign_in("student")


def explain(database, writer):
    """Keep what a search for the words behind the labels would have found."""
    marks = {"confusion": {"towards": [[8, 22, 0.5], [46, 54, 0.2]], "away": [[27, 33, 0.6]]}}
    with database.session() as session:
        session.add(
            Explanation(
                post_id=writer.posts[CONFUSED],
                person_id=writer.person,
                text_hash="0" * 64,
                weights_hash="f" * 64,
                found=json.dumps(marks),
                asked_at=WRITTEN,
            )
        )


def test_u18_erasing_and_bringing_back_work_without_scripts(writer, chromium, database, address):
    page = opened(chromium, database, address, writer.browser, "texts", scripts=False)
    page.get_by_role("link", name="Erase").first.click()
    page.get_by_role("button", name="Erase this text").click()
    page.wait_for_selector("text=1 text is hidden.")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector("text=Brought back.")
    page.get_by_role("link", name="My texts").last.click()
    assert page.get_by_text(CONFUSED).count() == 1


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


@pytest.mark.parametrize(
    ("language", "width"),
    [("en", 1280), ("en", 320), ("ar", 320), ("de", 320), ("zh_Hans", 1280)],
)
def test_u1_u8_every_page_of_a_student_is_accessible(writer, chromium, database, address, language, width):
    """English at both widths; right to left, long words and another script at one each, in one window of theirs."""
    text = f"texts/{writer.posts[CONFUSED]}"
    explain(database, writer)
    with database.session() as session:
        session.get_one(LaunchSession, writer.browser.launch_id).locale = language.replace("_", "-")
        asked = erasing.ask(session, WRITTEN, writer.person, writer.course, "text", writer.posts[PLAIN])
        receipt = ledger.history(session, writer.person)[0].id
    own = (
        f"choices/receipts/{receipt}",
        f"data/erasures/{asked.id}",
        f"{text}/wrong",
        f"{text}/why",
        f"{text}/erase",
        "data/erase",
        "data/pause",
        "data/object",
    )
    page = opened(chromium, database, address, writer.browser, "texts", width)
    for path in ("texts", *own, "choices", "choices/saved", "data", "stuck", "how-often-wrong"):
        answer = page.goto(f"{address}/l/{writer.browser.launch_id}/{path}")
        assert answer.status == 200
        assert page.locator("html").get_attribute("lang") == language.replace("_", "-")
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        for summary in page.locator("main summary").all():
            summary.click()
        check(page)
    page.context.close()
