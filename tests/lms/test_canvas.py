"""What is read from modelled answers of Canvas, and what is not."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from lti_tool.lms import LmsRefusedError, LmsUnavailableError
from lti_tool.lms.canvas_calls import CanvasCalls
from tests.lms.captured_lms import canvas_connector, recorded

SUBMISSIONS = "/api/v1/courses/3107/students/submissions"
VIEW = "/api/v1/courses/3107/discussion_topics/9001/view"


def read(site):
    connector = canvas_connector(site)
    listed = connector.activities("3107")
    return {facts.name: list(connector.posts(facts)) for facts in listed if not facts.unreadable}


def test_topics_and_online_texts_stand_in_their_modules_and_anonymous_topics_are_listed_only(canvas_site):
    found = canvas_connector(canvas_site).activities("3107")
    assert [
        (facts.kind, facts.name, facts.section, facts.section_name, facts.unreadable) for facts in found
    ] == [
        ("forum", "Field trip reflections", 5, "Week 5", ""),
        ("forum", "Anonymous concerns", None, "", "anonymous"),
        ("forum", "Group case study", None, "", ""),
        ("reflection", "Weekly reflection", 5, "Week 5", ""),
    ]
    assert found[3].due_at == datetime(2026, 10, 10, 21, 59, 59, tzinfo=UTC)
    assert found[0].changed_at == datetime(2026, 10, 2, 9, 15, 20, tzinfo=UTC)
    # A group's replies do not show in the root topic, and Canvas says of no assignment when it was last handed in.
    assert found[2].changed_at is found[3].changed_at is None


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


def test_an_empty_tree_of_a_topic_with_replies_is_a_fault_and_no_deletion(canvas_site, monkeypatch):
    connector = canvas_connector(canvas_site)
    forum = connector.activities("3107")[0]
    nothing = {"view": [], "new_entries": [], "participants": []}
    monkeypatch.setattr(CanvasCalls, "read", lambda self, path, parameters=None: nothing)
    with pytest.raises(LmsUnavailableError) as told:
        list(connector.posts(forum))
    assert told.value.code == "lms_malformed"


def test_group_discussions_are_read_group_by_group_and_linked_to_where_they_stand(canvas_site):
    canvas_site.changes["/api/v1/groups/601/discussion_topics/9101/view"] = recorded(
        "canvas", "discussion_view"
    )
    found = {post.external_id: post for post in read(canvas_site)["Group case study"]}
    assert found["70001"].url == f"{canvas_site.url}/groups/601/discussion_topics/9101?entry_id=70001"
    assert (found["70001"].thread_id, found["70001"].parent_id) == ("9101", "topic-9003")
    assert canvas_site.calls["/api/v1/groups/601/discussion_topics/9101/view"] == 1
    assert canvas_site.calls["/api/v1/groups/602/discussion_topics/9102/view"] == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [((403, {}, b'{"status": "unauthorized"}'), LmsRefusedError), ((200, {}, b"{}"), LmsUnavailableError)],
)
def test_a_group_that_cannot_be_read_hides_no_other_and_the_read_is_not_complete(canvas_site, answer, error):
    canvas_site.changes["/api/v1/groups/602/discussion_topics/9102/view"] = recorded(
        "canvas", "discussion_view"
    )
    first = "/api/v1/groups/601/discussion_topics/9101/view"
    canvas_site.fail = lambda path, number: answer if path == first else None
    connector, found = canvas_connector(canvas_site), []
    group = next(facts for facts in connector.activities("3107") if facts.name == "Group case study")
    with pytest.raises(error):
        found.extend(connector.posts(group))
    assert {"70001", "topic-9003"} <= {post.external_id for post in found}


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


def test_what_stands_in_hidden_modules_is_left_out_and_blind_or_group_assignments_are_listed_only(
    canvas_site,
):
    modules = recorded("canvas", "modules")
    modules[0]["published"] = False
    canvas_site.changes["/api/v1/courses/3107/modules"] = modules
    shown = [facts.name for facts in canvas_connector(canvas_site).activities("3107")]
    assert shown == ["Anonymous concerns", "Group case study"]
    del canvas_site.changes["/api/v1/courses/3107/modules"]
    for field, value, why in (
        ("anonymous_grading", True, "blind"),
        ("anonymize_students", True, "blind"),
        ("group_category_id", 31, "team"),
    ):
        assignments = recorded("canvas", "assignments")
        assignments[0][field] = value
        canvas_site.changes["/api/v1/courses/3107/assignments"] = assignments
        assert canvas_connector(canvas_site).activities("3107")[-1].unreadable == why


@pytest.mark.parametrize(
    ("change", "listed"),
    [
        ({"published": False}, None),
        ({"is_announcement": True}, None),
        ({"root_topic_id": 9000}, None),
        ({"anonymous_state": "partial_anonymity"}, "anonymous"),
        ({"require_initial_post": True, "user_can_see_posts": False}, "initial_post"),
        ({"require_initial_post": True, "user_can_see_posts": True}, ""),
        ({"is_section_specific": True}, ""),
        ({"last_reply_at": None}, ""),
    ],
)
def test_each_kind_of_topic_is_read_listed_or_left_out(canvas_site, change, listed):
    topics = recorded("canvas", "discussion_topics")
    topics[0] |= change
    canvas_site.changes["/api/v1/courses/3107/discussion_topics"] = topics
    found = {
        facts.external_id: facts.unreadable for facts in canvas_connector(canvas_site).activities("3107")
    }
    assert found.get("9001") == listed


def test_with_a_moment_a_topic_without_newer_replies_is_not_asked_for(canvas_site):
    connector = canvas_connector(canvas_site)
    forum = connector.activities("3107")[0]
    last = datetime(2026, 10, 2, 9, 15, 20, tzinfo=UTC)
    assert list(connector.posts(forum, since=last + timedelta(seconds=1))) == []
    assert canvas_site.calls[VIEW] == 0
    found = {post.external_id for post in connector.posts(forum, since=last)}
    assert found == {"70005", "topic-9001"}
    assert canvas_site.calls[VIEW] == 1


def test_with_a_moment_edits_and_deletions_near_it_come_with_what_is_new(canvas_site):
    connector = canvas_connector(canvas_site)
    forum = connector.activities("3107")[0]
    since = datetime(2026, 10, 1, 12, 30, tzinfo=UTC)
    found = {post.external_id: post for post in connector.posts(forum, since=since)}
    assert set(found) == {"70002", "70005", "topic-9001"}  # deleted at 12:00, and the tree may be an hour old
    assert found["70002"].deleted


def test_submissions_since_a_moment_are_asked_for_a_second_earlier(canvas_site):
    connector = canvas_connector(canvas_site)
    task = connector.activities("3107")[-1]
    list(connector.posts(task, since=datetime(2026, 10, 5, 20, 40, 9, tzinfo=timezone(timedelta(hours=2)))))
    assert any("submitted_since=2026-10-05T18%3A40%3A08Z" in address for address in canvas_site.paths)


def test_an_attempt_moves_and_the_id_stays(canvas_site):
    (post,) = read(canvas_site)["Weekly reflection"]
    assert post.edited_at == post.created_at == datetime(2026, 10, 5, 18, 40, 9, tzinfo=UTC)
    rows = recorded("canvas", "students_submissions")["_body"]
    rows[0]["attempt"] = 1
    canvas_site.changes[SUBMISSIONS] = rows[:1]
    (first,) = read(canvas_site)["Weekly reflection"]
    assert (first.external_id, first.edited_at) == (post.external_id, None)


def test_of_an_entry_in_tree_and_list_the_newer_state_counts_and_a_deletion_is_for_good(canvas_site):
    view = recorded("canvas", "discussion_view_stale_with_new_entries")
    known, gone = view["view"]
    view["new_entries"] += [
        known | {"message": "<p>Later.</p>", "updated_at": "2026-10-03T00:00:00Z", "replies": []},
        {name: value for name, value in known.items() if name != "replies"}
        | {"message": "<p>Earlier.</p>", "updated_at": "2026-09-01T00:00:00Z"},
        {**known, "id": gone["id"], "updated_at": "2026-10-04T00:00:00Z", "replies": []},
    ]
    canvas_site.changes[VIEW] = view
    posts = read(canvas_site)["Field trip reflections"]
    found = {post.external_id: post for post in posts}
    assert len(found) == len(posts)
    assert found["70001"].html == "<p>Later.</p>"
    assert found["70002"].deleted
