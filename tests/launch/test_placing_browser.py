"""The page where an instructor names a link, in a real browser: readable at every width, and back by itself."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.launch.platform import LTI, authorisation
from tests.launch.stage import Stage
from tests.launch.test_deep_links import SETTINGS, asked_for
from tests.served import WIDTHS, check

pytestmark = pytest.mark.browser
WAIT = 15_000


@pytest.fixture
def instructor(stage: Stage) -> Stage:
    stage.role = "instructor"
    return stage


def form(action: str, fields: dict[str, str]) -> str:
    """A page of the platform's that posts these fields when its button is pressed."""
    hidden = "".join(f"<input type='hidden' name='{name}' value='{value}'>" for name, value in fields.items())
    return f"<form method='post' action='{action}'>{hidden}<button>go</button></form>"


def opened(chromium: Browser, stage: Stage, width: int) -> Page:
    """The page, reached as from the platform's editor: login, redirect, signed request."""
    page = chromium.new_context(viewport={"width": width, "height": 640}).new_page()
    page.goto(f"{stage.url}/health/live")
    page.set_content(form(f"{stage.url}/lti/login", stage.asking(lti_message_hint="7")))
    page.click("button")
    page.wait_for_url("**/auth?**", timeout=WAIT)
    asked = authorisation(page.url)
    said = stage.claims(asked) | {LTI + "message_type": "LtiDeepLinkingRequest", SETTINGS: asked_for(stage)}
    fields = {"id_token": stage.platform.key.sign(said), "state": asked["state"]}
    page.set_content(form(f"{stage.url}/lti/launch", fields))
    page.click("button")
    page.wait_for_url("**/place", timeout=WAIT)
    return page


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_is_readable_by_everyone(chromium: Browser, instructor: Stage, width: int) -> None:
    page = opened(chromium, instructor, width)
    expect(page.get_by_role("heading", name="Place a link in your course")).to_be_visible()
    check(page)


def test_the_answer_goes_back_by_itself(chromium: Browser, instructor: Stage) -> None:
    page = opened(chromium, instructor, WIDTHS[0])
    page.get_by_label("Course mood").check()
    page.get_by_role("button", name="Place it").click()
    page.wait_for_url("**/contentitem_return.php**", timeout=WAIT)
    assert ("POST", "/mod/lti/contentitem_return.php") in instructor.platform.asked
