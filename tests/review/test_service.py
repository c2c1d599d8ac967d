"""Answers and contests: who may give them, what they change, what they never change."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lti_tool.errors import InvalidInputError, NotFoundError
from lti_tool.launch.tables import Institution
from lti_tool.review import service
from lti_tool.review.errors import NothingToUndoError, TextChangedError
from lti_tool.review.tables import Answer
from lti_tool.scoring.readings import readings
from tests.classroom import START, Classroom, open_database

LATER = START + timedelta(days=50)
CONFUSED = {"sentiment": "negative", "confusion": 1}
PLAIN = {"sentiment": "neutral"}


@pytest.fixture
def room(tmp_path):
    with open_database(tmp_path).session() as session:
        yield Classroom(session)


@pytest.fixture
def one(room):
    """A scored post of an author with A and B that the model reads as frustrated."""
    author = room.person("AB")
    room.model = room.version()
    post = room.post(author, room.activity("Help"))
    room.score(post, room.model, frustration=0.9, negative=0.9)
    return post


def shown(room, post):
    return service.effective(room.session, [post], readings(room.session, room.model, [post.id]))[post.id]


def answer(room, post, who, labels=CONFUSED, minutes=0, **more):
    now = LATER + timedelta(minutes=minutes)
    more = {"course_id": room.course_id, "text_hash": post.text_hash} | more
    return service.answer(room.session, now, post.id, who, labels, **more)


def test_without_an_answer_the_models_reading_is_shown(room, one):
    assert shown(room, one).source == "model"
    assert shown(room, one).labels == {"frustration": "likely"}
    assert shown(room, one).sentiment == "negative"


def test_an_answer_is_shown_at_once_and_the_models_reading_is_kept(room, one):
    answer(room, one, room.person("-"))
    said = shown(room, one)
    assert (said.source, said.labels) == ("instructor", {"confusion": "by a person"})
    assert said.probabilities["frustration"] > 0.85
    assert readings(room.session, room.model, [one.id])[one.id].labels == ("frustration",)


def test_the_newest_instructors_answer_is_shown(room, one):
    first, second = room.person("-"), room.person("-")
    answer(room, one, first, CONFUSED)
    answer(room, one, second, PLAIN, minutes=1)
    assert shown(room, one).labels == {}


def test_enthusiasm_implies_engagement(room, one):
    stored = answer(room, one, room.person("-"), {"sentiment": "positive", "enthusiasm": 1})
    assert (stored.labels["enthusiasm"], stored.labels["engagement"]) == (1, 1)


@pytest.mark.parametrize(
    "labels",
    [{}, {"sentiment": "sad"}, {"sentiment": "neutral", "anger": 1}, {"sentiment": "neutral", "boredom": 2}],
)
def test_unknown_or_missing_labels_are_refused_and_nothing_is_stored(room, one, labels):
    with pytest.raises(InvalidInputError):
        answer(room, one, room.person("-"), labels)
    assert room.session.scalar(select(func.count()).select_from(Answer)) == 0


def test_an_answer_for_a_text_that_was_edited_is_refused(room, one):
    with pytest.raises(TextChangedError):
        answer(room, one, room.person("-"), text_hash="of the text before")


def test_an_answer_for_an_older_text_is_not_shown_for_the_new_one(room, one):
    answer(room, one, room.person("-"))
    one.text_hash = "of a newer text"
    room.session.flush()
    assert service.effective(room.session, [one], {}) == {}


def test_texts_without_b_of_other_courses_or_outside_individual_mode_are_not_there(room, one):
    without = room.post(room.person("A"), one.activity_id)
    nameless = room.post(one.person_id, one.activity_id, "With names in it", trainable=False)
    for post in (without, nameless):
        with pytest.raises(NotFoundError):
            answer(room, post, room.person("-"))
    with pytest.raises(NotFoundError):
        answer(room, one, room.person("-"), course_id=Classroom(room.session).course_id)
    room.session.get_one(Institution, room.institution_id).mode = "aggregate_only"
    room.session.flush()
    with pytest.raises(NotFoundError):
        answer(room, one, room.person("-"))


def test_undo_brings_back_what_stood_before(room, one):
    who = room.person("-")
    answer(room, one, who, CONFUSED)
    answer(room, one, who, PLAIN, minutes=1)
    service.undo(room.session, LATER + timedelta(minutes=2), one.id, who, course_id=room.course_id)
    assert shown(room, one).labels == {"confusion": "by a person"}
    service.undo(room.session, LATER + timedelta(minutes=3), one.id, who, course_id=room.course_id)
    assert shown(room, one).source == "model"
    with pytest.raises(NothingToUndoError):
        service.undo(room.session, LATER + timedelta(minutes=4), one.id, who, course_id=room.course_id)


def test_rows_are_only_added(room, one):
    who = room.person("-")
    answer(room, one, who)
    service.undo(room.session, LATER + timedelta(minutes=1), one.id, who, course_id=room.course_id)
    kinds = room.session.scalars(select(Answer.kind).order_by(Answer.answered_at)).all()
    assert kinds == ["labels", "undone"]


def test_cannot_tell_changes_nothing_that_is_shown(room, one):
    who = room.person("-")
    service.cannot_tell(room.session, LATER, one.id, who, one.text_hash, course_id=room.course_id)
    assert shown(room, one).source == "model"


def test_a_contested_text_counts_for_no_label_until_it_is_reviewed(room, one):
    service.contest(room.session, LATER, one.id, one.person_id, PLAIN, "I was joking")
    contested = shown(room, one)
    assert (contested.source, contested.contested_sentiment) == ("contested", "neutral")
    assert not contested.reads_as("frustration")
    answer(room, one, room.person("-"), minutes=1)
    assert shown(room, one).reads_as("confusion")
    service.contest(room.session, LATER + timedelta(minutes=2), one.id, one.person_id, PLAIN)
    assert shown(room, one).source == "contested"


def test_only_the_author_with_a_contests(room, one):
    with pytest.raises(NotFoundError):
        service.contest(room.session, LATER, one.id, room.person("AB"), PLAIN)
    withdrawn = room.post(room.person(""), one.activity_id)
    with pytest.raises(NotFoundError):
        service.contest(room.session, LATER, withdrawn.id, withdrawn.person_id, PLAIN)
    with pytest.raises(TextChangedError):
        service.contest(room.session, LATER, one.id, one.person_id, PLAIN, text_hash="older")


def test_an_unsure_label_counts_for_no_figure(room, one):
    weak = room.post(one.person_id, one.activity_id, "Hm.")
    room.score(weak, room.model, confusion=0.5001)
    assert shown(room, weak).reads_as("confusion")
    faint = service.Shown("neutral", {"confusion": "unsure"}, "model")
    assert not faint.reads_as("confusion")
