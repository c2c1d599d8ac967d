"""Every refusal that was seen on a real site becomes words that a person can act on, and quotes nothing."""

import pytest

from lti_tool.errors import UndertoneError
from lti_tool.lms import LmsRefusedError, LmsUnavailableError
from lti_tool.lms.errors import LmsAccountError
from lti_tool.lms.moodle_calls import OF_THE_ACCOUNT, MoodleCalls, refusal
from lti_tool.outbound.client import Answer
from tests.lms.captured_lms import recorded

SEEN = {
    "invalid_token": ("moodle_invalidtoken", "Make a new one"),
    "no_token": ("moodle_invalidtoken", "Make a new one"),
    "token_expired": ("moodle_accessexception", "not expired"),
    "token_expired_second_call": ("moodle_invalidtoken", "expired"),
    "token_ip_restricted": ("moodle_accessexception", "this server's address"),
    "service_disabled": ("moodle_accessexception", "mod_forum_get_forum_discussions"),
    "user_not_authorised": ("moodle_accessexception", "authorised"),
    "function_not_in_service": ("moodle_accessexception", "in the service"),
    "function_unknown": ("moodle_invalidrecord", "no such course or function"),
    "unknown_course": ("moodle_invalidrecord", "deleted"),
    "unknown_course_contents": ("moodle_invalidrecord", "deleted"),
    "missing_parameter": ("moodle_invalidparameter", "version"),
    "unexpected_parameter": ("moodle_invalidparameter", "version"),
    "bad_sortorder": ("moodle_invalidparameter", "version"),
    "not_enrolled_user": ("moodle_requireloginerror", "moodle/course:view"),
    "must_change_password": ("moodle_forcepasswordchangenotice", "change its password"),
    "user_suspended": ("moodle_wsaccessusersuspended", "active again"),
}
NOT_KNOWN = ("unknown_discussion", "unknown_forum")


class Site:
    """Stands in for the client: every call gets one answer."""

    def __init__(self, status, body):
        self.answer = Answer(status, {}, body)

    def post(self, url, data, most_bytes):
        assert "t0ken" not in url
        return self.answer


def raised(answer):
    with pytest.raises(UndertoneError) as caught:
        MoodleCalls(answer, "https://moodle.example", "t0ken").call("mod_forum_get_forum_discussions")
    return caught.value


@pytest.mark.parametrize("name", SEEN)
def test_what_moodle_refused_says_what_to_do(name):
    body = recorded("moodle", f"error_{name}")["response"]
    error = refusal("mod_forum_get_forum_discussions", body)
    code, words = SEEN[name]
    assert isinstance(error, LmsRefusedError)
    assert error.code == code
    assert words in error.words
    assert isinstance(error, LmsAccountError) is (code.removeprefix("moodle_") in OF_THE_ACCOUNT)
    assert body["message"] not in str(error)
    assert "svc_puller" not in str(error)


@pytest.mark.parametrize("name", NOT_KNOWN)
def test_an_error_without_a_known_code_is_for_later_and_quotes_nothing(name):
    error = refusal("mod_forum_get_discussion_posts", recorded("moodle", f"error_{name}")["response"])
    assert isinstance(error, LmsUnavailableError)
    assert error.code == "moodle_error"
    assert "999" not in str(error)
    assert "null" not in str(error)


@pytest.mark.parametrize(
    ("function", "right"),
    [
        ("mod_forum_get_forum_discussions", "mod/forum:viewdiscussion"),
        ("mod_assign_get_assignments", "mod/assign:view"),
        ("mod_assign_get_submissions", "mod/assign:viewgrades"),
        ("core_course_get_contents", "moodle/course:view"),
        ("core_enrol_get_enrolled_users", "moodle/course:viewparticipants"),
    ],
)
@pytest.mark.parametrize("code", ["nopermissions", "noviewdiscussionspermission"])
def test_a_refused_permission_names_the_right_of_the_function(function, right, code):
    error = refusal(function, {"exception": "x", "errorcode": code, "message": "Sorry, Dan (secret)"})
    assert right in error.words
    assert "Dan" not in str(error)


def test_no_access_in_another_form_is_the_same_right():
    error = refusal("core_course_get_contents", {"exception": "x", "errorcode": "errorcoursecontextnotvalid"})
    assert "moodle/course:view" in error.words


@pytest.mark.parametrize("code", [None, "", 3, ["invalidtoken"], {"a": 1}, "x" * 5000])
def test_a_code_of_any_form_is_no_fault_of_ours(code):
    assert refusal("f", {"exception": "x", "errorcode": code}).code == "moodle_error"


def test_switched_off_web_services_are_told_from_a_site_that_is_down():
    off = raised(Site(403, b""))
    assert off.code == "moodle_switched_off"
    assert isinstance(off, LmsAccountError)
    assert "Web services or the REST protocol" in off.words
    assert isinstance(raised(Site(404, b"<html>")), LmsUnavailableError)
    assert raised(Site(200, b"<html>")).code == "lms_no_api"


def test_debug_information_in_an_error_is_not_kept():
    body = b'{"exception":"e","errorcode":"nopermissions","message":"m","debuginfo":"SELECT secret"}'
    error = raised(Site(200, body))
    assert "secret" not in repr(error) + str(error.__cause__) + str(error.__context__)
