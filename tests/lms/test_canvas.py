"""What is read from modelled answers of Canvas, and what is not."""

import json
from datetime import UTC, datetime

import pytest

from lti_tool.lms import LmsRefusedError, LmsUnavailableError
from tests.lms.captured_lms import canvas_connector, recorded

SUBMISSIONS = "/api/v1/courses/3107/students/submissions"
VIEW = "/api/v1/courses/3107/discussion_topics/9001/view"


def read(site):
    connector = canvas_connector(site)
    return {facts.name: list(connector.posts(facts)) for facts in connector.activities("3107")}


def test_topics_and_online_texts_stand_in_their_modules_and_anonymous_topics_are_left_out(canvas_site):
    found = canvas_connector(canvas_site).activities("3107")
    assert [(facts.kind, facts.name, facts.section, facts.section_name) for facts in found] == [
        ("forum", "Field trip reflections", 5, "Week 5"),
        ("forum", "Group case study", None, ""),
        ("reflection", "Weekly reflection", 5, "Week 5"),
    ]
    assert found[2].due_at == datetime(2026, 10, 10, 21, 59, 59, tzinfo=UTC)


def test_nested_replies_new_entries_and_deletions_are_read(canvas_site):
    posts = {post.external_id: post for post in read(canvas_site)["Field trip reflections"]}
    assert sorted(posts) == ["70001", "70002", "70003", "70004", "70005", "topic-9001"]
    assert posts["70003"].author_id == "760"
    assert posts["70003"].parent_id == "70001"
    assert posts["70003"].edited_at == datetime(2026, 10, 1, 10, 2, 11, tzinfo=UTC)
    assert posts["70002"].deleted
    assert posts["70002"].author_id == posts["70002"].html == ""
    assert posts["70004"].html == "<p>Thanks for this.</p>"
    assert posts["70005"].thread_id == "9001"
    assert posts["topic-9001"].title == "Field trip reflections"
    assert posts["topic-9001"].author_id == "511"


def test_group_discussions_are_read_group_by_group(canvas_site):
    read(canvas_site)
    assert canvas_site.calls["/api/v1/groups/601/discussion_topics/9101/view"] == 1
    assert canvas_site.calls["/api/v1/groups/602/discussion_topics/9102/view"] == 1


def test_only_handed_in_online_texts_are_read_over_all_pages_and_no_grade(canvas_site):
    (post,) = read(canvas_site)["Weekly reflection"]
    assert (post.external_id, post.author_id) == ("40001", "742")
    assert post.html == "<p>I learned to wait before I answer.</p>"
    assert canvas_site.calls[SUBMISSIONS] == 2
    assert not any("grade" in name or "score" in name for name in vars(post))


def test_the_view_that_is_still_being_built_is_waited_for(canvas_site):
    canvas_site.fail = lambda path, number: (503, {}, b"") if path == VIEW and number <= 2 else None
    assert len(read(canvas_site)["Field trip reflections"]) == 6


def test_both_forms_of_slow_down_are_waited_out(canvas_site):
    old = (403, {"X-Rate-Limit-Remaining": "0.0"}, b"403 Forbidden (Rate Limit Exceeded)")
    answers = {1: (429, {}, b""), 2: old}
    canvas_site.fail = lambda path, number: answers.get(number) if path == VIEW else None
    assert len(read(canvas_site)["Field trip reflections"]) == 6


def test_a_next_page_on_another_host_is_not_given_the_token(canvas_site):
    link = {"Link": '<https://elsewhere.example/api/v1/x?page=2>; rel="next"'}
    canvas_site.fail = lambda path, number: (200, link, b"[]") if path == SUBMISSIONS else None
    with pytest.raises(LmsRefusedError, match="another host"):
        read(canvas_site)


def test_endless_pages_are_given_up(canvas_site, monkeypatch):
    monkeypatch.setattr("lti_tool.lms.canvas_calls.MOST_PAGES", 3)
    link = {"Link": f'<{canvas_site.url}{SUBMISSIONS}?page=2>; rel="next"'}
    canvas_site.fail = lambda path, number: (200, link, b"[]") if path == SUBMISSIONS else None
    with pytest.raises(LmsUnavailableError, match="no end"):
        read(canvas_site)


@pytest.mark.parametrize(
    ("error", "words"),
    [("token_expired", "token"), ("scope_missing", "scope"), ("forbidden_current", "teacher")],
)
def test_refusals_say_what_is_missing(canvas_site, error, words):
    known = recorded("canvas", "errors")[error]
    reply = (known["status"], known["headers"], json.dumps(known["body"]).encode())
    canvas_site.fail = lambda path, number: reply
    with pytest.raises(LmsRefusedError) as raised:
        canvas_connector(canvas_site).activities("3107")
    assert words in raised.value.words
    assert canvas_site.calls.total() == 1


def test_hidden_modules_and_group_or_anonymous_assignments_are_left_out(canvas_site):
    modules = recorded("canvas", "modules")
    modules[0]["published"] = False
    canvas_site.changes["/api/v1/courses/3107/modules"] = modules
    assert [facts.name for facts in canvas_connector(canvas_site).activities("3107")] == ["Group case study"]
    del canvas_site.changes["/api/v1/courses/3107/modules"]
    assignments = recorded("canvas", "assignments")
    assignments[0]["anonymous_grading"] = True
    canvas_site.changes["/api/v1/courses/3107/assignments"] = assignments
    kinds = {facts.kind for facts in canvas_connector(canvas_site).activities("3107")}
    assert kinds == {"forum"}
