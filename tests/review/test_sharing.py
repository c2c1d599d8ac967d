"""Staff read what stood at the picture's beginning: more comes with the next one, less at once (P15)."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from lti_tool.consent import service as consent
from lti_tool.consent.service import Choices
from lti_tool.consent.tables import ConsentState
from lti_tool.errors import NotFoundError
from lti_tool.ingest.tables import Post
from lti_tool.jobs import Job
from lti_tool.review.service import reviewable
from lti_tool.review.sharing import sharing
from lti_tool.review.texts import readable
from lti_tool.rights import pausing
from tests.classroom import START as NOW
from tests.classroom import Classroom, open_database

AGREED = Choices(answered=True, a=True, earlier=True)
SHARED = replace(AGREED, b=True)


@pytest.fixture
def room(tmp_path):
    with open_database(tmp_path).session() as session:
        yield Classroom(session)


def picture(room, begun) -> None:
    job = Job(kind="snapshot", key=room.course_id, state="done", queued_at=begun, started_at=begun)
    job.finished_at = begun + timedelta(seconds=1)
    room.session.add(job)
    room.session.flush()


def choose(room, person_id: str, choices: Choices, at) -> None:
    consent.save(room.session, at, person_id, room.course_id, choices, "en")
    room.session.flush()


def test_somebody_who_shares_now_appears_with_the_next_picture(room):
    ann = room.person("-")
    choose(room, ann, AGREED, NOW)
    picture(room, NOW + timedelta(minutes=1))
    choose(room, ann, SHARED, NOW + timedelta(minutes=2))
    assert sharing(room.session, room.course_id) == set()
    picture(room, NOW + timedelta(minutes=3))
    assert sharing(room.session, room.course_id) == {ann}


def test_somebody_who_stops_sharing_is_gone_at_once_and_back_with_the_next_picture(room):
    ann = room.person("-")
    choose(room, ann, SHARED, NOW)
    picture(room, NOW + timedelta(minutes=1))
    choose(room, ann, AGREED, NOW + timedelta(minutes=2))
    assert sharing(room.session, room.course_id) == set()
    choose(room, ann, SHARED, NOW + timedelta(minutes=3))
    assert sharing(room.session, room.course_id) == set()
    picture(room, NOW + timedelta(minutes=4))
    assert sharing(room.session, room.course_id) == {ann}


def minute(number: float):
    return NOW + timedelta(minutes=number)


def shared(room) -> set[str]:
    """Ids of the texts that a page of staff lists now."""
    launch = SimpleNamespace(mode="individual", course_id=room.course_id)
    listed = {text.post.id for text in readable(room.session, launch)}
    for post_id in room.session.scalars(select(Post.id)):
        if post_id in listed:
            assert reviewable(room.session, post_id, room.course_id)
        else:
            with pytest.raises(NotFoundError):
                reviewable(room.session, post_id, room.course_id)
    return listed


@pytest.fixture
def ann(room):
    """Shares one text since before the first picture."""
    person = room.person("-")
    choose(room, person, SHARED, NOW)
    room.text = room.post(person, room.activity("Help")).id
    picture(room, minute(1))
    return person


def test_p15_going_on_after_a_pause_shows_nothing_before_the_next_picture(room, ann):
    assert shared(room) == {room.text}
    pausing.pause(room.session, minute(2), ann, "en")
    assert shared(room) == set(), "a pause hides at once"
    pausing.resume(room.session, minute(3), ann, "en")
    assert shared(room) == set()
    picture(room, minute(4))
    assert shared(room) == {room.text}


@pytest.mark.parametrize("held", ["ABCD", "AB", "B"])
def test_p15_answering_new_words_shows_nothing_before_the_next_picture(room, ann, held):
    room.session.get_one(ConsentState, ann).suspended = held
    room.session.flush()
    assert shared(room) == set()
    choose(room, ann, SHARED, minute(3))
    assert shared(room) == set()
    picture(room, minute(4))
    assert shared(room) == {room.text}


def test_p14_answering_new_words_about_learning_alone_hides_nothing(room, ann):
    choose(room, ann, replace(SHARED, c=True), minute(2))
    room.session.get_one(ConsentState, ann).suspended = "C"
    room.session.flush()
    assert shared(room) == {room.text}
    choose(room, ann, replace(SHARED, c=True), minute(3))
    assert shared(room) == {room.text}


def test_p15_earlier_texts_come_with_the_next_picture_and_hide_none(room):
    ann = room.person("-")
    choose(room, ann, replace(SHARED, earlier=False), NOW)
    later = room.post(ann, room.activity("Help")).id
    picture(room, minute(1))
    choose(room, ann, SHARED, minute(2))
    earlier = room.post(ann, room.activity("Questions"), day=3 / 24 / 60).id
    assert shared(room) == {later}
    picture(room, minute(4))
    assert shared(room) == {later, earlier}


def test_p15_a_text_that_changed_since_the_picture_comes_with_the_next_one(room, ann):
    post = room.session.get_one(Post, room.text)
    post.text, post.pulled_at = "Other words.", minute(2)
    room.session.flush()
    assert shared(room) == set()
    picture(room, minute(3))
    assert shared(room) == {room.text}
