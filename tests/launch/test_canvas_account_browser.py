"""An administrator authorises a Canvas account in a real browser, in a window of its own, and revokes it."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from lti_tool.demo.campus import ToolRegistration, campus_of
from lti_tool.demo.campus.canvas_tokens import of
from lti_tool.launch import invites
from tests.launch.test_administration_browser import looked_at, press, watch
from tests.lms.canvas_oauth_place import running_campus

pytestmark = pytest.mark.browser


@pytest.fixture
def canvas(settings, address):
    with running_campus() as campus:
        url = campus_of(campus).settings.base_url
        settings.outbound_hosts.append(urlsplit(url).netloc)
        of(campus).redirect_uris.add(f"{address}/lti/canvas/authorised")
        tool = ToolRegistration(
            "tool", f"{address}/lti/login", f"{address}/lti/launch", f"{address}/lti/keys"
        )
        campus_of(campus).settings.tool = tool
        yield of(campus), url


def test_from_the_key_to_revoking(chromium, address, database, registration, canvas):
    key, url = canvas
    with database.session() as session:
        now = datetime.now(UTC)
        secret = invites.make(session, now, registration.institution_id, "administration", None)
    context = chromium.new_context()
    page = context.new_page()
    said = watch(page)
    page.goto(f"{address}/lti/administer#{secret}")
    press(page, "Open the administrator's pages")
    launch = page.url.split("/l/")[1].split("/")[0]
    page.goto(f"{address}/l/{launch}/connection/platforms/{registration.id}/canvas")
    looked_at(page)
    page.get_by_label("Key ID").fill(key.client_id)
    page.get_by_label("Key secret").fill(key.secret)
    page.get_by_label("Address of Canvas").fill(url)
    press(page, "Keep this key")
    looked_at(page)
    with context.expect_page() as opened:
        page.get_by_role("button", name="Authorise in Canvas").click()
    window = opened.value
    said += watch(window)
    window.get_by_role("button", name="Authorize").click()
    expect(window.get_by_role("heading", name="Authorised")).to_be_visible()
    looked_at(window)
    window.close()
    page.reload()
    expect(page.get_by_text("Authorised in Canvas")).to_be_visible()
    looked_at(page)
    press(page, "Revoke")
    expect(page.get_by_text("The authorisation was revoked")).to_be_visible()
    assert key.revocations == 1
    assert not [words for words in said if "Content Security Policy" in words], said
    context.close()
