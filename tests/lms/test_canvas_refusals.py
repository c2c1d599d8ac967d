"""What each refusal of Canvas means (canvas.md, 4), in words that hold nothing of what was answered."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lms import LmsRefusedError, LmsUnavailableError
from lti_tool.lms.canvas_refusals import being_built, refusal, throttled
from lti_tool.lms.errors import CanvasTokenExpiredError, LmsAccountError
from lti_tool.outbound.client import Answer
from tests.lms.captured_lms import recorded

URL = "https://school.example/api/v1/courses/7/discussion_topics/9/view?include_new_entries=1"
VIEW_SCOPE = "url:GET|/api/v1/courses/:course_id/discussion_topics/:topic_id/view"
BEARER = {"WWW-Authenticate": 'Bearer realm="canvas-lms"'}


def known(name):
    """An error of canvas.md's examples."""
    row = recorded("canvas", "errors")[name]
    body = row["body_text"] if "body_text" in row else json.dumps(row["body"])
    return Answer(row["status"], row["headers"], body.encode())


def say(code, message, headers=None, **more):
    return Answer(code, headers or {}, json.dumps({"errors": [{"message": message}], **more}).encode())


@pytest.mark.parametrize(
    ("answer", "kind", "code", "words"),
    [
        (known("token_expired"), CanvasTokenExpiredError, "canvas_token", "token"),
        (say(401, "Zugriffstoken ungültig.", BEARER), CanvasTokenExpiredError, "canvas_token", "token"),
        (known("token_revoked"), LmsAccountError, "canvas_token_revoked", "Authorise"),
        (
            say(401, "Expired access token.", BEARER, expired_at="2026-01-01T00:00:00Z"),
            LmsAccountError,
            "canvas_token_revoked",
            "Authorise",
        ),
        (known("no_token"), LmsRefusedError, "canvas_no_token", "no token"),
        (known("scope_missing"), LmsRefusedError, "canvas_scopes", VIEW_SCOPE),
        (say(401, "Unzureichende Berechtigungen."), LmsRefusedError, "canvas_scopes", VIEW_SCOPE),
        (known("forbidden_current"), LmsRefusedError, "canvas_missing_right", "teacher of the course"),
        (known("forbidden_old"), LmsRefusedError, "canvas_missing_right", "teacher of the course"),
        (
            say(401, "Benutzer nicht berechtigt", status="unauthorized"),
            LmsRefusedError,
            "canvas_missing_right",
            "teacher of the course",
        ),
        (
            known("not_found_or_anonymous_topic"),
            LmsRefusedError,
            "canvas_not_shown",
            "deleted or unpublished",
        ),
        (known("require_initial_post"), LmsRefusedError, "canvas_initial_post", "written in it"),
        (known("bad_assignment_ids"), LmsRefusedError, "canvas_not_shown", "unpublished"),
        (
            Answer(403, {}, b'{"error":"Forbidden","message":"Please give a valid user agent."}'),
            LmsRefusedError,
            "canvas_user_agent",
            "User-Agent",
        ),
        (known("bad_since"), LmsUnavailableError, "lms_no_api", ""),
        (known("server_error"), LmsUnavailableError, "lms_unavailable", ""),
        (Answer(404, {}, b"<html>Not here</html>"), LmsUnavailableError, "lms_no_api", ""),
        (Answer(301, {"Location": "https://elsewhere.example"}, b""), LmsUnavailableError, "lms_no_api", ""),
    ],
)
def test_each_refusal_says_what_to_do(answer, kind, code, words):
    error = refusal(answer, URL)
    assert type(error) is kind
    assert error.code == code
    assert words in error.words
    assert not throttled(answer)


def test_both_forms_of_slow_down_and_only_they_are_known():
    assert throttled(known("throttled_old"))
    assert throttled(known("throttled_current"))
    assert throttled(Answer(429, {}, b""))
    assert not throttled(known("forbidden_current"))


def test_only_a_view_is_built():
    assert being_built(known("view_not_ready"), URL)
    assert not being_built(known("view_not_ready"), URL.replace("/view", "/entries"))
    assert not being_built(Answer(503, {}, b"<html>Maintenance</html>"), URL)


def test_a_scope_outside_of_the_table_is_named_by_its_path():
    error = refusal(known("scope_missing"), "https://school.example/api/v1/courses/7/quizzes?a=b")
    assert "url:GET|/api/v1/courses/7/quizzes." in error.words


@given(
    status=st.sampled_from([400, 401, 403, 404, 418, 500, 503]),
    body=st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["errors", "status", "message", "error"]), inner)
            ),
            max_leaves=6,
        ).map(lambda value: json.dumps(value).encode()),
        st.just(b"[" * 50_000),
    ),
    challenged=st.booleans(),
)
def test_whatever_is_answered_becomes_an_error_without_a_word_of_it(status, body, challenged):
    planted = b'{"errors": [{"message": "PLANTED"}], "x": ' + body + b"}"
    for content in (body, planted):
        error = refusal(Answer(status, BEARER if challenged else {}, content), URL)
        assert isinstance(error, LmsRefusedError | LmsUnavailableError)
        assert "PLANTED" not in str(error)
