"""The Moodle calls have the shape, the quirks and the errors that were seen on a real site."""

import time

import pytest
import requests

from tests.demo.shapes import captured, unlike

CALLS = {
    "core_webservice_get_site_info": {},
    "core_course_get_courses_by_field": {"field": "id", "value": 2},
    "core_course_get_contents": {"courseid": 2},
    "core_enrol_get_enrolled_users": {"courseid": 2},
    "core_user_get_users_by_field": {"field": "id", "values[0]": 5, "values[1]": 6},
    "mod_forum_get_forums_by_courses": {"courseids[0]": 2},
    "mod_forum_get_forum_discussions": {"forumid": 3},
    "mod_forum_get_discussion_posts": {"discussionid": 1, "sortby": "created", "sortdirection": "ASC"},
    "mod_assign_get_assignments": {"courseids[0]": 2, "includenotenrolledcourses": 1},
    "mod_assign_get_submissions": {"assignmentids[0]": 1},
    "mod_assign_list_participants": {"assignid": 1, "groupid": 0, "filter": ""},
    "core_course_get_updates_since": {"courseid": 2, "since": 0},
}


def posts(visit, discussion_id):
    answer = visit.ws(
        "mod_forum_get_discussion_posts", discussionid=discussion_id, sortby="created", sortdirection="ASC"
    )
    return answer["posts"]


def discussions(visit, forum_id, **more):
    return visit.ws("mod_forum_get_forum_discussions", forumid=forum_id, **more)["discussions"]


def place(visit, key):
    """(forum id, discussion id, post id) of a text of the content files."""
    for forum in visit.campus.content.forums:
        for discussion in forum.discussions:
            for post in discussion.posts:
                if post.key == key:
                    return forum.id, discussion.id, post.id
    raise AssertionError(key)


@pytest.mark.parametrize("name", CALLS)
def test_answers_have_the_captured_shape(visit, name):
    got = visit.ws(name, **CALLS[name])
    assert got
    assert unlike(got, captured(f"moodle/ws/{name}")["response"]) == []


@pytest.mark.parametrize(
    ("name", "call", "parameters"),
    [
        ("error_unexpected_parameter", "core_enrol_get_enrolled_users", {"courseid": 2, "bogus": 1}),
        ("error_missing_parameter", "core_enrol_get_enrolled_users", {}),
        ("error_unknown_forum", "mod_forum_get_forum_discussions", {"forumid": 999}),
        ("error_unknown_discussion", "mod_forum_get_discussion_posts", {"discussionid": 999}),
        ("error_unknown_course", "core_enrol_get_enrolled_users", {"courseid": 999}),
        ("error_function_not_in_service", "core_cohort_get_cohorts", {}),
        ("error_bad_sortorder", "mod_forum_get_forum_discussions", {"forumid": 1, "sortorder": 99}),
        ("error_unknown_assignment", "mod_assign_get_submissions", {"assignmentids[0]": 999}),
        ("mod_assign_get_assignments_flag_missing", "mod_assign_get_assignments", {"courseids[0]": 2}),
    ],
)
def test_errors_come_in_a_200_body_in_moodles_words(visit, name, call, parameters):
    assert visit.ws(call, **parameters) == captured(f"moodle/ws/{name}")["response"]


def test_a_wrong_token_is_not_found(visit):
    assert (
        visit.ws("core_webservice_get_site_info", wstoken="f" * 32)
        == (captured("moodle/ws/error_invalid_token")["response"])
    )


def test_only_active_people_need_a_right_the_account_lacks(visit):
    options = {"options[0][name]": "onlyactive", "options[0][value]": 1}
    denied = captured("moodle/ws/core_enrol_get_enrolled_users_onlyactive_denied")["response"]
    assert visit.ws("core_enrol_get_enrolled_users", courseid=2, **options) == denied


def test_people_are_paged_and_slimmed_on_request(visit):
    form = captured("moodle/ws/core_enrol_get_enrolled_users_slim_page")["request"]["form"]
    options = {name: value for name, value in form.items() if name.startswith("options")}
    got = visit.ws("core_enrol_get_enrolled_users", courseid=2, **options)
    model = captured("moodle/ws/core_enrol_get_enrolled_users_slim_page")["response"]
    assert [one["id"] for one in got] == [6, 7]
    assert unlike(got, model) == []


