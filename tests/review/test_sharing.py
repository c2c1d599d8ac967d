"""Who gives B appears with the next picture; who withdraws is gone at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lti_tool.consent import service as consent
from lti_tool.consent.service import Choices
from lti_tool.jobs import Job
from lti_tool.review.sharing import sharing
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
