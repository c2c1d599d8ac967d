"""Disagreement after a promotion, and the proposal to go back (S44)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch.tables import Institution
from lti_tool.retraining import by_hand, disagreement, proposing
from lti_tool.retraining.care_words import proposal_words
from lti_tool.retraining.disagreement import Checked, Share
from lti_tool.retraining.tables import RollbackProposal
from lti_tool.review.tables import Answer
from lti_tool.scoring import serving
from lti_tool.scoring.tables import ModelVersion
from tests.classroom import START, Classroom, open_database

MOVED = START + timedelta(days=41)
DAY = timedelta(days=1)
K = 5
NEGATIVE = {"sentiment": "negative", "confusion": 1}


def answers(count, wrong, version="new", at=MOVED, authors=10):
    return [Checked(f"author {n % authors}", version, at, n < wrong) for n in range(count)]


def test_wilsons_interval_is_that_of_the_books():
    """Newcombe (1998), table I: 81 of 263."""
    assert Share(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert Share(0, 20).interval == pytest.approx((0, 0.1611), abs=1e-4)


def test_newcombes_interval_is_that_of_the_books():
    """Newcombe (1998), table II, method 10: 56/70 against 48/80."""
    low, high = disagreement.rise(Share(48, 80), Share(56, 70))
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_a_clear_rise_by_half_is_told_in_rounded_figures():
    figures = proposing.compare(answers(100, 20), answers(60, 30), K)
    assert figures == {"before": 20, "after": 50, "low": 15, "high": 45}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (answers(100, 20), answers(29, 29)),
        (answers(100, 40), answers(60, 30)),
        (answers(20, 4), answers(30, 10)),
        (answers(100, 30), answers(60, 10)),
        ([], answers(60, 30)),
    ],
    ids=["too few", "not by half", "perhaps by chance", "fell", "nothing before"],
)
def test_nothing_is_proposed_without_a_clear_rise(before, after):
    assert proposing.compare(before, after, K) is None


def test_p49_p50_nothing_is_told_of_too_few_authors_or_mostly_one():
    assert proposing.compare(answers(100, 20), answers(60, 30, authors=4), K) is None
    mostly_one = [Checked("one", "new", MOVED, n < 20) for n in range(40)] + answers(20, 10)
    assert proposing.compare(answers(100, 20), mostly_one, K) is None


def test_any_other_label_or_sentiment_is_a_disagreement_and_order_is_none():
    assert not disagreement.disagrees({**NEGATIVE, "boredom": 0}, {"confusion": 1, "sentiment": "negative"})
    assert disagreement.disagrees(NEGATIVE, {"sentiment": "negative"})
    assert disagreement.disagrees(NEGATIVE, {**NEGATIVE, "sentiment": "neutral"})


@pytest.fixture
def room(tmp_path):
    """Two versions, the second promoted at `MOVED`, and a queue of texts of ten people."""
    database = open_database(tmp_path)
    with database.session() as session:
        room = Classroom(session)
        room.first = room.version()
        second = ModelVersion(
            weights_hash=room.first.weights_hash,
            calibration={},
            parent_id=room.first.id,
            origin="retrained",
            institution_id=room.institution_id,
            created_at=MOVED,
        )
        session.add(second)
        session.flush()
        room.move = serving.promote(session, MOVED, second.id, "nightly run", "promoted")
        room.second, room.teacher = second, room.person("-")
        room.people_ = room.people(10, "ABC")
        room.forum = room.activity("Help")
        yield room
    database.dispose()


def check(room, count, wrong, version, at, role="instructor", kind="labels"):
    for number in range(count):
        post = room.post(room.people_[number % 10], room.forum, f"Text {number} of day {at:%j}")
        said = {"sentiment": "positive"} if number < wrong else NEGATIVE
        room.session.add(
            Answer(
                course_id=room.course_id,
                post_id=post.id,
                person_id=post.person_id,
                annotator_id=room.teacher if role == "instructor" else post.person_id,
                annotator_role=role,
                kind=kind,
                labels=said,
                shown=NEGATIVE,
                version_id=version.id,
                text_hash=post.text_hash,
                answered_at=at,
            )
        )
    room.session.flush()


def risen(room):
    check(room, 60, 12, room.first, MOVED - 5 * DAY)
    check(room, 40, 26, room.second, MOVED + DAY)


def look(room, at=MOVED + 3 * DAY, scope=None):
    return proposing.look(room.session, at, K, scope)


def events(session):
    return list(session.scalars(select(AuditEvent.event)))


def test_s44_a_rise_is_proposed_once_logged_and_moves_nothing(room):
    risen(room)
    row = look(room)
    assert (row.figures["before"], row.figures["after"]) == (20, 65)
    assert look(room, MOVED + 4 * DAY) is None
    assert proposing.open_proposal(room.session).id == row.id
    assert serving.serving(room.session, None).id == room.second.id
    assert events(room.session).count("rollback_proposed") == 1


def test_s44_after_a_week_no_more_is_proposed(room):
    risen(room)
    assert look(room, MOVED + 9 * DAY) is None


def test_what_was_checked_of_another_version_or_in_another_time_does_not_count(room):
    check(room, 60, 12, room.first, MOVED - 5 * DAY)
    check(room, 40, 25, room.first, MOVED + DAY)
    check(room, 40, 25, room.second, MOVED + 8 * DAY)
    check(room, 40, 40, room.second, MOVED + DAY, role="student")
    check(room, 40, 40, room.second, MOVED + DAY, kind="cannot_tell")
    assert look(room) is None


def test_who_takes_an_answer_back_has_not_disagreed(room):
    risen(room)
    wrong = select(Answer).where(Answer.answered_at == MOVED + DAY)
    for row in room.session.scalars(wrong).all()[:26]:
        values = {name: getattr(row, name) for name in ("course_id", "post_id", "person_id", "text_hash")}
        undone = Answer(**values, annotator_id=row.annotator_id, annotator_role="instructor", kind="undone")
        undone.answered_at = MOVED + 2 * DAY
        room.session.add(undone)
    room.session.flush()
    assert look(room) is None


def test_an_institution_is_compared_by_its_own_answers(room):
    other = Classroom(room.session)
    room.session.get_one(Institution, other.institution_id)
    risen(room)
    assert look(room, scope=other.institution_id) is None
    assert look(room, scope=room.institution_id) is not None


@pytest.mark.parametrize("said", ["kept", "went_back"])
def test_an_answered_proposal_is_shown_no_more_and_not_made_again(room, said):
    risen(room)
    look(room)
    assert proposing.answer(room.session, MOVED + 4 * DAY, said)
    assert proposing.open_proposal(room.session) is None
    assert not proposing.answer(room.session, MOVED + 4 * DAY, said)
    assert look(room, MOVED + 5 * DAY) is None


def test_a_proposal_about_a_version_that_serves_no_more_is_over(room):
    risen(room)
    look(room)
    serving.rollback(room.session, MOVED + 4 * DAY, "command line")
    assert proposing.open_proposal(room.session) is None
    assert look(room, MOVED + 5 * DAY) is None


def test_going_back_by_hand_answers_it(room, monkeypatch):
    monkeypatch.setattr("lti_tool.scoring.weights.require_whole", lambda *_: None)
    risen(room)
    look(room)
    assert by_hand.roll_back(room.session, MOVED + 4 * DAY, "administrator").id == room.first.id
    assert room.session.scalars(select(RollbackProposal.answer)).one() == "went_back"


def test_p14_the_words_hold_percents_and_no_count(app):
    with app.test_request_context():
        told = proposal_words({"before": 20, "after": 65, "low": 25, "high": 60})
    assert "about 65 %" in told
    assert "about 20 %" in told
    assert "a rise of 25 to 60 points" in told