def test_no_call_tells_a_choice_an_email_or_a_number(visit):
    told = "".join(str(visit.ws(name, **parameters)) for name, parameters in CALLS.items())
    assert "choice" not in told
    assert "@campus.example" not in told.replace("helpdesk@campus.example", "")
    assert "visitor" not in told
    assert "s22910" not in told


def test_the_hidden_forum_is_not_there(visit):
    forum_id, discussion_id, _ = place(visit, "h1")
    denied = captured("moodle/ws/error_not_enrolled_user")["response"]
    names = [forum["name"] for forum in visit.ws("mod_forum_get_forums_by_courses", courseids__0=2)]
    assert names == [*(f"Week {n} help" for n in range(1, 7)), "Course talk"]
    assert "Staff notes" not in str(visit.ws("core_course_get_contents", courseid=2))
    assert visit.ws("mod_forum_get_forum_discussions", forumid=forum_id) == denied
    assert visit.ws("mod_forum_get_discussion_posts", discussionid=discussion_id) == denied


def test_pages_begin_with_the_pinned_one_and_end_in_an_empty_list(visit):
    forum_id, pinned, _ = place(visit, "g1")
    pages = [discussions(visit, forum_id, sortorder=4, page=page, perpage=3) for page in range(3)]
    assert [len(page) for page in pages] == [3, 1, 0]
    ids = [row["discussion"] for page in pages for row in page]
    assert ids[0] == pinned
    assert ids == [row["discussion"] for row in discussions(visit, forum_id, sortorder=4)]
    assert sorted(ids[1:]) == ids[1:]


def test_posts_and_edits_and_deletions_appear_with_the_clock(visit):
    forum_id, discussion_id, edited = place(visit, "f12")
    _, _, deleted = place(visit, "f18")
    visit.clock.day = 3.0
    assert discussions(visit, forum_id) == []
    assert visit.ws("mod_forum_get_discussion_posts", discussionid=discussion_id)["exception"] == "Error"
    visit.clock.day = 41.6
    before = {post["id"]: post for post in posts(visit, discussion_id)}
    visit.clock.day = 41.84
    after = {post["id"]: post for post in posts(visit, discussion_id)}
    assert before[edited]["message"] != after[edited]["message"]
    assert before[edited]["timecreated"] == before[edited]["timemodified"] < after[edited]["timemodified"]
    assert deleted in after
    visit.clock.day = 41.9
    assert deleted not in {post["id"] for post in posts(visit, discussion_id)}


def test_an_edit_moves_only_the_posts_own_time(visit):
    forum_id, discussion_id, post_id = place(visit, "d15")  # the newest of its discussion
    visit.clock.day = 50
    seen = visit.ws("core_course_get_updates_since", courseid=2, since=int(visit.clock().timestamp()))
    row = next(row for row in discussions(visit, forum_id) if row["discussion"] == discussion_id)
    visit.clock.day = 51
    visit.campus.edit("yusuf", post_id, "<p>I was wrong.</p>")
    assert next(r for r in discussions(visit, forum_id) if r["discussion"] == discussion_id) == row
    assert (
        visit.ws(
            "core_course_get_updates_since",
            courseid=2,
            since=int(visit.campus.start.timestamp()) + 50 * 86400,
        )
        == seen
    )
    post = next(post for post in posts(visit, discussion_id) if post["id"] == post_id)
    assert (post["message"], post["timemodified"]) == ("<p>I was wrong.</p>", int(visit.clock().timestamp()))


def test_a_reply_moves_the_discussion_and_a_deletion_moves_it_back(visit):
    forum_id, discussion_id, post_id = place(visit, "d15")
    before = next(row for row in discussions(visit, forum_id) if row["discussion"] == discussion_id)
    visit.clock.day = 50
    new = visit.campus.reply("will", post_id, "<p>Good.</p>")
    after = next(row for row in discussions(visit, forum_id) if row["discussion"] == discussion_id)
    assert (after["timemodified"], after["numreplies"]) == (
        int(visit.clock().timestamp()),
        before["numreplies"] + 1,
    )
    updates = visit.ws("core_course_get_updates_since", courseid=2, since=after["timemodified"] - 1)
    assert updates["instances"][0]["updates"] == [{"name": "discussions", "itemids": [after["id"]]}]
    visit.campus.delete("will", new.id)
    assert next(row for row in discussions(visit, forum_id) if row["discussion"] == discussion_id) == before


