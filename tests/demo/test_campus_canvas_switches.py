"""Each switch of the campus's Canvas face does what canvas.md says of that Canvas; called without a network."""

import json

import pytest

from lti_tool.demo.campus.canvas_access import Bucket
from lti_tool.demo.campus.canvas_answers import FAR, STRING_IDS
from tests.demo.shapes import captured
from tests.lms.in_process import TOKEN, Clock, campus_in_process

COURSE = "/courses/2"
ERRORS = captured("canvas/errors")


class Caller:
    """A caller of the API with a token, a clock for buckets and tokens, and one for the course."""

    def __init__(self):
        self.clock, self.seconds = Clock(), 0.0
        self.campus, self.client = campus_in_process(self.clock)
        self.switches = self.campus.settings.canvas
        self.switches.clock = lambda: self.seconds

    def __call__(self, path, token=TOKEN, headers=None, **asked):
        said = {"Authorization": f"Bearer {token}", "User-Agent": "a test"} | (headers or {})
        url = path if "://" in path else f"{self.campus.settings.base_url}/api/v1{path}"
        return self.client.get(url, said, asked)


@pytest.fixture
def call():
    return Caller()


def same(answer, name):
    """Whether it is that error of canvas.md's examples."""
    known = ERRORS[name]
    body = answer.body.decode() if "body_text" in known else json.loads(answer.body)
    assert answer.status == known["status"]
    assert body == known.get("body_text", known.get("body"))
    assert answer.headers.get("WWW-Authenticate") == known["headers"].get("WWW-Authenticate")


def test_the_bucket_is_full_at_600_holds_50_up_front_and_leaks_10_a_second():
    bucket = Bucket()
    assert [bucket.take(0.0) for _ in range(13)] == [True] * 12 + [False]
    assert (bucket.take(0.05), bucket.take(0.11)) == (True, False)
    assert bucket.remaining < 0
    for _ in range(12):
        bucket.settle(0.5)
    alone = Bucket()
    for number in range(500):
        assert alone.take(number / 10)
        alone.settle(1.0)


@pytest.mark.parametrize(("form", "name"), [("429", "throttled_current"), ("403", "throttled_old")])
def test_a_full_bucket_is_told_in_both_forms_and_for_that_token_only(call, form, name):
    call.switches.throttle = form
    assert float(call(COURSE).headers["X-Rate-Limit-Remaining"]) == pytest.approx(599.9)
    call.switches.access.admit("another")
    call.switches.access.buckets[TOKEN].level = 700.0
    answer = call(COURSE)
    same(answer, name)
    assert answer.headers["X-Rate-Limit-Remaining"] == "0.0"
    assert "X-Request-Cost" not in answer.headers
    assert "Retry-After" not in answer.headers
    assert call(COURSE, token="another").status == 200
    call.seconds += 11
    assert call(COURSE).status == 200


def test_a_bucket_of_the_client_is_shared_by_its_tokens(call):
    call.switches.bucket_per, call.switches.retry_after = "client", 9
    call.switches.access.admit("another")
    call(COURSE)
    call.switches.access.buckets["client api"].level = 700.0
    assert [call(COURSE, token=token).headers["Retry-After"] for token in (TOKEN, "another")] == ["9", "9"]


def test_a_token_lasts_an_hour_and_ends_at_once_when_it_is_replaced_or_revoked(call):
    access = call.switches.access
    access.admit("hourly", ends=call.seconds + 3600)
    for moment, status in ((3599.9, 200), (3600.0, 401)):
        call.seconds = moment
        assert call(COURSE, token="hourly").status == status
    same(call(COURSE, token="hourly"), "token_expired")
    access.admit("replaced")
    access.replace("replaced")
    same(call(COURSE, token="replaced"), "token_expired")
    access.admit("revoked")
    access.revoke("revoked")
    same(call(COURSE, token="revoked"), "token_revoked")


def test_a_key_is_held_to_its_scopes_and_may_be_off(call):
    call.switches.scopes = frozenset({"url:GET|/api/v1/courses/:id"})
    assert call(COURSE).status == 200
    for path in ("/modules", "/assignments", "/discussion_topics/1/view", "/discussion_topics/999/view"):
        same(call(COURSE + path), "scope_missing")
    same(call("/groups/1/discussion_topics/1/view"), "scope_missing")
    call.switches.key_on = False
    same(call(COURSE), "token_expired")


def test_includes_of_a_scoped_key_are_emptied_without_a_word(call):
    modules = COURSE + "/modules"
    call.switches.allow_includes = False
    assert "items" in call(modules, **{"include[]": "items"}).json()[0]  # an unscoped key may include
    call.switches.scopes = frozenset({"url:GET|/api/v1/courses/:course_id/modules"})
    answer = call(modules, **{"include[]": "items"})
    assert (answer.status, "items" in answer.json()[0]) == (200, False)
    call.switches.allow_includes = True
    assert "items" in call(modules, **{"include[]": "items"}).json()[0]


@pytest.mark.parametrize(("form", "name"), [("403", "forbidden_current"), ("401", "forbidden_old")])
def test_no_permission_has_two_forms(call, form, name):
    call.switches.permission, call.switches.forbidden = form, frozenset({"view"})
    same(call(f"{COURSE}/discussion_topics/1/view"), name)
    assert call(f"{COURSE}/discussion_topics").status == 200


