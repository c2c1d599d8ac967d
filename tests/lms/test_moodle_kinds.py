"""Forums of every type, assignments of every kind, and what a quick pass over Moodle cannot see."""

import pytest

from lti_tool.lms import LmsRefusedError
from tests.lms.contract.face import read, texts
from tests.lms.contract.moodle_face import moodle_face


@pytest.fixture
def face():
    with moodle_face() as made:
        yield made


def bodies(face, **asked):
    return {html for _, _, html in texts(read(face.connector(), **asked))}


def facts(face):
    return {one.name: one for one in face.connector().activities("2")}


@pytest.mark.parametrize("kind", ["general", "single", "eachuser", "qanda", "blog", "news"])
def test_forums_of_every_type_are_read(face, kind):
    forum = face.campus.add_forum("Another", kind, week=2)
    opened = face.campus.open_discussion("will", forum.id, "Hello", f"<p>A {kind} opening.</p>")
    face.campus.reply("yusuf", opened.posts[0].id, f"<p>A {kind} answer.</p>")
    assert bodies(face) >= {f"<p>A {kind} opening.</p>", f"<p>A {kind} answer.</p>"}
    assert facts(face)["Another"].cursor == "1"


def test_a_forum_is_known_by_its_number_and_its_discussions_by_theirs(face):
    forum = face.campus.add_forum("Another")
    opened = face.campus.open_discussion("will", forum.id, "Hello", "<p>Opening.</p>")
    answer = face.campus.reply("yusuf", opened.posts[0].id, "<p>Answer.</p>")
    connector = face.connector()
    first, second = connector.posts({one.name: one for one in connector.activities("2")}["Another"])
    assert (first.external_id, first.thread_id, first.title) == (
        str(opened.posts[0].id),
        str(opened.id),
        "Hello",
    )
    assert (second.external_id, second.parent_id, second.title) == (str(answer.id), first.external_id, None)
    assert second.author_id == face.campus.roster_sub("yusuf")


def test_an_activity_can_be_read_by_a_connector_that_has_not_listed_it(face):
    listed = facts(face)
    for one in listed.values():
        if not one.unreadable:
            assert list(face.connector().posts(one)) == list(face.connector().posts(one))


def test_what_staff_hide_is_not_read_even_by_an_account_that_sees_it(face):
    forum = face.campus.add_forum("Secret forum", visible=False)
    face.campus.open_discussion("will", forum.id, "x", "<p>HIDDEN words</p>")
    before = bodies(face)
    face.campus.settings.moodle_without.clear()
    assert bodies(face) == before
    assert "Secret forum" not in facts(face)
    assert not any("HIDDEN" in html for html in before)
    assert not any("only you can read" in html for html in before)


def test_a_blind_assignment_is_read_once_its_names_are_revealed(face):
    task = next(one for one in face.campus.assignments() if one.blind)
    assert facts(face)[task.name].unreadable == "blind"
    task.revealed = True
    assert facts(face)[task.name].unreadable == ""
    assert "<p>HIDDEN from graders</p>" in bodies(face)


def test_a_workshop_with_the_number_of_an_assignment_is_another_activity(face):
    listed = face.connector().activities("2")
    assert {one.external_id for one in listed if one.unreadable == "other_kind"} == {"workshop-1", "data-1"}
    assert len({(one.kind, one.external_id) for one in listed}) == len(listed)
    other = next(one for one in listed if one.external_id == "workshop-1")
    with pytest.raises(LmsRefusedError):
        list(face.connector().posts(other))


def test_a_forum_without_posts_says_nothing_of_a_change(face):
    face.campus.add_forum("Empty one")
    assert facts(face)["Empty one"].changed_at is None
    assert facts(face)["Empty one"].cursor == "0"


def test_erased_posts_and_those_of_deleted_accounts_come_without_words(face):
    forum = face.campus.add_forum("Another")
    opened = face.campus.open_discussion("will", forum.id, "A title", "<p>By Will.</p>")
    face.campus.reply("yusuf", opened.posts[0].id, "<p>By Yusuf.</p>")
    face.campus.forget("will")
    face.campus.leave("yusuf", "deleted")
    connector = face.connector()
    first, second = connector.posts({one.name: one for one in connector.activities("2")}["Another"])
    assert (first.deleted, first.html, first.title) == (True, "", None)
    assert (second.deleted, second.html) == (True, "")
    assert second.external_id != first.external_id


def test_posts_of_people_who_left_still_come_and_their_submissions_do_not(face):
    author = face.campus.roster_sub("will")
    before = texts(read(face.connector()))
    assert {kind for kind, user, _ in before if user == author} == {"forum", "reflection"}
    for how in ("unenrolled", "suspended"):
        face.campus.leave("will", how)
        after = {kind for kind, user, _ in texts(read(face.connector())) if user == author}
        assert after == {"forum"}


@pytest.mark.parametrize("change", ["revert_to_draft", "withdraw_submission"])
def test_a_quick_pass_misses_that_a_submission_was_taken_back_and_a_complete_one_does_not(face, change):
    task = face.campus.assignments()[0]
    face.clock.day += 1
    face.campus.submit("visitor", task.id, "<p>Handed in.</p>")
    face.clock.day += 1
    moment = face.clock()
    assert "<p>Handed in.</p>" in bodies(face)
    getattr(face.campus, change)("visitor", task.id)
    assert not bodies(face, since=moment)
    assert "<p>Handed in.</p>" not in bodies(face)


def test_a_quick_pass_says_nothing_of_a_deleted_post(face):
    forum = face.campus.add_forum("Another")
    opened = face.campus.open_discussion("will", forum.id, "Hello", "<p>Opening.</p>")
    answer = face.campus.reply("yusuf", opened.posts[0].id, "<p>Answer.</p>")
    face.clock.day += 1
    face.campus.delete("yusuf", answer.id)
    assert not bodies(face, since=face.clock())
    assert "<p>Answer.</p>" not in bodies(face)


def test_another_attempt_is_a_text_of_its_own(face):
    task = face.campus.assignments()[0]
    face.campus.submit("visitor", task.id, "<p>First attempt.</p>")
    face.clock.day += 1
    face.campus.reopen("visitor", task.id)
    assert "<p>First attempt.</p>" not in bodies(face)
    face.campus.submit("visitor", task.id, "<p>Second attempt.</p>")
    assert "<p>Second attempt.</p>" in bodies(face, since=face.clock())


def test_a_quick_pass_over_a_quiet_course_reads_no_discussion(face):
    face.clock.day += 10
    connector = face.connector()
    listed = [one for one in connector.activities("2") if not one.unreadable]
    before = face.calls()
    assert [post for one in listed for post in connector.posts(one, face.clock())] == []
    assert face.calls() - before == len(listed)
    assert before == 3 + sum(one.kind == "forum" for one in listed)


def test_an_assignment_that_vanishes_between_list_and_reading_changes_nothing(face):
    connector = face.connector()
    task = next(one for one in connector.activities("2") if one.kind == "reflection")
    face.campus.content.assignments.clear()
    with pytest.raises(Exception, match="says nothing of an assignment"):
        list(connector.posts(task))
