"""What a run begins with: the pool, in which nothing that a version has learnt is held out."""

from sqlalchemy import update

from lti_tool.jobs import Job
from lti_tool.retraining import beginning
from tests.retraining.conftest import found


def begun(school):
    """The pool of a run of its own."""
    pool = beginning.begin(school.run()).pool
    with school.database.session() as session:
        session.execute(update(Job).values(state="done"))
    return pool


def test_a_learnt_text_that_is_answered_anew_is_not_held_out(tmp_path, small_model, monkeypatch):
    """A version has learnt all there is; then half of the authors' texts get answers that it has not."""
    monkeypatch.setattr(beginning.checking, "check_labels", lambda *_: None)
    school = found(tmp_path, small_model, 80, 40)
    before = begun(school)
    assert before.held_out
    learnt = set(before.answer_ids)
    monkeypatch.setattr(beginning, "trained_on", lambda *_: learnt)
    for number in (*range(20), *range(40, 60)):  # both texts of twenty people
        school.correct(school.posts[number], {"sentiment": "neutral"})
    again = begun(school)
    assert len(set(again.answer_ids) - learnt) == 40
    assert again.held_out == ()
    school.database.dispose()