def test_a_user_agent_is_required_unless_switched_off(call):
    nobody = {"User-Agent": ""}
    answer = call(COURSE, headers=nobody)
    assert (answer.status, answer.json()["error"]) == (403, "Forbidden")
    assert "valid user agent" in answer.json()["message"]
    call.switches.user_agent_required = False
    assert call(COURSE, headers=nobody).status == 200


def test_ids_are_numbers_or_strings_by_accept_and_may_have_17_digits(call):
    strings = {"Accept": STRING_IDS}
    topics = f"{COURSE}/discussion_topics"
    assert call(topics).json()[0]["id"] == 1
    assert call(topics, headers=strings).json()[0]["id"] == "1"
    call.switches.far_ids = True
    row = call(f"/courses/{FAR + 2}/discussion_topics").json()[0]
    assert (row["id"], row["author"]["id"], len(str(row["id"]))) == (FAR + 1, FAR + 3, 17)
    view = call(f"/courses/{FAR + 2}/discussion_topics/{FAR + 1}/view", headers=strings).json()
    assert view["view"][0]["user_id"].startswith("100000000000000")


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        (
            "full_anonymity",
            {"anonymous_state": "full_anonymity", "author": None},
            "not_found_or_anonymous_topic",
        ),
        ("partial_anonymity", {"anonymous_state": "partial_anonymity"}, "not_found_or_anonymous_topic"),
        ("initial_post", {"require_initial_post": True, "user_can_see_posts": False}, "require_initial_post"),
        (
            "initial_post_unsaid",
            {"require_initial_post": True, "user_can_see_posts": True},
            "require_initial_post",
        ),
        ("sections", {"is_section_specific": True}, None),
        ("announcement", {"is_announcement": True}, None),
        ("unpublished", {"published": False}, None),
    ],
)
def test_each_kind_of_topic_is_told_and_answered_as_canvas_does(call, kind, fields, error):
    call.switches.topics[1] = kind
    row = next(row for row in call(f"{COURSE}/discussion_topics").json() if row["id"] == 1)
    assert fields.items() <= row.items()
    answer = call(f"{COURSE}/discussion_topics/1/view")
    if error is None:
        assert answer.status == 200
    else:
        same(answer, error)


def test_a_group_discussion_has_a_topic_for_each_group_and_a_root_without_their_entries(call):
    forum = call.campus.add_forum("Case study", separate_groups=True)
    call.campus.open_discussion("will", forum.id, "Ours", "<p>A's</p>", group="A")
    row = next(row for row in call(f"{COURSE}/discussion_topics").json() if row["id"] == forum.id)
    told = [(child["group_id"], child["id"]) for child in row["group_topic_children"]]
    assert [one for _, one in told] == row["topic_children"]
    assert call(f"{COURSE}/discussion_topics/{forum.id}/view").json()["view"] == []
    held = [len(call(f"/groups/{group}/discussion_topics/{one}/view").json()["view"]) for group, one in told]
    assert held == [1, 0]
    same(call(f"/groups/{told[0][0]}/discussion_topics/{told[1][1]}/view"), "not_found_or_anonymous_topic")


def rels(answer):
    return [part.split('rel="')[1].rstrip('"') for part in answer.headers["Link"].split(",")]


def test_pages_are_numbered_or_marked_and_may_lack_their_last(call):
    topics = f"{COURSE}/discussion_topics"
    assert rels(call(topics, per_page=3)) == ["current", "next", "first"]
    assert "bookmark" in call(topics, per_page=3).headers["Link"]
    call.switches.paging, call.switches.last_link = "numbers", True
    answer = call(topics, per_page=3)
    assert rels(answer) == ["current", "next", "first", "last"]
    assert "bookmark" not in answer.headers["Link"]
    assert "page=3" in answer.headers["Link"].split(",")[3]
    assert call(topics, per_page=3, page=99).json() == []
    assert call(topics, per_page=3, page="bookmark:!").status == 404


@pytest.mark.parametrize(
    ("shape", "sizes"), [("full", [3, 3, 1]), ("short", [1] * 7), ("empty_middle", [3, 0, 3, 1])]
)
def test_pages_may_be_short_or_empty_while_another_follows(call, shape, sizes):
    call.switches.page_shape, call.switches.longest_page = shape, 3
    answer, rows = call(f"{COURSE}/discussion_topics", per_page=100), []
    found = [len(answer.json())]
    while 'rel="next"' in answer.headers["Link"]:
        rows += answer.json()
        answer = call(answer.headers["Link"].split('>; rel="next"')[0].rpartition("<")[2])
        found.append(len(answer.json()))
    rows += answer.json()
    assert found == sizes
    assert len({row["id"] for row in rows}) == len(rows) == 7


def test_the_first_view_is_built_then_old_then_fresh(call):
    call.switches.building, call.switches.stale_reads = 2, 1
    path = f"{COURSE}/discussion_topics/1/view"
    for _ in range(2):
        same(call(path), "view_not_ready")
    first = call(path, include_new_entries=1).json()
    assert first["new_entries"] == []
    call.clock.day += 1
    post = call.campus.reply("will", first["view"][0]["id"], "<p>New.</p>")
    call.clock.day += 1
    old = call(path, include_new_entries=1).json()
    assert [one["id"] for one in old["new_entries"]] == [post.id]
    assert json.dumps(old["view"]) == json.dumps(first["view"])
    fresh = call(path, include_new_entries=1).json()
    assert fresh["new_entries"] == []
    assert "<p>New.</p>" in json.dumps(fresh["view"])
    assert call(f"{COURSE}/discussion_topics/2/view").status == 503  # each topic has a tree of its own
