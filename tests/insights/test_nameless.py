"""A text read without names on the roster never trains, and staff see no word of it (design: roster nameless)."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from lti_tool.errors import NotFoundError
from lti_tool.insights import material
from lti_tool.launch.tables import Course
from lti_tool.review import pool, queue, service, texts
from tests.classroom import START, Classroom, open_database

LATER = START + timedelta(days=5)


@pytest.mark.parametrize("named", [True, False])
def test_p30_without_names_no_text_trains_and_none_is_shown(tmp_path, named):
    with open_database(tmp_path).session() as session:
        room = Classroom(session)
        version = room.version()
        post = room.post(room.person("ABC"), room.activity("Help"), "Alida and I are lost.", trainable=named)
        room.score(post, version, confusion=0.6, negative=0.9)
        launch = SimpleNamespace(mode="individual", course_id=room.course_id)
        found = material.gather(session, session.get_one(Course, room.course_id), version).texts
        assert [text.quotable for text in found] == [named], "counted either way, quoted only with names"
        assert bool(texts.readable(session, launch)) == named
        assert bool(queue.queue(session, LATER, room.course_id)) == named
        answer = {"course_id": room.course_id, "text_hash": post.text_hash}
        try:
            service.answer(
                session, LATER, post.id, room.person("-"), {"sentiment": "negative", "confusion": 1}, **answer
            )
        except NotFoundError:
            assert not named
        assert bool(pool.corrections(session)) == named


def test_a_claim_of_the_author_does_not_train_without_names_either(tmp_path):
    with open_database(tmp_path).session() as session:
        room = Classroom(session)
        post = room.post(room.person("ABC"), room.activity("Help"))
        answer = {"course_id": room.course_id, "text_hash": post.text_hash}
        service.answer(session, LATER, post.id, room.person("-"), {"sentiment": "neutral"}, **answer)
        assert pool.corrections(session)
        post.trainable = False
        session.flush()
        assert not pool.corrections(session)
