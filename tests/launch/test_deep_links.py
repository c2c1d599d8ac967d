"""Placing a link from the LMS's editor: Moodle's and Canvas's own requests, our signed answer, and who may."""

import json
import re
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch.deep_links import DL
from lti_tool.launch.tables import LaunchSession
from tests.launch.platform import CLIENT_ID, LTI
from tests.launch.stage import Browser, Stage

CASES = Path(__file__).parent / "deep_links"
SETTINGS = DL + "deep_linking_settings"
OWN = ("iss", "aud", "azp", "iat", "exp", "nonce")


def asked_for(stage: Stage, **changes: Any) -> dict[str, Any]:
    """Deep-linking settings of a platform."""
    return {
        "deep_link_return_url": f"{stage.platform.url}/mod/lti/contentitem_return.php?course=2",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
    } | changes


def request_link(
    stage: Stage, browser: Browser, settings: dict[str, Any], **changes: Any
) -> requests.Response:
    """A deep-linking launch."""
    asked = stage.log_in(browser)
    said = stage.claims(asked) | {LTI + "message_type": "LtiDeepLinkingRequest", SETTINGS: settings}
    del said[LTI + "resource_link"]
    return stage.launch(browser, asked, stage.platform.key.sign(said | changes))


def place(browser: Browser, page_address: str, **fields: str) -> requests.Response:
    """Fill in the page's form."""
    page = browser.ask("GET", page_address)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token, page.text
    data = {"csrf_token": token[1]} | fields
    return browser.ask("POST", page_address, data=data, headers={"Origin": browser.url})


def answered(stage: Stage, page: requests.Response) -> dict[str, Any]:
    """The claims of the answer, verified as a platform does: by our published keys."""
    token = re.search(r'name="JWT" value="([^"]+)"', page.text)
    assert token, page.text
    published = jwt.PyJWKSet.from_dict(requests.get(f"{stage.url}/lti/keys", timeout=9).json())
    key = published[jwt.get_unverified_header(token[1])["kid"]]
    claims: dict[str, Any] = jwt.decode(token[1], key, algorithms=["RS256"], audience=stage.platform.url)
    return claims


@pytest.fixture
def instructor(stage: Stage) -> Stage:
    stage.role = "instructor"
    return stage


def test_an_instructor_places_a_link(instructor: Stage) -> None:
    browser = instructor.browser()
    opened = request_link(instructor, browser, asked_for(instructor, data="secret of the platform"))
    assert opened.headers["Location"].endswith("/place")
    page = place(browser, opened.headers["Location"], name="Reflections")
    claims = answered(instructor, page)
    assert (claims["iss"], claims[LTI + "deployment_id"]) == (CLIENT_ID, "1")
    assert claims[LTI + "message_type"] == "LtiDeepLinkingResponse"
    assert claims[DL + "data"] == "secret of the platform"
    assert claims[DL + "content_items"] == [
        {"type": "ltiResourceLink", "title": "Reflections", "url": instructor.target}
    ]
    assert f'action="{instructor.platform.url}/mod/lti/contentitem_return.php?course=2"' in page.text
    assert f"form-action 'self' {instructor.platform.url};" in page.headers["Content-Security-Policy"]


def test_a_link_may_have_a_name_of_its_own_and_no_other_one(instructor: Stage) -> None:
    browser = instructor.browser()
    address = request_link(instructor, browser, asked_for(instructor)).headers["Location"]
    page = place(browser, address, name="", own_name="  Week\u202e 3 <b> ")
    assert answered(instructor, page)[DL + "content_items"][0]["title"] == "Week 3 <b>"
    page = place(browser, address, name="Reflections", own_name="What is typed counts")
    assert answered(instructor, page)[DL + "content_items"][0]["title"] == "What is typed counts"
    for wrong in ("", "x" * 101):
        assert place(browser, address, name="", own_name=wrong).status_code == 400


