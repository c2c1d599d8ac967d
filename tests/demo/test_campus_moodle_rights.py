"""What the Moodle face does when its reading account lacks a right: the same as was seen on a real site."""

import re

import pytest

from tests.demo.shapes import unlike
from tests.lms.captured_lms import recorded
from tests.lms.in_process import TOKEN, Clock, campus_in_process


class Site:
    """A campus and calls to its Moodle face."""

    def __init__(self):
        self.clock = Clock()
        self.campus, self.client = campus_in_process(self.clock)
        self.without = self.campus.settings.moodle_without

    def ws(self, name, **parameters):
        names = {re.sub(r"__(\d+)$", r"[\1]", key): value for key, value in parameters.items()}
        form = {"wstoken": TOKEN, "wsfunction": name, "moodlewsrestformat": "json", **names}
        url = f"{self.campus.settings.base_url}/webservice/rest/server.php"
        return self.client.post(url, data=form).json()

    def discussions(self, forum_id, **asked):
        return self.ws("mod_forum_get_forum_discussions", forumid=forum_id, **asked)["discussions"]

    def posts(self, discussion_id):
        return self.ws("mod_forum_get_discussion_posts", discussionid=discussion_id)["posts"]

    def assignments(self):
        asked = {"courseids__0": 2, "includenotenrolledcourses": 1}
        return self.ws("mod_assign_get_assignments", **asked)

    def modules(self):
        return [
            one for section in self.ws("core_course_get_contents", courseid=2) for one in section["modules"]
        ]


@pytest.fixture
def site():
    return Site()


def test_without_the_right_to_the_course_nothing_opens(site):
    site.without.add("moodle/course:view")
    denied = recorded("moodle", "error_not_enrolled_user")["response"]
    assert site.ws("core_course_get_contents", courseid=2) == denied
    assert site.ws("core_enrol_get_enrolled_users", courseid=2) == denied
    assert site.ws("mod_forum_get_forum_discussions", forumid=1) == denied
    assert site.ws("mod_forum_get_discussion_posts", discussionid=1) == denied
    assert site.ws("mod_forum_get_forums_by_courses", courseids__0=2) == []
    assert site.assignments()["courses"] == []


def test_without_the_right_to_read_forums_and_posts_are_empty_and_no_error(site):
    site.without.add("mod/forum:viewdiscussion")
    assert site.ws("mod_forum_get_forums_by_courses", courseids__0=2) == []
    assert site.posts(1) == []
    answer = site.ws("mod_forum_get_forum_discussions", forumid=1)
    assert answer["errorcode"] == "noviewdiscussionspermission"


def test_without_the_right_to_submissions_there_is_a_warning(site):
    site.without.add("mod/assign:viewgrades")
    denied = recorded("moodle", "error_student_get_submissions")["response"]
    assert site.ws("mod_assign_get_submissions", assignmentids__0=1) == denied
    assert site.assignments()["courses"][0]["assignments"]


def test_without_the_right_to_assignments_they_are_missing_with_warnings(site):
    site.without.add("mod/assign:view")
    answer = site.assignments()
    assert answer["courses"][0]["assignments"] == []
    assert {one["warningcode"] for one in answer["warnings"]} == {"1"}
    assert len(answer["warnings"]) == len(site.campus.assignments())


def test_without_the_right_to_all_groups_a_forum_with_groups_is_empty_and_its_count_too(site):
    forum = site.campus.add_forum("Apart", separate_groups=True)
    opened = site.campus.open_discussion("will", forum.id, "Ours", "<p>A only</p>", group="A")
    model = recorded("moodle", "mod_forum_get_forum_discussions_groups")["response"]["discussions"][0]
    assert unlike(site.discussions(forum.id)[0], model) == []
    assert site.discussions(forum.id)[0]["groupid"] == 1
    assert next(one for one in site.modules() if one["id"] == forum.cmid)["groupmode"] == 1
    site.without.add("moodle/site:accessallgroups")
    assert site.discussions(forum.id) == []
    assert site.posts(opened.id) == []
    rows = site.ws("mod_forum_get_forums_by_courses", courseids__0=2)
    assert next(row for row in rows if row["id"] == forum.id)["numdiscussions"] == 0


