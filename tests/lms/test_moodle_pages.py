"""Discussions over several pages while people go on writing, deleting and pinning: none is ever missed."""

import pytest

from lti_tool.lms import LmsUnavailableError
from lti_tool.lms.moodle_forums import Forum, ForumReading
from lti_tool.lms.moodle_pages import discussions, newest_post, newest_rows
from tests.lms.contract.face import texts
from tests.lms.contract.moodle_face import moodle_face


@pytest.fixture
def face(monkeypatch):
    monkeypatch.setattr("lti_tool.lms.moodle_pages.DISCUSSIONS_A_PAGE", 3)
    with moodle_face() as made:
        campus = made.campus
        made.forum = campus.add_forum("Long one")
        for number in range(8):
            made.clock.day += 0.1
            campus.open_discussion("will", made.forum.id, f"No {number}", f"<p>Text {number}</p>")
        yield made


def during(face, number, happening):
    """Let something happen before the call of this number, counted from now."""
    at = face.calls() + number

    def before(count):
        if count == at:
            happening()

    face.client.before = before


def activity(face, connector):
    return next(one for one in connector.activities("2") if one.name == "Long one")


def read(face, **asked):
    """A reading of the forum that has been listed and not begun."""
    connector = face.connector()
    facts = activity(face, connector)
    return lambda: list(connector.posts(facts, **asked))


def bodies(posts):
    return {post.html for post in posts}


@pytest.mark.parametrize("call", range(1, 18))
def test_a_discussion_deleted_at_any_moment_hides_no_other(face, call):
    """The first of the list goes, so that every page after it begins one too late."""
    posts = read(face)
    during(face, call, lambda: face.campus.delete_with_replies(face.forum.discussions[0].posts[0].id))
    assert bodies(posts()) >= {f"<p>Text {number}</p>" for number in range(1, 8)}


@pytest.mark.parametrize("call", range(1, 9))
def test_a_discussion_pinned_or_unpinned_at_any_moment_hides_no_other(face, call):
    for number, pinned in ((7, True), (7, False)):
        one = face.forum.discussions[number]
        posts = read(face)
        during(face, call, lambda one=one, pinned=pinned: setattr(one, "pinned", pinned))
        assert bodies(posts()) == {f"<p>Text {number}</p>" for number in range(8)}


def test_a_discussion_that_is_opened_meanwhile_does_no_harm(face):
    posts = read(face)
    during(face, 2, lambda: face.campus.open_discussion("will", face.forum.id, "New", "<p>New</p>"))
    assert bodies(posts()) >= {f"<p>Text {number}</p>" for number in range(8)}


def test_a_list_that_shows_other_old_discussions_each_time_is_given_up(face):
    class Restless:
        rounds = 0

        def call(self, function, asked):
            self.rounds += asked["page"] == 0
            ids = (
                []
                if asked["page"] > 1
                else range(10 * self.rounds + 3 * asked["page"], 10 * self.rounds + 30)
            )
            rows = [{"discussion": number, "created": 100, "timemodified": 100} for number in ids]
            return {"discussions": rows[:3]}

    restless = Restless()
    with pytest.raises(LmsUnavailableError, match="faster"):
        discussions(restless, "1")
    assert restless.rounds < 10


def test_discussions_that_vanish_between_list_and_reading_are_gone_and_no_fault(face):
    posts = read(face)
    gone = face.forum.discussions[6].posts[0].id
    during(face, 8, lambda: face.campus.delete_with_replies(gone))
    assert bodies(posts()) == {f"<p>Text {number}</p>" for number in (0, 1, 2, 3, 4, 5, 7)}


def test_a_discussion_that_is_still_listed_and_cannot_be_read_is_an_error(face, monkeypatch):
    real = face.campus.discussion

    def broken(number, **asked):
        if number == face.forum.discussions[2].id:
            number = 999_999
        return real(number, **asked)

    monkeypatch.setattr(face.campus, "discussion", broken)
    posts = read(face)
    with pytest.raises(LmsUnavailableError) as raised:
        posts()
    assert raised.value.code == "moodle_error"


def splitting(face):
    """A discussion whose reply can be split off into a new one, and how."""
    campus, (first, *_) = face.campus, face.forum.discussions
    reply = campus.reply("yusuf", first.posts[0].id, "<p>Split off</p>")

    def split():
        first.posts.remove(reply)
        reply.parent = None
        made = campus.open_discussion("yusuf", face.forum.id, "Split", "<p>x</p>")
        made.posts[:] = [reply]

    return split


def read_or_fault(posts):
    """Bodies, and the code of the error that ended the reading."""
    try:
        return bodies(posts()), ""
    except LmsUnavailableError as error:
        return set(), error.code


CALLS = range(1, 18)
"""Of a reading of the forum: two lists of four pages, nine discussions."""


