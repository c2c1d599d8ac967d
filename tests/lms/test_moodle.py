"""What is read from recorded answers of Moodle, and what is not."""

import json
import logging
from datetime import UTC, datetime

import pytest

from lti_tool.lms import ActivityFacts, LmsRefusedError, LmsUnavailableError
from tests.lms.captured_lms import moodle_connector, recorded

FORUM = ActivityFacts("1", "forum", "Week 1 reflection forum")
REFLECTION = ActivityFacts(
    "1", "reflection", "Weekly reflection 1", url="https://lms/mod/assign/view.php?id=5"
)


def test_activities_stand_in_their_sections_and_hidden_ones_are_left_out(moodle_site):
    found = moodle_connector(moodle_site).activities("2")
    assert [(facts.kind, facts.name, facts.section, facts.unreadable) for facts in found] == [
        ("forum", "Week 1 reflection forum", 1, ""),
        ("forum", "Group forum (separate groups)", 2, ""),
        ("forum", "Q and A forum", 3, ""),
        ("reflection", "Weekly reflection 1", 1, ""),
        ("reflection", "Weekly reflection 2 (blind marking)", 2, "blind"),
        ("reflection", "Group reflection", 3, "team"),
    ]
    assert found[3].section_name == "Week 1: Expectations"
    assert found[3].due_at == datetime(2026, 11, 24, 4, 40, 46, tzinfo=UTC)
    assert found[0].url == f"{moodle_site.url}/mod/forum/view.php?id=1"


def test_a_forum_tells_when_something_was_last_added_and_an_assignment_does_not(moodle_site):
    first = {facts.name: facts for facts in moodle_connector(moodle_site).activities("2")}
    assert first["Week 1 reflection forum"].changed_at == datetime(2026, 11, 17, 10, 47, 29, tzinfo=UTC)
    assert first["Weekly reflection 1"].changed_at is None
    moodle_site.stage = "delta"
    later = {facts.name: facts for facts in moodle_connector(moodle_site).activities("2")}
    assert later["Week 1 reflection forum"].changed_at == datetime(2026, 11, 23, 4, 51, 41, tzinfo=UTC)


def test_every_post_of_every_discussion_is_read_with_nested_replies(moodle_site):
    posts = {post.external_id: post for post in moodle_connector(moodle_site).posts(FORUM)}
    assert sorted(posts, key=int) == ["1", "2", "3", "4", "5", "6", "8", "9", "10", "11", "12"]
    assert posts["3"].parent_id == "2"
    assert posts["3"].author_id == "6"
    assert posts["3"].thread_id == "1"
    assert "Smile &lt;3" in posts["3"].html
    assert (posts["2"].title, posts["8"].title) == (None, "Started by a student")
    assert posts["2"].edited_at is None
    assert posts["2"].url == f"{moodle_site.url}/mod/forum/discuss.php?d=1#p2"


def test_private_replies_are_left_out(moodle_site):
    private = recorded("moodle", "mod_forum_get_discussion_posts_as_teacher_with_private_reply")["response"]
    moodle_site.changes["mod_forum_get_discussion_posts"] = lambda asked: private
    posts = list(moodle_connector(moodle_site).posts(FORUM))
    assert not any("PRIVATE" in post.html for post in posts)
    assert len({post.external_id for post in posts}) == 6


def test_removed_posts_and_those_of_deleted_accounts_come_without_a_text(moodle_site):
    moodle_site.stage = "gone"
    posts = {post.external_id: post for post in moodle_connector(moodle_site).posts(FORUM)}
    assert posts["8"].deleted
    assert posts["18"].deleted
    assert posts["8"].html == posts["18"].html == ""
    assert posts["2"].edited_at == datetime(2026, 11, 23, 4, 51, 40, tzinfo=UTC)


def test_discussions_are_read_page_by_page(moodle_site, monkeypatch):
    monkeypatch.setattr("lti_tool.lms.moodle_pages.DISCUSSIONS_A_PAGE", 4)
    assert len(list(moodle_connector(moodle_site).posts(FORUM))) == 11
    # Twice two pages: what needed several is listed again, in case that something vanished in between.
    assert moodle_site.calls["mod_forum_get_forum_discussions"] == 4


def test_a_quick_pass_reads_only_discussions_that_were_added_to(moodle_site):
    moodle_site.stage = "delta"
    since = datetime(2026, 11, 23, 4, 51, 41, tzinfo=UTC)
    posts = list(moodle_connector(moodle_site).posts(FORUM, since))
    assert {post.thread_id for post in posts} == {"2"}
    assert moodle_site.calls["mod_forum_get_discussion_posts"] == 1