def test_without_its_right_a_question_counts_answers_and_shows_none(site):
    forum = site.campus.add_forum("Questions", "qanda")
    asked = site.campus.open_discussion("instructor", forum.id, "Why", "<p>Why?</p>")
    site.campus.reply("will", asked.posts[0].id, "<p>Because.</p>")
    assert len(site.posts(asked.id)) == 2
    site.without.add("mod/forum:viewqandawithoutposting")
    assert [post["parentid"] for post in site.posts(asked.id)] == [None]
    assert site.discussions(forum.id)[0]["numreplies"] == 1


def test_people_need_two_rights_and_one_of_them_is_missed_in_silence(site):
    everyone = site.ws("core_enrol_get_enrolled_users", courseid=2)
    site.without.add("moodle/user:viewdetails")
    contacts = site.ws("core_enrol_get_enrolled_users", courseid=2)
    assert {one["roles"][0]["shortname"] for one in contacts} == {"editingteacher"}
    assert 0 < len(contacts) < len(everyone)
    assert site.ws("core_user_get_users_by_field", field="id", values__0=5) == []
    site.without.add("moodle/course:viewparticipants")
    assert site.ws("core_enrol_get_enrolled_users", courseid=2)["errorcode"] == "nopermissions"


def test_only_active_people_can_be_asked_for_with_the_right(site):
    site.campus.leave("will", "suspended")
    site.without.discard("moodle/course:enrolreview")
    active = {"options[0][name]": "onlyactive", "options[0][value]": 1}
    ids = {one["id"] for one in site.ws("core_enrol_get_enrolled_users", courseid=2, **active)}
    everyone = {one["id"] for one in site.ws("core_enrol_get_enrolled_users", courseid=2)}
    assert everyone - ids == {site.campus.user_id("will")}


def test_hidden_things_come_with_their_mark_where_the_account_may_see_them(site):
    task = site.campus.add_assignment("Not yet", visible=False)
    before = site.modules()
    site.without.discard("moodle/course:viewhiddenactivities")
    new = [one for one in site.modules() if one not in before]
    assert {(one["name"], one["visible"]) for one in new} == {("Not yet", 0), ("Staff notes", 0)}
    hidden = next(forum for forum in site.campus.content.forums if not forum.visible)
    assert site.discussions(hidden.id)
    site.without.add("moodle/course:viewhiddenactivities")
    warning = site.assignments()["warnings"]
    assert [(one["itemid"], one["warningcode"]) for one in warning] == [(task.cmid, "1")]


def test_private_replies_come_with_their_mark_where_the_account_may_read_them(site):
    reply = site.campus.reply(
        "instructor", site.campus.posts(site.campus.discussion(1))[0].id, "<p>!</p>", private=True
    )
    count = len(site.posts(1))
    site.without.discard("mod/forum:readprivatereplies")
    shown = {post["id"]: post["isprivatereply"] for post in site.posts(1)}
    assert len(shown) == count + 1
    assert shown[reply.id]


def test_a_function_outside_the_service_is_neither_offered_nor_answered(site):
    site.without.add("mod_forum_get_discussion_posts")
    names = {one["name"] for one in site.ws("core_webservice_get_site_info")["functions"]}
    assert "mod_forum_get_discussion_posts" not in names
    denied = recorded("moodle", "error_function_not_in_service")["response"]
    assert site.ws("mod_forum_get_discussion_posts", discussionid=1) == denied


@pytest.mark.parametrize("kind", ["workshop", "data"])
def test_other_kinds_of_activity_stand_on_the_course_page_only(site, kind):
    made = site.campus.add_other(kind, "Something else")
    module = next(one for one in site.modules() if one["id"] == made.cmid)
    assert (module["modname"], module["instance"], module["name"]) == (kind, 1, "Something else")