def test_a_post_deleted_by_staff_takes_its_replies_along(visit):
    _, discussion_id, post_id = place(visit, "d9")
    count = len(posts(visit, discussion_id))
    visit.campus.delete("instructor", post_id)
    assert len(posts(visit, discussion_id)) == count - 3


def test_private_replies_stay_private(visit):
    _, discussion_id, post_id = place(visit, "d14p")
    assert post_id not in {post["id"] for post in posts(visit, discussion_id)}
    assert (
        "this one only you can read"
        in visit.as_person("keisha")
        .get(f"{visit.url}/mod/forum/discuss.php?d={discussion_id}", timeout=10)
        .text
    )


def test_forgotten_people_leave_emptied_posts_and_deleted_accounts_a_mark(visit):
    _, discussion_id, opening = place(visit, "d8")
    visit.campus.forget("keisha")
    visit.campus.leave("dmytro", "deleted")
    rows = {post["id"]: post for post in posts(visit, discussion_id)}
    models = captured("moodle/ws/gone_mod_forum_get_discussion_posts_2")["response"]["posts"]
    assert unlike(rows[opening], models[0]) == []
    assert [rows[opening][name] for name in ("isdeleted", "subject", "message", "timecreated")] == [
        models[0][name] for name in ("isdeleted", "subject", "message", "timecreated")
    ]
    account = rows[place(visit, "d9")[2]]["author"]
    assert (account["isdeleted"], account["fullname"]) == (True, "Deleted user")


def test_submissions_since_is_inclusive_and_misses_a_removal(visit):
    visit.clock.day = 50
    now = int(visit.clock().timestamp())
    visit.campus.submit("visitor", 2, "<p>Written again.</p>")
    visit.campus.submit("will", 2, "<p>Not yet.</p>", status="draft")
    asked = {"assignmentids[0]": 2, "since": now}
    rows = visit.ws("mod_assign_get_submissions", **asked)["assignments"][0]["submissions"]
    assert {row["status"] for row in rows} == {"submitted", "draft"}
    only = visit.ws("mod_assign_get_submissions", status="submitted", **asked)["assignments"][0][
        "submissions"
    ]
    assert [row["plugins"][0]["editorfields"][0]["text"] for row in only] == ["<p>Written again.</p>"]
    assert only[0]["timecreated"] < only[0]["timemodified"] == now
    visit.clock.day = 51
    visit.campus.withdraw_submission("visitor", 2)
    asked["since"] = now + 1
    assert visit.ws("mod_assign_get_submissions", **asked)["warnings"] == [
        {"item": "module", "itemid": 2, "warningcode": "3", "message": "No submissions found"}
    ]


def test_submissions_of_people_who_left_disappear_but_their_posts_stay(visit):
    visit.campus.leave("will", "unenrolled")
    rows = visit.ws("mod_assign_get_submissions", assignmentids__0=1)["assignments"][0]["submissions"]
    assert visit.campus.user_id("will") not in {row["userid"] for row in rows}
    authors = {post["author"]["id"] for post in posts(visit, place(visit, "a2")[1])}
    assert visit.campus.user_id("will") in authors
    assert visit.campus.user_id("will") not in {
        one["id"] for one in visit.ws("core_enrol_get_enrolled_users", courseid=2)
    }


def test_planned_faults_strike_and_pass_and_calls_are_counted(visit):
    faults = visit.campus.settings.faults
    faults.fail_next(2, "unavailable")
    faults.fail_next(1, "half", function="mod_forum_get_forum_discussions")
    address = f"{visit.url}/webservice/rest/server.php"
    form = {"wstoken": visit.campus.settings.service_token, "wsfunction": "core_webservice_get_site_info"}
    assert [requests.post(address, data=form, timeout=10).status_code for _ in range(3)] == [503, 503, 200]
    with pytest.raises(requests.RequestException):
        visit.ws("mod_forum_get_forum_discussions", forumid=1)
    assert discussions(visit, 1)
    assert faults.calls == {"core_webservice_get_site_info": 3, "mod_forum_get_forum_discussions": 2}


def test_a_call_that_times_out_keeps_its_caller_waiting(visit):
    visit.campus.settings.faults.fail_next(1, "timeout")
    begun = time.monotonic()
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{visit.url}/webservice/rest/server.php", data={"wsfunction": "x"}, timeout=0.3)
    assert time.monotonic() - begun < 5
