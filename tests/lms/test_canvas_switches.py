"""Every way in which one Canvas differs from another (canvas.md, 7): the connector reads the same course from each.

Each row runs the heart of the contract suite on one campus that behaves so.
"""

from typing import Any

import pytest

from lti_tool.lms import LmsRefusedError, LmsUnavailableError, retrying
from lti_tool.lms.canvas_scopes import SCOPES, TABLE
from lti_tool.lms.checking import course_lines
from lti_tool.lms.throttling import AT_ONCE, ENOUGH
from tests.lms.contract import test_histories as histories
from tests.lms.contract import test_reading as reading
from tests.lms.contract.canvas_face import canvas_face
from tests.lms.contract.face import read, texts

CONTRACT = (
    reading.test_a_whole_connection_passes_its_check,
    reading.test_every_text_that_students_can_see_is_read_with_its_author,
    reading.test_drafts_private_replies_and_what_is_hidden_are_not_read,
    reading.test_activities_stand_in_their_sections,
    reading.test_what_is_not_read_is_listed_and_says_why,
    reading.test_facts_are_well_formed,
)
ALL = frozenset(SCOPES)
ROWS: dict[str, dict[str, Any]] = {
    "hosted, unscoped": {},
    "scoped, includes allowed": {"scopes": ALL},
    "scoped, includes emptied": {"scopes": ALL, "allow_includes": False},
    "page numbers with a last link": {"paging": "numbers", "last_link": True, "longest_page": 2},
    "bookmarks without a last link": {"longest_page": 2},
    "lower-case link": {"link_header": "link", "longest_page": 2},
    "short pages": {"page_shape": "short", "longest_page": 3},
    "an empty page in the middle": {"page_shape": "empty_middle", "longest_page": 3},
    "numbers and an empty page": {"paging": "numbers", "page_shape": "empty_middle", "longest_page": 3},
    "ids of 17 digits": {"far_ids": True},
    "view: 503 first, then stale, then fresh": {"building": 6, "stale_reads": 2},
    "view: many old trees": {"stale_reads": 50},
    "throttled by 429": {"throttle": "429", "call_cost": 45.0},
    "throttled by 429 with Retry-After": {"throttle": "429", "retry_after": 7, "call_cost": 45.0},
    "throttled by 403 text": {"throttle": "403", "call_cost": 45.0},
    "one bucket for the client": {"bucket_per": "client", "call_cost": 45.0},
    "without a User-Agent demanded": {"user_agent_required": False},
    "graded": {"scores": {"score": "17.25", "grade": "A-", "entered_score": "17.25", "entered_grade": "A-"}},
}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.0)


def switched(**values: Any):
    """A face of which these switches are set."""

    def switch(switches: object) -> None:
        for name, value in values.items():
            assert hasattr(switches, name)
            setattr(switches, name, value)

    return canvas_face(switch)


@pytest.mark.parametrize("row", ROWS)
def test_the_course_is_read_from_every_canvas(row):
    with switched(**ROWS[row]) as face:
        for promise in CONTRACT:
            promise(face)


@pytest.mark.parametrize("row", [row for row in ROWS if not row.startswith("view") and "17" not in row])
def test_what_is_written_later_is_read_from_every_canvas(row):
    with switched(**ROWS[row]) as face:
        histories.test_a_new_discussion_and_a_new_reply_come_with_a_quick_pass(face)
        histories.test_deleted_posts_stand_no_longer_and_their_replies_as_the_lms_has_it(face)


def test_a_stale_tree_gives_new_entries_at_once_and_edits_and_deletions_when_it_is_rebuilt():
    with switched(stale_reads=2) as face:
        read(face.connector())
        forum, post, author = histories.somewhere(face)
        histories.later(face)
        reply = face.campus.reply("will", post, "<p>New.</p>")
        face.campus.edit(author, post, "<p>Edited.</p>")
        histories.later(face)
        found = [{one.external_id: one for one in read(face.connector())} for _ in range(3)]
        assert [str(reply.id) in posts for posts in found] == [True, True, True]
        assert [posts[str(post)].html == "<p>Edited.</p>" for posts in found] == [False, False, True]
        assert found[0][str(reply.id)].parent_id == str(post)
        histories.later(face)
        face.campus.delete("instructor", post)
        found = [{one.external_id: one for one in read(face.connector())} for _ in range(3)]
        assert [posts[str(post)].deleted for posts in found] == [False, False, True]
        assert (found[2][str(post)].author_id, found[2][str(post)].html) == ("", "")
        assert not found[2][str(reply.id)].deleted
        assert forum


def test_a_tree_that_is_never_built_is_given_up_in_words():
    with switched(building=1000) as face, pytest.raises(LmsUnavailableError):
        read(face.connector())