def test_group_texts_have_a_row_without_an_author_and_stubs(site):
    task = site.campus.add_assignment("Together", team=True)
    site.campus.submit_as_group(["will", "yusuf"], task.id, "<p>We wrote.</p>", "A")
    rows = site.ws("mod_assign_get_submissions", assignmentids__0=task.id)["assignments"][0]["submissions"]
    model = recorded("moodle", "mod_assign_get_submissions_many")["response"]["assignments"][1]["submissions"]
    assert unlike(rows, model) == []
    written = [
        (row["userid"] == 0, row["groupid"], row["plugins"][0]["editorfields"][0]["text"]) for row in rows
    ]
    assert written == [(True, 1, "<p>We wrote.</p>"), (False, 0, ""), (False, 0, "")]


def test_a_blind_assignment_says_so_and_shows_its_authors_all_the_same(site):
    task = site.campus.add_assignment("Blind", blind=True)
    site.campus.submit("will", task.id, "<p>x</p>")
    row = next(one for one in site.assignments()["courses"][0]["assignments"] if one["id"] == task.id)
    assert (row["blindmarking"], row["revealidentities"], row["teamsubmission"]) == (1, 0, 0)
    rows = site.ws("mod_assign_get_submissions", assignmentids__0=task.id)["assignments"][0]["submissions"]
    assert rows[0]["userid"] == site.campus.user_id("will")


def test_a_revert_and_a_removal_keep_the_time_and_another_attempt_gets_an_id(site):
    task = site.campus.assignments()[0]
    site.clock.day += 1
    row = site.campus.submit("visitor", task.id, "<p>First.</p>")
    written = int(site.clock().timestamp())

    def own():
        found = site.ws("mod_assign_get_submissions", assignmentids__0=task.id, since=written)
        rows = found["assignments"][0]["submissions"]
        return [(one["id"], one["status"], one["attemptnumber"], one["timemodified"]) for one in rows]

    assert own() == [(row.id, "submitted", 0, written)]
    site.clock.day += 1
    site.campus.revert_to_draft("visitor", task.id)
    assert own() == [(row.id, "draft", 0, written)]
    site.campus.submit("visitor", task.id, "<p>Again.</p>")
    second = site.campus.reopen("visitor", task.id)
    now = int(site.clock().timestamp())
    assert own() == [(second.id, "reopened", 1, now)]
    site.campus.submit("visitor", task.id, "<p>Second attempt.</p>")
    assert own() == [(second.id, "submitted", 1, now)]
    site.campus.withdraw_submission("visitor", task.id)
    assert own() == [(second.id, "new", 1, now)]


@pytest.mark.parametrize(
    ("fault", "status"),
    [("slow_down", 429), ("not_json", 200), ("wrong_form", 200), ("refused", 200), ("unavailable", 503)],
)
def test_faults_come_in_moodles_form(site, fault, status):
    site.campus.settings.faults.fail_next(1, fault)
    url = f"{site.campus.settings.base_url}/webservice/rest/server.php"
    answer = site.client.post(url, data={"wstoken": TOKEN, "wsfunction": "core_course_get_contents"})
    assert answer.status == status
    if fault == "refused":
        assert answer.json() == recorded("moodle", "error_invalid_token")["response"]


def test_pages_can_be_broken_and_mended(site):
    faults = site.campus.settings.faults
    forum = site.campus.add_forum("Long")
    for number in range(3):
        site.campus.open_discussion("will", forum.id, f"No {number}", "<p>x</p>")

    def pages():
        return [
            [row["discussion"] for row in site.discussions(forum.id, sortorder=4, page=page, perpage=2)]
            for page in range(3)
        ]

    whole = pages()
    assert [len(page) for page in whole] == [2, 1, 0]
    faults.paging = "repeats"
    assert pages() == [whole[0]] * 3
    faults.paging = "endless"
    assert [len(page) for page in pages()] == [2, 2, 2]
    assert len({one for page in pages()[1:] for one in page}) == 4
    faults.clear()
    assert pages() == whole