def test_a_quick_pass_asks_for_submissions_from_that_second_on(moodle_site):
    asked = []
    answer = recorded("moodle", "mod_assign_get_submissions")["response"]
    moodle_site.changes["mod_assign_get_submissions"] = lambda form: asked.append(form) or answer
    list(moodle_connector(moodle_site).posts(REFLECTION, datetime(2026, 11, 23, 12, 0, 0, 700, tzinfo=UTC)))
    list(moodle_connector(moodle_site).posts(REFLECTION))
    assert [form.get("since") for form in asked] == ["1795435200", None]


def test_a_site_without_end_of_pages_is_given_up(moodle_site, monkeypatch):
    monkeypatch.setattr("lti_tool.lms.moodle_pages.DISCUSSIONS_A_PAGE", 1)
    monkeypatch.setattr("lti_tool.lms.moodle_pages.MOST_PAGES", 5)
    moodle_site.changes["mod_forum_get_forum_discussions"] = lambda asked: {
        "discussions": [{"discussion": int(asked["page"]) + 100, "timemodified": 1}]
    }
    with pytest.raises(LmsUnavailableError, match="no end"):
        list(moodle_connector(moodle_site).posts(FORUM))


def test_only_submitted_texts_of_one_author_are_read(moodle_site):
    posts = list(moodle_connector(moodle_site).posts(REFLECTION))
    assert [(post.external_id, post.author_id) for post in posts] == [("1", "5"), ("3", "7"), ("4", "8")]
    assert not any("Draft only" in post.html for post in posts)
    assert posts[0].url == REFLECTION.url


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("error_invalid_token", "does not know the reading account's token"),
        ("error_token_expired", "core_course_get_contents"),
        ("error_function_not_in_service", "webservice/rest:use"),
        ("error_not_enrolled_user", "moodle/course:view"),
        ("error_must_change_password", "change its password"),
        ("error_user_suspended", "suspended"),
        ("error_unknown_course_contents", "no such course"),
    ],
)
def test_an_error_in_a_200_body_becomes_words_that_say_what_to_do(moodle_site, error, words):
    moodle_site.changes["core_course_get_contents"] = lambda asked: recorded("moodle", error)["response"]
    with pytest.raises(LmsRefusedError) as raised:
        moodle_connector(moodle_site).activities("2")
    assert words in raised.value.words
    assert "svc_puller" not in str(raised.value)


def test_an_error_without_a_code_deletes_nothing_and_is_tried_again_later(moodle_site):
    answer = recorded("moodle", "error_unknown_discussion")["response"]
    moodle_site.changes["mod_forum_get_discussion_posts"] = lambda asked: answer
    with pytest.raises(LmsUnavailableError):
        list(moodle_connector(moodle_site).posts(FORUM))


def test_an_empty_list_where_something_must_be_is_a_missing_right(moodle_site):
    moodle_site.changes["mod_forum_get_forums_by_courses"] = lambda asked: []
    connector = moodle_connector(moodle_site)
    forums = [facts for facts in connector.activities("2") if facts.kind == "forum"]
    assert len(forums) == 3
    for facts in forums:
        with pytest.raises(LmsRefusedError, match="mod/forum:viewdiscussion"):
            list(connector.posts(facts))
    moodle_site.changes = {"mod_forum_get_discussion_posts": lambda asked: {"posts": []}}
    with pytest.raises(LmsRefusedError, match="mod/forum:viewdiscussion"):
        list(moodle_connector(moodle_site).posts(FORUM))
    counted = ActivityFacts("4", "forum", "Q and A forum", cursor="1")
    with pytest.raises(LmsRefusedError, match="mod/forum:viewdiscussion"):
        list(moodle_connector(moodle_site).posts(counted))


def test_a_forum_of_groups_that_counts_discussions_and_shows_none_lacks_the_right_to_groups(moodle_site):
    moodle_site.changes["mod_forum_get_forum_discussions"] = lambda asked: {"discussions": []}
    connector = moodle_connector(moodle_site)
    groups = next(one for one in connector.activities("2") if "separate groups" in one.name)
    with pytest.raises(LmsRefusedError, match="course: moodle/site:accessallgroups"):
        list(connector.posts(groups))
    lines = {line.name: line for line in connector.check_course("2")}
    assert not lines["mod/forum:viewdiscussion"].ok
    assert "lacks" in lines["moodle/site:accessallgroups"].words
    assert "Perhaps" not in lines["moodle/site:accessallgroups"].words


