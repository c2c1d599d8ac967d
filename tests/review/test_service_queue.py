"""The queue: whose texts, in which order, and why."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.review import service
from lti_tool.review.queue import in_slice
from lti_tool.scoring.tables import Score
from model import choosing
from tests.classroom import START, Classroom, open_database

NOW = START + timedelta(days=50)


@pytest.fixture
def room(tmp_path):
    with open_database(tmp_path).session() as session:
        room = Classroom(session)
        room.model = room.version()
        room.forum = room.activity("Help")
        yield room


def ask(room, limit=20):
    return service.queue(room.session, NOW, room.course_id, limit)


def test_only_texts_of_authors_with_a_and_b_are_asked_about(room):
    wanted = room.scored(room.people(3, "AB"), room.forum, room.model)
    room.scored(room.people(3, "AC"), room.forum, room.model)
    room.scored(room.people(2, "B"), room.forum, room.model)
    assert {item.post.id for item in ask(room)} == {post.id for post in wanted}


def test_there_is_no_queue_outside_individual_mode(tmp_path):
    with open_database(tmp_path).session() as session:
        room = Classroom(session, mode="aggregate_only")
        room.scored(room.people(3, "AB"), room.activity("Help"), room.version())
        assert service.queue(session, NOW, room.course_id) == []


def test_contested_uncertain_and_random_texts_are_mixed_with_their_reason(room):
    people = room.people(130, "AB")
    room.scored(people[:60], room.forum, room.model, confusion=0.97)
    room.scored(people[60:120], room.forum, room.model, confusion=0.52)
    for post in room.scored(people[120:], room.forum, room.model, boredom=0.9):
        service.contest(room.session, NOW, post.id, post.person_id, {"sentiment": "neutral"})
    items = ask(room)
    assert Counter(item.why for item in items) == {"contested": 10, "uncertain": 5, "random": 5}
    assert [item.why for item in items[10:14]] == ["uncertain", "random", "uncertain", "random"]
    assert all(
        0.4 < item.reading.probabilities["confusion"] < 0.6 for item in items if item.why == "uncertain"
    )
    assert len({item.post.id for item in items}) == len(items) == 20


def test_of_the_uncertain_ones_the_most_doubtful_by_threshold_and_sentiment_come_first(room):
    """A label at .52 is clear where its threshold is .9; one at .88 is not, and neither is an even sentiment."""
    labels = {
        **room.model.calibration["labels"],
        "confusion": {"scale": 1.0, "shift": 0.0, "threshold": 0.9},
    }
    room.model.calibration = {**room.model.calibration, "labels": labels}
    people = room.people(120, "AB")
    clear = room.scored(people[:40], room.forum, room.model, confusion=0.52)
    near = room.scored(people[40:80], room.forum, room.model, confusion=0.88)
    even = room.scored(people[80:], room.forum, room.model, neutral=0.4, negative=0.4, positive=0.4)
    asked = [(item.post.id, item.why) for item in ask(room, 999) if item.why != "random"]
    assert {why for post_id, why in asked if post_id in {post.id for post in clear}} == {"rest"}
    uncertain = [post_id for post_id, why in asked if why == "uncertain"]
    assert len(uncertain) == sum(not in_slice(post.id) for post in (*near, *even))
    logits = dict(room.session.execute(select(Score.post_id, Score.logits)).all())
    doubts = choosing.doubt(room.model.calibration, [logits[post_id] for post_id in uncertain])
    assert list(doubts) == sorted(doubts, reverse=True)


def test_one_who_answers_from_the_front_meets_the_mix_as_it_was_planned(room):
    room.scored(room.people(60, "AB"), room.forum, room.model, confusion=0.52)
    who, met = room.person("-"), []
    planned = [(item.post.id, item.why) for item in ask(room)]
    for _ in planned:
        (item, *_) = ask(room)
        met.append((item.post.id, item.why))
        of = NOW, item.post.id, who, {"sentiment": "neutral"}, item.post.text_hash
        service.answer(room.session, *of, course_id=room.course_id, why=item.why)
    assert met == planned
    assert {why for _, why in met} == {"uncertain", "random"}


def test_why_the_queue_asked_is_kept_with_the_answer_and_empty_for_a_text_of_ones_own_choice(room):
    posts = room.scored(room.people(9, "AB"), room.forum, room.model)
    who = room.person("-")
    asked = {item.post.id: item.why for item in ask(room)}
    for post in posts:
        why = service.asked_why(room.session, NOW, post.id, who, course_id=room.course_id)
        assert why == asked[post.id]
        of = NOW, post.id, who, {"sentiment": "neutral"}, post.text_hash
        assert service.answer(room.session, *of, course_id=room.course_id, why=why).why == why
    assert service.asked_why(room.session, NOW, posts[0].id, who, course_id=room.course_id) is None
    of = NOW, posts[0].id, who, {"sentiment": "neutral"}, posts[0].text_hash
    assert service.answer(room.session, *of, course_id=room.course_id).why == ""


def test_the_order_holds_for_a_day(room):
    room.scored(room.people(30, "AB"), room.forum, room.model)
    assert [item.post.id for item in ask(room)] == [item.post.id for item in ask(room)]


def test_an_answered_text_leaves_the_queue_until_its_author_contests(room):
    (post,) = room.scored(room.people(1, "AB"), room.forum, room.model)
    who = room.person("-")
    service.cannot_tell(room.session, NOW, post.id, who, post.text_hash, course_id=room.course_id)
    assert ask(room) == []
    later = NOW + timedelta(minutes=1)
    service.contest(room.session, later, post.id, post.person_id, {"sentiment": "neutral"})
    assert [item.why for item in ask(room)] == ["contested"]


def test_unscored_texts_wait(room):
    room.post(room.person("AB"), room.forum)
    assert ask(room) == []
