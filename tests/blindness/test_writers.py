"""A student who did write: what their choices change at once, and what only with the next picture (P15–P17, P47)."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from lti_tool.consent.tables import ConsentState
from lti_tool.errors import NotFoundError
from lti_tool.insights import service
from lti_tool.insights.material import gather
from lti_tool.launch.tables import Course
from lti_tool.review import pool, queue, texts
from lti_tool.review.service import reviewable
from tests.classroom import START, Classroom, open_database, settings_in

NOW = START + timedelta(days=9)
MODES = ("individual", "aggregate_only", "off")


@pytest.fixture
def session(tmp_path):
    with open_database(tmp_path).session() as opened:
        yield opened


def filled(session, mode="individual", named=6, unnamed=6):
    room = Classroom(session, mode)
    room.version_ = room.version()
    room.named, room.unnamed = room.people(named, "ABC"), room.people(unnamed, "AC")
    room.forum = room.activity("Help")
    room.posts = {
        post.person_id: post
        for post in room.scored([*room.named, *room.unnamed], room.forum, room.version_, 1, confusion=0.9)
    }
    return room


def choose(room, person, **choices):
    row = room.session.get_one(ConsentState, person)
    for name, value in choices.items():
        setattr(row, name, value)
    room.session.flush()


def drawn(room, tmp_path, k=5):
    settings = settings_in(tmp_path, smallest_group=k)
    return service.body_of(service.build(room.session, NOW, settings, room.course_id, 12))


def read(room, mode="individual"):
    launch = SimpleNamespace(mode=mode, course_id=room.course_id)
    return {text.post.person_id for text in texts.readable(room.session, launch)}


@pytest.mark.parametrize("mode", MODES)
def test_p47_the_queue_of_each_mode_holds_only_texts_of_authors_with_b(session, mode):
    room = filled(session, mode)
    waiting = {item.post.person_id for item in queue.queue(session, NOW, room.course_id, 99)}
    assert waiting == (set(room.named) if mode == "individual" else set())


def test_p47_texts_with_c_and_without_b_stay_unlabelled(session):
    """There is no reviewer from outside the course, so nobody on the staff may label them."""
    room = filled(session)
    for person in room.unnamed:
        with pytest.raises(NotFoundError):
            reviewable(session, room.posts[person].id, room.course_id)
    assert pool.corrections(session) == []


@pytest.mark.parametrize("c", [True, False])
def test_p14_the_queue_is_the_same_with_and_without_c(session, c):
    room = filled(session)
    before = [item.post.id for item in queue.queue(session, NOW, room.course_id)]
    choose(room, room.named[0], c=c)
    assert [item.post.id for item in queue.queue(session, NOW, room.course_id)] == before


@pytest.mark.parametrize("mode", MODES)
def test_p46_verbatim_only_with_b_and_only_where_people_are_shown(session, mode):
    room = filled(session, mode)
    assert read(room, mode) == (set(room.named) if mode == "individual" else set())
    course = session.get_one(Course, room.course_id)
    quotable = {text.author for text in gather(session, course, room.version_).own.values()}
    assert quotable == (set(room.named) if mode == "individual" else set())


def test_p46_words_of_texts_without_b_do_not_even_choose_the_phrases(session, tmp_path):
    room = filled(session, named=8)
    for place, person in enumerate(room.named):
        own = room.posts[person]
        own.text = f"The base case puzzles me, the stack frame too. {place}"
    bodies = []
    for words in ("Nothing in common.", "The base case, the base case, again the base case."):
        for person in room.unnamed:
            room.posts[person].text = words
        session.flush()
        body = drawn(room, tmp_path)
        bodies.append([(found.id, found.phrases) for found in body.findings])
    assert bodies[0] == bodies[1]
    assert any(spans for _, spans in bodies[0])


def test_p45_in_aggregate_only_the_picture_is_of_the_class_and_names_no_text(session, tmp_path):
    room = filled(session, "aggregate_only")
    body = drawn(room, tmp_path)
    assert body.findings
    assert all(not found.examples and not found.phrases and not found.shared for found in body.findings)


def test_p50_who_gives_b_among_few_others_stays_unread(session, tmp_path):
    """Their text was told with five others: once they can be read, the rest would be too few."""
    room = filled(session)
    drawn(room, tmp_path)
    giver = room.unnamed[0]
    choose(room, giver, b=True)
    drawn(room, tmp_path)
    assert giver in read(room), "of six, five are left"
    second = room.unnamed[1]
    choose(room, second, b=True)
    drawn(room, tmp_path)
    assert second not in read(room)
    with pytest.raises(NotFoundError):
        reviewable(session, room.posts[second].id, room.course_id)
    assert second not in {item.post.person_id for item in queue.queue(session, NOW, room.course_id, 99)}
    session.delete(room.posts[second])
    fresh = room.post(second, room.forum, "A new text.", 2)
    room.score(fresh, room.version_)
    drawn(room, tmp_path)
    assert second in read(room), "what was not told yet may be read"


def test_p15_a_withdrawal_hides_at_once_and_numbers_follow(session, tmp_path):
    room = filled(session)
    body = drawn(room, tmp_path)
    choose(room, room.named[0], b=False)
    assert room.named[0] not in read(room)
    assert service.body_of(service.latest(session, room.course_id)) == body


def test_p50_one_who_leaves_moves_no_share_but_is_counted_no_more(session, tmp_path):
    room = filled(session, "aggregate_only", named=8, unnamed=8)
    before = drawn(room, tmp_path)
    session.delete(room.posts[room.unnamed[0]])
    session.flush()
    after = drawn(room, tmp_path)
    assert [found.share for found in after.findings] == [found.share for found in before.findings]
    assert after.texts == 15


@pytest.mark.parametrize("k", [5, 13, 30])
def test_p49_k_can_be_set_and_holds(session, tmp_path, k):
    room = filled(session)
    assert drawn(room, tmp_path, k).state == ("ready" if k <= 6 else "too_few")
