"""The Canvas calls over the same course have Canvas's shape, paging and errors."""

import pytest
import requests

from tests.demo.shapes import captured, unlike
from tests.demo.test_campus_moodle import place

COURSE = "/courses/2"


def pages(visit, path, **parameters):
    """Every page, by following `next` only."""
    answer = visit.canvas(path, **parameters)
    rows = [answer.json()]
    while "next" in answer.links:
        assert "last" not in answer.links
        headers = {"Authorization": f"Bearer {visit.campus.settings.canvas_token}"}
        answer = requests.get(answer.links["next"]["url"], headers=headers, timeout=10)
        rows.append(answer.json())
    return rows


def entries(tree):
    return [one for entry in tree for one in (entry, *entries(entry.get("replies", [])))]


@pytest.mark.parametrize(
    ("path", "parameters", "name"),
    [
        ("/assignments", {}, "assignments"),
        ("/users", {"include[]": "enrollments"}, "course_users"),
        ("/discussion_topics", {}, "discussion_topics"),
        ("/discussion_topics/2/view", {}, "discussion_view"),
        ("/modules", {"include[]": "items"}, "modules"),
        ("/students/submissions", {"student_ids[]": "all", "per_page": 100}, "students_submissions"),
    ],
)
def test_answers_have_the_recorded_shape(visit, path, parameters, name):
    model = captured(f"canvas/{name}")
    model = model["_body"] if name == "students_submissions" else model
    got = visit.canvas(COURSE + path, **parameters).json()
    if name == "discussion_view":
        # What is optional on an entry is compared by name below.
        got, model = (
            {k: v for k, v in one.items() if k not in ("view", "unread_entries")} for one in (got, model)
        )
    assert got
    assert unlike(got, model) == []


def test_an_entry_has_the_recorded_names_and_a_deleted_one_has_lost_its_author_and_words(visit):
    recorded = {one["id"]: one for one in entries(captured("canvas/discussion_view")["view"])}
    live, edited, deleted = recorded[70001], recorded[70003], recorded[70002]
    visit.clock.day = 50
    _, _, answered = place(visit, "d9")
    visit.campus.delete("instructor", answered)
    rows = {
        one["id"]: one for one in entries(visit.canvas(f"{COURSE}/discussion_topics/4/view").json()["view"])
    }
    assert set(rows[answered]) == set(deleted)
    assert len(rows[answered]["replies"]) == 2  # replies are kept, unlike in Moodle
    assert set(rows[place(visit, "d10")[2]]) == set(live) - {"replies"}
    other = {
        one["id"]: one for one in entries(visit.canvas(f"{COURSE}/discussion_topics/6/view").json()["view"])
    }
    assert set(other[place(visit, "f12")[2]]) - {"replies"} == set(edited)
    assert other[place(visit, "f18")[2]]["deleted"] is True


def test_private_replies_and_the_hidden_forum_are_absent(visit):
    told = visit.canvas(f"{COURSE}/discussion_topics/4/view").text
    assert "only you can read" not in told
    hidden, _, _ = place(visit, "h1")
    missing = captured("canvas/errors")["not_found_or_anonymous_topic"]
    answer = visit.canvas(f"{COURSE}/discussion_topics/{hidden}/view")
    assert (answer.status_code, answer.json()) == (404, missing["body"])
    assert len([row for page in pages(visit, f"{COURSE}/discussion_topics") for row in page]) == 7


def test_both_lmss_tell_the_same_texts(visit):
    in_moodle = set()
    for forum in visit.campus.forums():
        for row in visit.ws("mod_forum_get_forum_discussions", forumid=forum.id)["discussions"]:
            answer = visit.ws("mod_forum_get_discussion_posts", discussionid=row["discussion"])
            in_moodle |= {(post["id"], post["author"]["id"]) for post in answer["posts"]}
    in_canvas = set()
    for forum in visit.campus.forums():
        view = visit.canvas(f"{COURSE}/discussion_topics/{forum.id}/view").json()["view"]
        in_canvas |= {(one["id"], one["user_id"]) for one in entries(view) if "deleted" not in one}
    assert in_canvas == in_moodle
    assert len(in_canvas) > 125