def test_calls_slow_down_before_the_bucket_is_full():
    with switched(call_cost=45.0) as face:
        for _ in range(4):
            read(face.connector())
        bucket = face.switches.access.buckets[face.secret]
        assert bucket.remaining >= ENOUGH - 50
        assert sum(face.seconds.slept) > 0
        assert AT_ONCE * 50 <= ENOUGH


@pytest.mark.parametrize("throttle", ["429", "403"])
def test_a_bucket_that_others_filled_is_waited_for(throttle):
    with switched(throttle=throttle) as face:
        whole = texts(read(face.connector()))
        face.switches.access.buckets[face.secret].level = 800.0
        assert texts(read(face.connector())) == whole
        assert sum(face.seconds.slept) >= 20


def test_retry_after_is_honoured():
    with switched(retry_after=33) as face:
        connector = face.connector()
        face.switches.access.take(face.secret, face.seconds())
        face.switches.access.buckets[face.secret].level = 800.0
        connector.check()
        assert max(face.seconds.slept) >= 33


@pytest.mark.parametrize("scope", TABLE, ids=lambda scope: scope.path)
def test_a_scope_that_is_missing_is_named_as_canvas_names_it(scope):
    with switched(scopes=ALL - {scope.name}) as face:
        wrong = [line for line in face.connector().check() if not line.ok]
        assert [line.name for line in wrong] == [scope.use]
        assert f"{scope.name}." in wrong[0].words


@pytest.mark.parametrize("scope", TABLE, ids=lambda scope: scope.path)
def test_a_reading_without_a_scope_names_it_and_no_other(scope):
    with switched(scopes=ALL - {scope.name}, allow_includes=False) as face:
        with pytest.raises(LmsRefusedError) as raised:
            read(face.connector(), face.course_id)
        assert raised.value.code == "canvas_scopes"
        assert f"{scope.name}." in raised.value.words


@pytest.mark.parametrize("permission", ["403", "401"])
@pytest.mark.parametrize("name", ["modules", "topics", "view", "group_view", "assignments", "submissions"])
def test_no_permission_is_told_from_a_scope_in_both_forms(permission, name):
    with switched(permission=permission, forbidden=frozenset({name})) as face:
        with pytest.raises(LmsRefusedError) as raised:
            read(face.connector())
        assert raised.value.code == "canvas_missing_right"
        assert "teacher of the course" in raised.value.words
        wrong = [line for line in course_lines(face.connector(), face.course_id) if not line.ok]
        assert len(wrong) == 1
        assert "teacher of the course" in wrong[0].words


def test_include_parameters_that_are_emptied_are_noticed_and_no_fault():
    for allowed in (True, False):
        with switched(scopes=ALL, allow_includes=allowed) as face:
            lines = course_lines(face.connector(), face.course_id)
            assert all(line.ok for line in lines)
            assert ["Allow Include Parameters" in line.words for line in lines if line.words] == [True] * (
                not allowed
            )


def test_a_key_that_was_switched_off_is_a_refusal_and_no_empty_course():
    with switched(key_on=False) as face:
        with pytest.raises(LmsRefusedError, match="token"):
            read(face.connector())
        assert [line for line in face.connector().check() if not line.ok]


@pytest.mark.parametrize("kind", ["full_anonymity", "initial_post_unsaid"])
def test_a_topic_that_turns_unreadable_after_it_was_listed_is_a_refusal_in_words(kind):
    with switched() as face:
        connector = face.connector()
        forum = next(facts for facts in connector.activities(face.course_id) if not facts.unreadable)
        face.switches.topics[int(forum.external_id)] = kind
        with pytest.raises(LmsRefusedError) as raised:
            list(connector.posts(forum))
        assert raised.value.code in ("canvas_not_shown", "canvas_initial_post")


def test_an_assignment_unpublished_after_it_was_listed_is_a_refusal():
    with switched() as face:
        connector = face.connector()
        task = next(facts for facts in connector.activities("2") if facts.kind == "reflection")
        face.campus.assignment(int(task.external_id)).visible = False
        with pytest.raises(LmsRefusedError) as raised:
            list(connector.posts(task))
        assert raised.value.code == "canvas_not_shown"


def test_a_next_page_on_another_host_is_not_followed():
    with switched(longest_page=2, next_host="https://elsewhere.example") as face:
        with pytest.raises(LmsRefusedError, match="another host"):
            read(face.connector())
        assert "elsewhere" not in face.addresses()


def test_a_text_replaced_by_a_file_comes_as_deleted():
    with switched() as face:
        author = face.campus.user_id(face.campus.submissions(face.campus.assignments()[1])[0].author)
        face.switches.uploads.add(author)
        rows = [one for one in read(face.connector()) if one.kind == "reflection"]
        assert {one.deleted for one in rows if one.author_id == str(author)} == {True}
        assert {one.deleted for one in rows if one.author_id != str(author)} == {False}
