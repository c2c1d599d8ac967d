"""Taking labels out in bulk is as if they had never been given, and can be taken back (S40)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.errors import InvalidInputError, NotFoundError
from lti_tool.review import counting, dropping
from lti_tool.review.dropping import Which
from lti_tool.review.pool import corrections, keep_for_pool
from lti_tool.review.tables import Answer, PoolText
from tests.classroom import Classroom
from tests.review.conftest import GLAD, NOW, Labelling, at


@pytest.fixture
def two(made):
    """Ann labels two texts, an hour apart; Bob labels one."""
    made.ann, made.bob = made.teacher(), made.teacher()
    made.one, made.other = made.texts(2)
    made.label(made.one, made.ann)
    made.label(made.other, made.ann, minutes=60)
    made.label(made.one, made.bob, minutes=5)
    return made


def left(made):
    return sorted((one.text, one.annotator_id) for one in corrections(made.session))


@pytest.mark.parametrize(
    ("which", "stay"),
    [
        ({"annotator_id": "ann"}, ["bob"]),
        ({"annotator_id": "bob"}, ["ann", "ann"]),
        ({"course_id": "here"}, []),
        ({"since": at(60), "until": at(61)}, ["ann", "bob"]),
        ({"until": at(5)}, ["ann", "bob"]),
        ({"annotator_id": "ann", "since": at(1)}, ["ann", "bob"]),
        ({"course_id": "here", "since": at(1)}, ["ann"]),
    ],
)
def test_s40_labels_of_an_annotator_a_course_or_a_period_train_no_more(two, which, stay):
    names = {"ann": two.ann, "bob": two.bob, "here": two.course_id}
    before = left(two)
    rows = dropping.drop(
        two.session, at(90), Which(**{key: names.get(value, value) for key, value in which.items()})
    )
    assert sorted(who for _, who in left(two)) == sorted(names[who] for who in stay)
    assert len(two.session.scalars(select(Answer)).all()) == 3
    dropping.restore(two.session, at(91), [row.id for row in rows])
    assert left(two) == before


def test_s40_an_answer_before_the_period_counts_again(two):
    two.label(two.one, two.ann, GLAD, minutes=120)
    two.undo(two.other, two.ann, minutes=121)
    dropping.drop(two.session, at(200), Which(two.ann, since=at(100)))
    said = {
        one.text: one.labels["sentiment"] for one in corrections(two.session) if one.annotator_id == two.ann
    }
    assert said == {two.one.text: "negative", two.other.text: "negative"}


def test_s40_later_labels_of_a_dropped_annotator_are_out_too_and_of_a_period_that_ended_not(two):
    dropping.drop(two.session, at(90), Which(annotator_id=two.ann))
    dropping.drop(two.session, at(90), Which(since=at(0)))
    (new,) = two.texts(1)
    two.label(new, two.ann, minutes=100)
    two.label(new, two.bob, minutes=100)
    assert left(two) == [(new.text, two.bob)]


def test_s40_texts_kept_for_the_pool_alone_are_taken_out_too(two):
    keep_for_pool(two.session, at(80), [two.one, two.other])
    for post in (two.one, two.other):
        post.text, post.trainable = "", False
    two.session.flush()
    assert len(left(two)) == 3
    (rule,) = dropping.drop(two.session, at(90), Which(two.ann, since=at(30)))
    assert sorted(who for _, who in left(two)) == sorted([two.ann, two.bob])
    dropping.restore(two.session, at(91), [rule.id])
    for row in two.session.scalars(select(PoolText)):
        row.answered_at = None  # as those from before the time was noted: out when it may have been then
    two.session.flush()
    dropping.drop(two.session, at(92), Which(two.ann, since=at(79), until=at(80)))
    assert [who for _, who in left(two)] == [two.bob]


def test_s40_another_course_is_left_alone(two):
    other = Labelling.__new__(Labelling)
    other.room, other.session, other.model = Classroom(two.session), two.session, two.model
    other.course_id, other.forum = other.room.course_id, other.room.activity("Help")
    (post,) = other.texts(1)
    other.label(post, other.teacher())
    dropping.drop(two.session, at(90), Which(course_id=two.course_id))
    assert [one.course_id for one in corrections(two.session)] == [other.course_id]
    assert len(dropping.drop(two.session, at(91), Which(until=at(91)))) == 2


@pytest.mark.parametrize(
    ("which", "error"),
    [
        (Which(), InvalidInputError),
        (Which(since=NOW, until=NOW), InvalidInputError),
        (Which(annotator_id="0" * 32), NotFoundError),
        (Which(course_id="0" * 32), NotFoundError),
    ],
)
def test_s40_what_names_nothing_is_refused_in_words(two, which, error):
    with pytest.raises(error, match="Nothing was taken out"):
        dropping.drop(two.session, at(90), which)
    assert dropping.rules(two.session).rows == []


def test_s40_a_rule_is_lifted_once(two):
    (rule,) = dropping.drop(two.session, at(90), Which(annotator_id=two.ann))
    dropping.restore(two.session, at(91), [rule.id])
    for wrong in (rule.id, "0" * 32):
        with pytest.raises(NotFoundError, match="no rule of this id"):
            dropping.restore(two.session, at(92), [wrong])


def test_s40_the_log_says_what_was_taken_out_and_put_back(two):
    (rule,) = dropping.drop(two.session, at(90), Which(annotator_id=two.ann))
    dropping.restore(two.session, at(91), [rule.id])
    query = select(AuditEvent).where(AuditEvent.event.like("labels_%")).order_by(AuditEvent.at)
    events = [(row.event, row.code, row.facts) for row in two.session.scalars(query)]
    facts = {"rule": rule.id, "annotator": two.ann}
    assert events == [("labels_dropped", "annotator", facts), ("labels_restored", "annotator", facts)]


def test_counts_are_the_same_with_and_without_c(two):
    (closed,) = two.texts(1, "AB")
    two.label(closed, two.bob)
    dropping.drop(two.session, at(90), Which(annotator_id=two.ann))
    counts = {one.annotator_id: (one.labels, one.dropped) for one in counting.counted(two.session)}
    assert counts == {two.ann: (2, 2), two.bob: (2, 0)}


def test_a_day_is_one_in_utc() -> None:
    rules = dropping.Rules([dropping.DroppedLabels(course_id="c", since=datetime(2026, 10, 1, tzinfo=UTC))])
    assert not rules.cover("c", "ann", datetime(2026, 9, 30, 23, 59, tzinfo=UTC))
    assert rules.cover("c", "ann", datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days=9))