@pytest.mark.parametrize("call", CALLS)
def test_posts_that_are_split_off_at_any_moment_are_found_where_they_are_now(face, call):
    posts = read(face)
    during(face, call, splitting(face))
    assert "<p>Split off</p>" in bodies(posts())


@pytest.mark.parametrize("call", CALLS)
def test_a_discussion_that_was_split_off_and_fails_is_not_taken_for_deleted(face, call, monkeypatch):
    real, split, listed = face.campus.discussion, splitting(face), {one.id for one in face.forum.discussions}

    def broken(number, **asked):
        return real(number if number in listed or number not in own() else 999_999, **asked)

    def own():
        return {one.id for one in face.forum.discussions}

    monkeypatch.setattr(face.campus, "discussion", broken)
    posts = read(face)
    during(face, call, split)
    found, error = read_or_fault(posts)
    assert "<p>Split off</p>" in found or error == "moodle_error"


def test_a_discussion_that_was_split_off_and_vanishes_is_gone_and_no_fault(face):
    """It stands in the list that is made when posts are missing, and nowhere when it is to be read."""
    split = splitting(face)
    posts = read(face)
    during(face, 7, split)
    real = face.campus.discussion
    gone = []

    def vanishing(number, **asked):
        made = face.forum.discussions[-1]
        if number == made.id and made.subject == "Split":
            face.forum.discussions.remove(made)
            gone.append(number)
        return real(number, **asked)

    face.campus.discussion = vanishing
    assert bodies(posts()) >= {f"<p>Text {number}</p>" for number in range(8)}
    assert len(gone) == 1


def test_a_forum_that_splits_faster_than_it_can_be_read_is_given_up(face):
    """Each discussion that is looked for has lost a post to another one by then."""
    calls = face.connector()._calls

    class Splitting:
        base_url, made = calls.base_url, 100

        def call(self, function, asked):
            if function.endswith("discussions"):
                self.made += 1
                rows = [{"discussion": self.made, "created": 1, "timemodified": 1, "numreplies": 3}]
                return {"discussions": rows}
            author = {"id": 5}
            post = {"id": asked["discussionid"], "author": author, "message": "x", "subject": "s"}
            return {"posts": [post | {"parentid": None, "timecreated": 1, "timemodified": 1}]}

    reading = ForumReading(Splitting(), Forum("1"))
    with pytest.raises(LmsUnavailableError, match="faster"):
        list(reading.posts(None))
    assert Splitting.made == 100
    assert reading.calls.made < 120


def test_a_listing_on_one_page_is_asked_for_once(face, monkeypatch):
    monkeypatch.setattr("lti_tool.lms.moodle_pages.DISCUSSIONS_A_PAGE", 100)
    posts = read(face)
    before = face.calls()
    posts()
    assert face.calls() - before == 1 + 8


def test_the_newest_post_is_told_past_pinned_ones(face):
    calls = face.connector()._calls
    newest = int(face.clock().timestamp())
    for one in face.forum.discussions[:4]:
        one.pinned = True
    assert newest_post(newest_rows(calls, str(face.forum.id))) == newest
    for number in range(6):
        campus_one = face.campus.open_discussion("will", face.forum.id, f"P{number}", "<p>p</p>", pinned=True)
        assert campus_one.pinned
    assert newest_post(newest_rows(calls, str(face.forum.id))) is None


def test_an_edited_opening_post_comes_with_a_quick_pass_and_an_edited_reply_does_not(face):
    campus, (first, second, *_) = face.campus, face.forum.discussions
    reply = campus.reply("yusuf", second.posts[0].id, "<p>A reply</p>")
    face.clock.day += 1
    moment = face.clock()
    campus.edit("will", first.posts[0].id, "<p>Text 0, edited</p>")
    campus.edit("yusuf", reply.id, "<p>A reply, edited</p>")
    posts = read(face, since=moment)
    assert bodies(posts()) == {"<p>Text 0, edited</p>"}
    whole = read(face)
    assert bodies(whole()) >= {"<p>Text 0, edited</p>", "<p>A reply, edited</p>"}


def test_a_deleted_last_reply_moves_the_forum_back(face):
    campus = face.campus
    before = activity(face, face.connector()).changed_at
    face.clock.day += 1
    reply = campus.reply("yusuf", face.forum.discussions[0].posts[0].id, "<p>Short-lived</p>")
    assert activity(face, face.connector()).changed_at == face.clock()
    campus.delete("yusuf", reply.id)
    assert activity(face, face.connector()).changed_at == before


def test_discussions_are_kept_by_their_own_id_and_not_by_that_of_their_first_post(face):
    rows = discussions(face.connector()._calls, str(face.forum.id), 8)
    assert set(rows) == {str(one.id) for one in face.forum.discussions}
    assert not set(rows) & {str(one.posts[0].id) for one in face.forum.discussions}
    assert len(texts(read(face)())) == 8