def test_a_warning_of_no_rights_is_not_taken_for_no_submissions(moodle_site):
    refused = recorded("moodle", "error_student_get_submissions")["response"]
    moodle_site.changes["mod_assign_get_submissions"] = lambda asked: refused
    with pytest.raises(LmsRefusedError, match="mod/assign:viewgrades"):
        list(moodle_connector(moodle_site).posts(REFLECTION))


def test_assignments_need_the_flag_for_an_account_that_is_not_enrolled(moodle_site):
    none = recorded("moodle", "mod_assign_get_assignments_flag_missing")["response"]
    moodle_site.changes["mod_assign_get_assignments"] = lambda asked: none
    connector = moodle_connector(moodle_site)
    tasks = [facts for facts in connector.activities("2") if facts.kind == "reflection"]
    assert {facts.name for facts in tasks} > {"Weekly reflection 1"}
    with pytest.raises(LmsRefusedError, match="mod/assign:view"):
        list(connector.posts(tasks[0]))


@pytest.mark.parametrize("status", [503, 429, 502])
def test_a_short_outage_is_waited_out(moodle_site, status):
    moodle_site.fail = lambda name, number: (status, {}, b"<html>") if number <= 2 else None
    assert len(moodle_connector(moodle_site).activities("2")) == 6


def test_a_long_outage_is_one_clear_error_after_a_bounded_number_of_tries(moodle_site):
    moodle_site.fail = lambda name, number: (503, {}, b"<html>")
    with pytest.raises(LmsUnavailableError):
        moodle_connector(moodle_site).activities("2")
    assert moodle_site.calls.total() == 4


def test_switched_off_web_services_are_said_to_be(moodle_site):
    moodle_site.fail = lambda name, number: (403, {}, b"")
    with pytest.raises(LmsRefusedError, match="switched off"):
        moodle_connector(moodle_site).activities("2")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"courses": 3}', b'"x"', b"null", b"\xff\xfe"])
def test_an_answer_of_another_form_is_an_error_in_words(moodle_site, body):
    moodle_site.fail = lambda name, number: (200, {}, body) if name == "mod_assign_get_assignments" else None
    with pytest.raises(LmsUnavailableError):
        moodle_connector(moodle_site).activities("2")


def test_the_token_is_in_no_address_error_or_log(moodle_site, caplog):
    caplog.set_level(logging.DEBUG)
    secret = "f" * 32
    with pytest.raises(LmsRefusedError) as raised:
        moodle_connector(moodle_site, secret).activities("2")
    moodle_site.fail = lambda name, number: (503, {}, b"")
    with pytest.raises(LmsUnavailableError) as down:
        moodle_connector(moodle_site, secret).activities("2")
    for error in (raised.value, down.value):
        chain = [error, error.__cause__]
        assert error.__suppress_context__ or error.__context__ is None
        assert secret not in "".join(map(repr, chain)) + str(error)
    assert secret not in caplog.text


def test_the_check_names_the_functions_that_are_missing(moodle_site):
    lines = moodle_connector(moodle_site).check()
    assert all(line.ok for line in lines)
    site = json.loads(json.dumps(recorded("moodle", "core_webservice_get_site_info")["response"]))
    site["functions"] = [one for one in site["functions"] if one["name"] != "mod_assign_get_submissions"]
    moodle_site.changes["core_webservice_get_site_info"] = lambda asked: site
    assert [line.name for line in moodle_connector(moodle_site).check() if not line.ok] == [
        "mod_assign_get_submissions"
    ]
    assert not moodle_connector(moodle_site, "wrong").check()[0].ok


def test_the_server_of_recordings_filters_by_time_as_was_recorded(moodle_site):
    moodle_site.stage = "delta"
    known = recorded("moodle", "delta_mod_assign_get_submissions_since")
    since = int(known["request"]["form"]["since"])
    posts = moodle_connector(moodle_site).posts(REFLECTION, datetime.fromtimestamp(since, UTC))
    (task,) = known["response"]["assignments"]
    assert [post.external_id for post in posts] == [
        str(row["id"]) for row in task["submissions"] if row["status"] == "submitted"
    ]


@pytest.mark.parametrize("stage", ["delta", "gone"])
def test_a_quick_pass_over_recorded_changes_tells_nothing_that_is_not_so(moodle_site, stage):
    """It brings what was added and may miss edits, deletions and submissions that were given back."""
    connector = moodle_connector(moodle_site)
    newest = max(post.created_at for post in connector.posts(FORUM))
    moodle_site.stage = stage
    for activity in (FORUM, REFLECTION):
        whole = {post.external_id: post for post in connector.posts(activity)}
        quick = {post.external_id: post for post in connector.posts(activity, newest)}
        assert quick.items() <= whole.items()
        assert {key for key, post in whole.items() if post.created_at > newest} <= set(quick)