def test_placing_is_logged(instructor: Stage) -> None:
    browser = instructor.browser()
    place(browser, request_link(instructor, browser, asked_for(instructor)).headers["Location"], name="Mood")
    with instructor.database.reading() as session:
        assert session.scalars(select(AuditEvent).where(AuditEvent.event == "link_placed")).one().course_id


def test_a_student_who_comes_from_an_editor_gets_the_usual_page(stage: Stage) -> None:
    browser = stage.browser()
    opened = request_link(stage, browser, asked_for(stage))
    assert opened.headers["Location"].endswith("/student")
    place_address = opened.headers["Location"].replace("/student", "/place")
    assert browser.ask("GET", place_address).status_code == 403
    with stage.database.reading() as session:
        assert session.scalars(select(LaunchSession.deep_link)).one() is None


def test_a_usual_launch_places_nothing(instructor: Stage) -> None:
    browser = instructor.browser()
    asked = instructor.log_in(browser)
    opened = instructor.launch(browser, asked, instructor.platform.key.sign(instructor.claims(asked)))
    address = re.sub("/[a-z]+$", "/place", opened.headers["Location"])
    assert browser.ask("GET", address).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"deep_link_return_url": "https://evil.example/return"}, 400, "target"),
        ({"deep_link_return_url": 5}, 400, "malformed"),
        ({"data": ["x"]}, 400, "malformed"),
        ({"accept_types": ["link", "html"]}, 400, "message_type"),
        ({"accept_types": "ltiResourceLink"}, 400, "message_type"),
    ],
)
def test_a_request_that_cannot_be_answered_is_refused(
    instructor: Stage, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = request_link(instructor, instructor.browser(), asked_for(instructor, **changes))
    assert (answer.status_code, instructor.refusal().code) == (status, code)
    with instructor.database.reading() as session:
        assert session.scalars(select(LaunchSession)).all() == []


def test_settings_that_are_missing_are_refused(instructor: Stage) -> None:
    answer = request_link(instructor, instructor.browser(), {}, **{SETTINGS: None})
    assert (answer.status_code, instructor.refusal().code) == (400, "malformed")


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
def test_requests_as_moodle_and_canvas_send_them(instructor: Stage, path: Path) -> None:
    captured = {name: own for name, own in json.loads(path.read_text()).items() if name not in OWN}
    settings = captured.pop(SETTINGS)
    theirs = settings["deep_link_return_url"]
    ours = re.sub("^https?://[^/]+", instructor.platform.url, theirs)
    changes = captured | {LTI + "target_link_uri": instructor.target}
    browser = instructor.browser()
    opened = request_link(instructor, browser, settings | {"deep_link_return_url": ours}, **changes)
    claims = answered(instructor, place(browser, opened.headers["Location"], name="Course mood"))
    assert claims[LTI + "deployment_id"] == captured[LTI + "deployment_id"]
    assert (DL + "data" in claims) == ("data" in settings)
    assert ("url" in claims[DL + "content_items"][0]) == (path.stem == "canvas")  # Moodle would match by it


def test_a_link_to_a_reflection_carries_a_key_of_its_own_that_opens_it(instructor: Stage) -> None:
    keys = []
    for _ in range(2):
        browser = instructor.browser()
        opened = request_link(instructor, browser, asked_for(instructor))
        page = place(browser, opened.headers["Location"], name="Reflections", what="reflection")
        (item,) = answered(instructor, page)[DL + "content_items"]
        assert (item["title"], set(item["custom"])) == ("Reflections", {"undertone_activity"})
        keys.append(item["custom"]["undertone_activity"])
    assert len(set(keys)) == 2
    asked = instructor.log_in(browser)
    said = instructor.claims(asked) | {LTI + "custom": {"undertone_activity": keys[0]}}
    assert (
        instructor.launch(browser, asked, instructor.platform.key.sign(said))
        .headers["Location"]
        .endswith("/prompt")
    )
