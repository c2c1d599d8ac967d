"""Two logins at once in one browser, as of two frames in one course page: neither keeps the other out (S7)."""

import re

from lti_tool.launch import logins
from tests.launch.platform import authorisation
from tests.launch.stage import Browser, Stage


def begun(stage: Stage, browser: Browser) -> str:
    """A login whose request left before the browser had any cookie; those of its answer are kept."""
    early = stage.browser()
    page = early.ask("POST", "/lti/login", data=stage.asking())
    browser.kept |= early.kept
    found = re.search(r'name="attempt" value="([0-9a-f]+)"', page.text)
    assert found, page.text
    return found[1]


def gone_on(stage: Stage, browser: Browser, attempt: str) -> dict[str, str]:
    answer = browser.ask("POST", "/lti/continue", data={"attempt": attempt}, headers={"Origin": stage.url})
    assert answer.status_code == 303, answer.text
    return authorisation(answer.headers["Location"])


def get_in(stage: Stage, browser: Browser, asked: dict[str, str], course: str) -> None:
    token = stage.platform.key.sign(stage.claims(asked, course=course))
    answer = stage.launch(browser, asked, token)
    assert answer.status_code == 303, answer.text
    assert browser.ask("GET", answer.headers["Location"]).status_code == 200
    assert browser.kept[logins.binding_cookie(asked["state"])] == "", "it is of no use any more"


def test_two_logins_that_begin_at_once_both_get_in(stage: Stage) -> None:
    browser = stage.browser()
    attempts = [begun(stage, browser), begun(stage, browser)]
    asked = [gone_on(stage, browser, attempt) for attempt in attempts]
    get_in(stage, browser, asked[0], "2")
    get_in(stage, browser, asked[1], "3")


def test_the_answer_to_a_slow_login_leaves_one_under_way_alone(stage: Stage) -> None:
    browser = stage.browser()
    first = gone_on(stage, browser, begun(stage, browser))
    begun(stage, browser)
    get_in(stage, browser, first, "2")