def test_pages_are_followed_by_opaque_links(visit):
    rows = pages(visit, f"{COURSE}/students/submissions", **{"student_ids[]": "all", "per_page": 50})
    assert [len(page) for page in rows] == [50, 50, 44]  # 24 students and 6 reflections
    assert len({row["id"] for page in rows for row in page}) == 144
    first = visit.canvas(f"{COURSE}/discussion_topics", per_page=3)
    assert "page=bookmark%3A" in first.links["next"]["url"]
    assert first.links["next"]["url"].startswith(visit.url)
    assert visit.canvas(f"{COURSE}/discussion_topics", page="bookmark:@@").status_code == 404
    assert len(visit.canvas(f"{COURSE}/students/submissions", per_page=500).json()) == 100


def test_a_student_without_a_submission_has_an_empty_row(visit):
    rows = [row for page in pages(visit, f"{COURSE}/students/submissions", per_page=100) for row in page]
    empty = [row for row in rows if row["workflow_state"] == "unsubmitted"]
    assert len(rows) - len(empty) == 128
    assert {
        row[name] for row in empty for name in ("body", "attempt", "submitted_at", "submission_type")
    } == {None}


def test_submitted_since_is_strictly_later_and_a_resubmission_is_an_attempt(visit):
    visit.clock.day = 50
    visit.campus.submit("visitor", 2, "<p>Written again.</p>")
    path, at = f"{COURSE}/students/submissions", visit.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert visit.canvas(path, submitted_since=at).json() == []
    row = visit.canvas(path, submitted_since=at.replace("21T00:00:00", "20T23:59:59")).json()[0]
    assert (row["body"], row["attempt"], row["submitted_at"]) == ("<p>Written again.</p>", 2, at)
    assert visit.canvas(path, submitted_since="soon").json() == captured("canvas/errors")["bad_since"]["body"]
    refused = captured("canvas/errors")["bad_assignment_ids"]
    answer = visit.canvas(path, **{"assignment_ids[]": 999})
    assert (answer.status_code, answer.json()) == (refused["status"], refused["body"])


def test_new_entries_come_apart_while_the_tree_is_stale(visit):
    visit.clock.day = 50
    new = visit.campus.reply("will", place(visit, "d15")[2], "<p>Good.</p>")
    path = f"{COURSE}/discussion_topics/4/view"
    stale = visit.canvas(path, include_new_entries=1).json()
    assert [one["id"] for one in stale["new_entries"]] == [new.id]
    assert new.id not in {one["id"] for one in entries(stale["view"])}
    assert new.id in {one["id"] for one in entries(visit.canvas(path).json()["view"])}


def test_entries_are_listed_by_id_and_one_unknown_id_is_missing(visit):
    path, known = f"{COURSE}/discussion_topics/4/entry_list", place(visit, "d12")[2]
    assert visit.canvas(path, **{"ids[]": [known]}).json()[0]["deleted"] is True
    assert visit.canvas(path, **{"ids[]": [known, 9999]}).status_code == 404


def test_tokens_are_refused_as_canvas_does(visit):
    errors = captured("canvas/errors")
    wrong = visit.canvas(COURSE, token="wrong")
    assert (wrong.status_code, wrong.json()) == (401, errors["token_expired"]["body"])
    assert wrong.headers["WWW-Authenticate"] == errors["token_expired"]["headers"]["WWW-Authenticate"]
    none = requests.get(f"{visit.url}/api/v1{COURSE}", timeout=10)
    assert (none.status_code, none.json()) == (401, errors["no_token"]["body"])


def test_modules_tell_the_week_of_a_topic_and_faults_strike_here_too(visit):
    items = visit.canvas(f"{COURSE}/modules/4/items").json()
    assert [(item["type"], item["title"]) for item in items] == [
        ("Discussion", "Week 3 help"),
        ("Assignment", "Week 3 reflection"),
    ]
    visit.campus.settings.faults.fail_next(1, function="canvas:view")
    assert visit.canvas(f"{COURSE}/modules").status_code == 200
    assert [visit.canvas(f"{COURSE}/discussion_topics/1/view").status_code for _ in range(2)] == [503, 200]
