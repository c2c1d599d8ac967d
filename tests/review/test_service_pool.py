"""What may train: consent C, the present text, the newest answer of each annotator."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.review import service
from lti_tool.review.pool import corrections, of_same_texts
from lti_tool.review.tables import Answer
from tests.classroom import START, Classroom, open_database

NOW = START + timedelta(days=50)
SAID = {"sentiment": "negative", "confusion": 1}


@pytest.fixture
def room(tmp_path):
    with open_database(tmp_path).session() as session:
        yield Classroom(session)


def at(minutes):
    return NOW + timedelta(minutes=minutes)


def correct(room, choices, minutes=0, who=None, labels=SAID, **more):
    post = room.post(room.person(choices), room.activity("Help"), f"Text {minutes} {choices}", **more)
    who = who or room.person("-")
    service.answer(
        room.session,
        NOW + timedelta(minutes=minutes),
        post.id,
        who,
        labels,
        post.text_hash,
        course_id=room.course_id,
    )
    return post


def test_only_texts_with_c_train(room):
    correct(room, "AB")
    wanted = correct(room, "ABC", 1)
    (only,) = corrections(room.session, room.institution_id)
    assert (only.text, only.person_id, only.labels["confusion"]) == (wanted.text, wanted.person_id, 1)


def test_a_contest_trains_with_c_too(room):
    post = room.post(room.person("AC"), room.activity("Help"))
    service.contest(room.session, NOW, post.id, post.person_id, SAID)
    assert [found.annotator_role for found in corrections(room.session)] == ["student"]


def test_an_answer_for_an_older_text_does_not_train(room):
    post = correct(room, "ABC")
    post.text_hash = "newer"
    room.session.flush()
    assert corrections(room.session) == []


def test_the_newest_answer_of_an_annotator_counts_and_an_undone_one_does_not(room):
    who = room.person("-")
    post = correct(room, "ABC", who=who)
    again = {"sentiment": "positive", "satisfaction": 1}
    service.answer(room.session, at(1), post.id, who, again, post.text_hash, course_id=room.course_id)
    assert [found.labels["sentiment"] for found in corrections(room.session)] == ["positive"]
    for minute in (2, 3):
        service.undo(room.session, at(minute), post.id, who, course_id=room.course_id)
    assert corrections(room.session) == []


def test_two_annotators_give_two_corrections(room):
    post = correct(room, "ABC")
    service.answer(
        room.session,
        NOW,
        post.id,
        room.person("-"),
        {"sentiment": "neutral"},
        post.text_hash,
        course_id=room.course_id,
    )
    assert len(corrections(room.session)) == 2


def test_another_institutions_corrections_stay_there(room):
    correct(room, "ABC")
    assert corrections(room.session, Classroom(room.session).institution_id) == []
    assert len(corrections(room.session)) == 1


def test_every_answer_to_a_text_is_known_by_any_of_them(room):
    post, who = correct(room, "ABC"), room.person("-")
    other = correct(room, "ABC", 1)
    for minutes, reader in enumerate((who, who, room.person("-")), 2):
        of = at(minutes), post.id, reader, SAID, post.text_hash
        service.answer(room.session, *of, course_id=room.course_id)
    ids = {
        one.id: set(room.session.scalars(select(Answer.id).where(Answer.post_id == one.id)))
        for one in (post, other)
    }
    assert of_same_texts(room.session, [min(ids[post.id]), "gone"]) == {*ids[post.id], "gone"}
    assert len(ids[post.id]) == 4
