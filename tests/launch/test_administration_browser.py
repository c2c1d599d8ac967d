"""An administrator connects a Moodle in a real browser, from the one-time link to the check; axe finds nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from lti_tool.launch import institutions, invites
from lti_tool.launch.tables import Institution, Registration
from tests.launch.registering_platform import Dialogue, running_dialogue

pytestmark = pytest.mark.browser


@pytest.fixture
def dialogue(settings) -> Iterator[Dialogue]:
    with running_dialogue("moodle") as running:
        settings.outbound_hosts.append(running.url.removeprefix("http://"))
        yield running


@pytest.fixture
def link(address, database) -> str:
    """The one-time link that the operator prints."""
    with database.session() as session:
        now = datetime.now(UTC)
        owner = institutions.found(session, now, "Northfield College")
        secret = invites.make(session, now, owner.id, "administration", None)
    return f"{address}/lti/administer#{secret}"


def watch(page: Page) -> list[str]:
    """Everything that the browser complains about."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def looked_at(page: Page) -> None:
    """No fault by axe, and nothing wider than a telephone."""
    assert Axe().run(page).response["violations"] == []
    before = page.viewport_size
    page.set_viewport_size({"width": 400, "height": 800})
    assert not page.evaluate("document.scrollingElement.scrollWidth > innerWidth")
    page.set_viewport_size(before or {"width": 1280, "height": 900})


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
    page.wait_for_load_state()


def test_from_the_link_to_the_check(chromium, link, dialogue, database):
    context = chromium.new_context()
    page = context.new_page()
    said = watch(page)
    page.goto(link)
    assert "#" not in page.url
    looked_at(page)
    press(page, "Open the administrator's pages")
    looked_at(page)
    page.get_by_role("link", name="Connect a Moodle").click()
    press(page, "Make a registration address")
    looked_at(page)
    registers(context.new_page(), page.get_by_label("Registration address").input_value(), dialogue)
    page.get_by_role("link", name="Connection").first.click()
    page.get_by_role("link", name="Look at it and approve").click()
    looked_at(page)
    approves(page)
    press(page, "Check this connection")
    expect(page.get_by_role("heading", name="What the check found")).to_be_visible()
    looked_at(page)
    with database.reading() as session:
        assert session.scalars(select(Registration)).one().status == "active"
        assert session.scalars(select(Institution)).one().mode == "aggregate_only"
    assert not [words for words in said if "Content Security Policy" in words], said
    context.close()


def registers(dialogue_page: Page, address: str, dialogue: Dialogue) -> None:
    dialogue_page.goto(f"{address}&{urlencode(dialogue.opened_with)}")
    looked_at(dialogue_page)
    press(dialogue_page, "Register the tool")
    expect(dialogue_page.get_by_role("heading", name="Registered, and waiting for approval")).to_be_visible()
    looked_at(dialogue_page)
    dialogue_page.close()


def approves(page: Page) -> None:
    page.get_by_label("Patterns of the class only").check()
    page.get_by_label("Who decided", exact=True).fill("Prof. A. Meyer")
    page.get_by_label("Why").fill("Pilot in three courses")
    page.get_by_label("It works from its first sign-in on").check()
    press(page, "Approve: people can sign in")
    expect(page.get_by_text("People can sign in", exact=True)).to_be_visible()


def test_what_was_typed_in_is_still_there_when_something_does_not_fit(chromium, link):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(link)
    press(page, "Open the administrator's pages")
    page.get_by_role("link", name="Connect a Canvas").click()
    looked_at(page)
    for label, value in (
        ("Issuer", "https://canvas.instructure.com"),
        ("Client ID", "10000000000042"),
        ("Sign-in address", "https://sso.canvaslms.com/api/lti/authorize_redirect"),
        ("Token address", "http://school.instructure.com/login/oauth2/token"),
        ("Key set address", "https://sso.canvaslms.com/api/lti/security/jwks"),
    ):
        page.get_by_label(label, exact=True).fill(value)
    press(page, "Keep it, and go on to approve it")
    expect(page.get_by_role("alert")).to_contain_text("token address must begin with https")
    assert page.get_by_label("Client ID", exact=True).input_value() == "10000000000042"
    looked_at(page)
    page.get_by_label("Token address", exact=True).fill("https://school.instructure.com/login/oauth2/token")
    press(page, "Keep it, and go on to approve it")
    expect(page.get_by_role("heading", name="Approve it")).to_be_visible()
    context.close()


def test_the_registered_page_closes_only_its_own_platforms_dialogue(chromium, app, link, dialogue, database):
    """The message goes to the platform's origin and to no other (S21)."""
    context = chromium.new_context()
    with database.session() as session:
        owner = session.scalars(select(Institution)).one()
        secret = invites.make(session, datetime.now(UTC), owner.id, "registration", None)
    page = context.new_page()
    page.goto(dialogue.url + "/config")  # any page of the platform's origin
    address = link.split("/lti/")[0] + "/lti/register?invite=" + secret
    page.evaluate(
        "url => { window.heard = []; addEventListener('message', one => heard.push([one.origin, one.data]));"
        " const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame) }",
        f"{address}&{urlencode(dialogue.opened_with)}",
    )
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Register the tool").click()
    frame.get_by_role("button", name="Close, and go on in the platform").click()
    page.wait_for_function("() => heard.some(([origin, said]) => `${said.subject}`.endsWith('.close'))")
    heard = page.evaluate("heard.filter(([origin, said]) => `${said.subject}`.endsWith('.close'))")
    assert heard == [[link.split("/lti/")[0], {"subject": "org.imsglobal.lti.close"}]]
    page.evaluate("() => { heard.length = 0 }")
    frame.locator("#close").evaluate("button => { button.dataset.platform = 'https://elsewhere.example' }")
    frame.locator("#close").click()
    page.wait_for_timeout(200)
    assert page.evaluate("heard.filter(([origin, said]) => `${said.subject}`.endsWith('.close'))") == []
    context.close()
