"""What people do on the campus's pages arrives in the calls, and only what they may do."""

import re

import pytest
import requests

from tests.demo.test_campus_moodle import place, posts

EVERYWHERE = [
    "/",
    "/course/view.php?id=2",
    "/mod/lti/view.php?id=1",
    "/mod/forum/view.php?id=4",
    "/mod/forum/discuss.php?d=1",
    "/mod/assign/view.php?id=12",
]


def write(visit, session, post_id, action, text=""):
    form = {"post": post_id, "action": action, "text": text}
    return session.post(f"{visit.url}/mod/forum/post.php", data=form, timeout=10)


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("key", ["visitor", "instructor", "admin"])
def test_every_page_has_one_heading_a_language_and_labelled_fields(visit, key, path):
    answer = visit.as_person(key).get(visit.url + path, timeout=10)
    page = answer.text
    assert answer.status_code == 200
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert '<html lang="en" dir="ltr">' in page
    assert '<main id="main">' in page
    for field in re.findall(r'<textarea id="([^"]+)"', page):
        assert f'<label for="{field}">' in page
    assert not re.search(r"\son\w+=|<script(?! src=)|https?://(?!localhost)[^\"'< ]+\.(css|js)", page)


def test_the_first_page_lists_everybody_and_no_choice(visit):
    page = requests.get(visit.url, timeout=10).text
    assert page.count('action="/login/') == 26
    for person in visit.campus.people():
        assert f'action="/login/{person.key}"' in page
    assert "never" not in page
    assert page.index("Robin Ellerby") < page.index("Mireille Achterberg") < page.index("Ottilie Brandvold")


def test_the_cookie_is_lax_and_out_of_reach_of_scripts(visit):
    answer = requests.post(f"{visit.url}/login/visitor", allow_redirects=False, timeout=10)
    cookie = answer.headers["Set-Cookie"]
    assert "campus_user=visitor" in cookie
    assert "SameSite=Lax" in cookie
    assert "HttpOnly" in cookie
    assert requests.post(f"{visit.url}/login/nobody", timeout=10).status_code == 404


def test_an_address_alone_makes_somebody_of_the_visitor(visit):
    session = requests.Session()
    page = session.get(f"{visit.url}/as/instructor", timeout=10).text
    assert "Mireille Achterberg" in page
    assert session.cookies["campus_user"] == "instructor"


def test_the_tool_is_framed_under_moodles_name_and_opens_in_a_window(visit, fields):
    session = visit.as_person("visitor")
    page = session.get(f"{visit.url}/mod/lti/view.php?id=1", timeout=10).text
    assert 'id="contentframe"' in page
    assert 'href="/mod/lti/launch.php?id=1&amp;window=1" target="_blank"' in page
    answer = session.get(f"{visit.url}/mod/lti/launch.php?id=1", timeout=10)
    assert fields(answer.text)["action"] == "http://localhost:9/lti/login"
    assert "form-action 'self' http://localhost:9;" in answer.headers["Content-Security-Policy"]


def test_a_campus_without_a_tool_says_so(visit):
    visit.campus.settings.tool = None
    session = visit.as_person("visitor")
    assert "not connected" in session.get(f"{visit.url}/mod/lti/view.php?id=1", timeout=10).text
    assert session.get(f"{visit.url}/mod/lti/launch.php?id=1", timeout=10).status_code == 404


def test_a_reply_an_edit_and_a_deletion_arrive_in_the_calls(visit):
    session = visit.as_person("visitor")
    _, discussion_id, parent = place(visit, "d15")
    visit.clock.day = 50
    write(visit, session, parent, "reply", "One <b>line</b>\n\nand another\nbroken one")
    new = posts(visit, discussion_id)[-1]
    assert new["message"] == "<p>One &lt;b&gt;line&lt;/b&gt;</p><p>and another<br>broken one</p>"
    assert (new["author"]["id"], new["parentid"]) == (visit.campus.user_id("visitor"), parent)
    form = session.get(f"{visit.url}/mod/forum/post.php?edit={new['id']}", timeout=10).text
    assert "One &lt;b&gt;line&lt;/b&gt;\n\nand another\nbroken one</textarea>" in form
    visit.clock.day = 51
    write(visit, session, new["id"], "edit", "Changed")
    assert posts(visit, discussion_id)[-1]["message"] == "<p>Changed</p>"
    write(visit, session, new["id"], "delete")
    assert new["id"] not in {post["id"] for post in posts(visit, discussion_id)}


def test_nobody_changes_anothers_post_or_deletes_an_answered_one(visit):
    _, discussion_id, other = place(visit, "d15")
    before = posts(visit, discussion_id)
    session = visit.as_person("visitor")
    assert write(visit, session, other, "edit", "mine now").status_code == 403
    assert write(visit, session, other, "delete").status_code == 403
    assert session.get(f"{visit.url}/mod/forum/post.php?edit={other}", timeout=10).status_code == 403
    assert write(visit, visit.as_person("dmytro"), place(visit, "d9")[2], "delete").status_code == 403
    assert write(visit, session, other, "reply", "   ").status_code == 400
    assert posts(visit, discussion_id) == before


def test_students_neither_see_nor_answer_hidden_forums_and_others_private_replies(visit):
    _, discussion_id, post_id = place(visit, "h1")
    student, staff = visit.as_person("visitor"), visit.as_person("instructor")
    address = f"{visit.url}/mod/forum/discuss.php?d={discussion_id}"
    assert student.get(address, timeout=10).status_code == 404
    assert staff.get(address, timeout=10).status_code == 200
    assert write(visit, student, post_id, "reply", "hello").status_code == 404
    private = f"{visit.url}/mod/forum/discuss.php?d={place(visit, 'd14p')[1]}"
    assert "only you can read" not in student.get(private, timeout=10).text
    assert "only you can read" in staff.get(private, timeout=10).text


def test_a_reflection_is_written_and_rewritten_by_its_student_only(visit):
    visit.clock.day = 50
    student, task = visit.as_person("visitor"), visit.campus.content.assignments[5]
    address = f"{visit.url}/mod/assign/view.php?id={task.cmid}"
    student.post(address, data={"text": "A week later"}, timeout=10)
    rows = visit.ws("mod_assign_get_submissions", assignmentids__0=task.id)["assignments"][0]["submissions"]
    own = [row for row in rows if row["userid"] == visit.campus.user_id("visitor")]
    assert [row["plugins"][0]["editorfields"][0]["text"] for row in own] == ["<p>A week later</p>"]
    assert "A week later</textarea>" in student.get(address, timeout=10).text
    assert "A week later" not in visit.as_person("will").get(address, timeout=10).text
    staff = visit.as_person("instructor")
    assert "A week later" in staff.get(address, timeout=10).text
    assert staff.post(address, data={"text": "mine"}, timeout=10).status_code == 403


def test_pages_need_a_person_and_forms_an_own_page(visit):
    assert requests.get(f"{visit.url}/course/view.php?id=2", timeout=10).status_code == 403
    elsewhere = {"Origin": "http://localhost:9"}
    assert requests.post(f"{visit.url}/login/visitor", headers=elsewhere, timeout=10).status_code == 403


def test_only_loopback_names_are_answered(visit):
    answer = requests.get(visit.url, headers={"Host": "campus.example"}, timeout=10)
    assert answer.status_code == 403


def test_a_picture_in_a_post_is_served(visit):
    answer = requests.get(f"{visit.url}/pluginfile.php/fact4-boxes.svg", timeout=10)
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
