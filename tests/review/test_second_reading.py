"""Who is asked about a text that a colleague has read, when, and what is not said (S43, U37)."""

from datetime import timedelta

import pytest

from lti_tool.review import holds, service
from lti_tool.review.second_reading import MOST_SECOND
from tests.review.conftest import GLAD, NOW, SAD

LATER = timedelta(days=1)


@pytest.fixture
def course(made):
    """Ann has labelled sixty texts; as many again were read by nobody; Bob comes the next day."""
    made.ann, made.bob = made.teacher(), made.teacher()
    made.read = made.texts(60)
    made.unread = made.texts(60)
    for number, post in enumerate(made.read):
        made.label(post, made.ann, minutes=number / 10)
    return made


def ask(made, who, limit=20, days=1):
    return service.queue(made.session, NOW + days * LATER, made.course_id, limit, reader_id=who)


def answer(made, item, who, labels=SAD, days=1):
    of = {"course_id": made.course_id, "why": item.why}
    now = NOW + days * LATER
    return service.answer(made.session, now, item.post.id, who, labels, item.post.text_hash, **of)


def test_s43_texts_that_wait_come_first_to_others_and_not_to_their_annotator(course):
    answers = [course.given(post)[0] for post in course.read[:3]]
    holds.hold(course.session, NOW, {one.id: "sure" for one in answers})
    first = ask(course, course.bob)[:3]
    assert {item.post.id for item in first} == {post.id for post in course.read[:3]}
    assert all(item.why == "second" and item.blind and item.read_before for item in first)
    assert not {item.why for item in ask(course, course.ann)} & {"second", "check"}


def test_s43_a_second_reading_is_asked_once(course):
    holds.hold(course.session, NOW, {course.given(course.read[0])[0].id: "sure"})
    (item, *_) = ask(course, course.bob)
    answer(course, item, course.bob, GLAD)
    assert "second" not in {one.why for one in ask(course, course.bob)}


def test_s43_many_that_wait_leave_time_for_the_rest(course):
    holds.hold(course.session, NOW, {course.given(post)[0].id: "pace" for post in course.read})
    for done in range(MOST_SECOND):
        items = ask(course, course.bob)
        assert [item.why for item in items].count("second") == MOST_SECOND - done
        answer(course, items[0], course.bob)
    assert "second" not in {item.why for item in ask(course, course.bob)}
    assert [item.why for item in ask(course, course.bob, days=2)].count("second") == MOST_SECOND


def test_s43_one_item_in_twenty_or_so_was_read_by_another(course):
    counts = [
        [item.why for item in ask(course, course.bob, 60, days)].count("check") for days in range(1, 11)
    ]
    assert all(2 <= count <= 4 for count in counts)


def test_s43_a_check_looks_like_any_other_and_is_blind(course):
    items = ask(course, course.bob, 60)
    check = next(item for item in items if item.why == "check")
    assert check.blind
    assert check.post.id in {post.id for post in course.read}


def test_s43_with_one_instructor_nothing_is_read_twice(course):
    holds.hold(course.session, NOW, {course.given(post)[0].id: "pace" for post in course.read})
    assert {item.post.id for item in ask(course, course.ann, 99)} == {post.id for post in course.unread}


def test_p14_without_a_reader_the_queue_is_of_unread_texts_alone(course):
    holds.hold(course.session, NOW, {course.given(course.read[0])[0].id: "sure"})
    items = service.queue(course.session, NOW + LATER, course.course_id, 99)
    assert {item.post.id for item in items} == {post.id for post in course.unread}


def test_u37_the_order_holds_while_a_sitting_goes_on(course):
    """Answering takes texts away from the front; the others stay as they were, checks too."""
    holds.hold(course.session, NOW, {course.given(course.read[0])[0].id: "sure"})
    planned = [(item.post.id, item.why) for item in ask(course, course.bob, 40)]
    met = []
    for _ in planned[:25]:
        item = ask(course, course.bob)[0]
        met.append((item.post.id, item.why))
        answer(course, item, course.bob)
    assert met == planned[:25]
    assert "check" in {why for _, why in met}


def test_the_day_after_texts_are_in_another_order(course):
    one, other = ([item.post.id for item in ask(course, course.bob, 99, days)] for days in (1, 2))
    assert one != other
