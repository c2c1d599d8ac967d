"""A connection's check before there is a course: one cheap call with the token, and words for what went wrong."""

import json

import pytest

from lti_tool.lms.canvas_scopes import SCOPES
from tests.lms.captured_lms import canvas_connector, moodle_connector

NONE = "There is no answer at the LMS's address"
ANOTHER = "Something answers at the LMS's address, but not as this kind of LMS does"
PAGE = b"<html>Welcome</html>"


@pytest.fixture(params=["moodle", "canvas"])
def site_and_check(request, moodle_site, canvas_site):
    """A recorded LMS, and the check of a connector with a token."""
    if request.param == "moodle":
        return moodle_site, lambda *token: moodle_connector(moodle_site, *token).check()
    return canvas_site, lambda *token: canvas_connector(canvas_site, *token).check()


def faults(lines):
    return [line.words for line in lines if not line.ok]


def test_a_good_connection_takes_one_call_and_of_canvas_one_for_each_scope(site_and_check):
    site, check = site_and_check
    assert faults(check()) == []
    assert site.calls.total() in (1, len(SCOPES))


def test_a_token_that_is_not_known_is_said_to_be(site_and_check):
    _, check = site_and_check
    assert "does not know the reading account's token" in faults(check("wrong"))[0]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((503, {}, PAGE), NONE),
        ((500, {}, PAGE), NONE),
        ((404, {}, PAGE), ANOTHER),
        ((301, {"Location": "https://lms.example"}, b""), ANOTHER),
        ((200, {}, PAGE), ANOTHER),
        ((200, {}, b"{}"), ANOTHER),
        ((200, {}, b"null"), ANOTHER),
    ],
)
def test_an_answer_that_is_no_lms_s_becomes_one_line(site_and_check, reply, words):
    site, check = site_and_check
    site.fail = lambda name, number: reply
    (fault,) = faults(check())
    assert fault.startswith(words)


def test_what_moodle_says_of_itself_is_not_taken_for_a_wrong_address(moodle_site):
    body = json.dumps({"exception": "moodle_exception", "errorcode": "sitemaintenance"}).encode()
    moodle_site.fail = lambda name, number: (200, {}, body)
    (fault,) = faults(moodle_connector(moodle_site).check())
    assert fault.startswith("Moodle answered with an error")
