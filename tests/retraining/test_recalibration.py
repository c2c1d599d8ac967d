"""Too few corrections to train on: the limits are set anew, the weights stay, and nothing is scored again."""

import pytest
from sqlalchemy import func, select

from lti_tool.ingest.tables import Post
from lti_tool.jobs import Job, Run
from lti_tool.retraining import checking, limits, provenance, rules, words
from lti_tool.retraining.service import perform
from lti_tool.retraining.tables import TrainingManifest
from lti_tool.review.pool import corrections
from lti_tool.scoring import serving
from lti_tool.scoring.tables import CourseModel, ModelVersion, Score, Weights
from lti_tool.scoring.tasks import score
from tests.retraining.conftest import CORRECTED, found
from tests.retraining.results import answering

pytestmark = pytest.mark.long

GLOOM = {"sentiment": "negative", "confusion": 1, "frustration": 1, "boredom": 1, "toxicity": 1}


@pytest.fixture
def gloomy(tmp_path, small_model, monkeypatch):
    """A class whose every text is gloomy; a model of a few seconds is no measure for the frozen texts."""
    monkeypatch.setattr(rules, "elsewhere", lambda *_: [])
    monkeypatch.setattr(checking, "check_labels", lambda *_: None)  # none of them waits for a second reader
    made = found(tmp_path, small_model, CORRECTED, 8, GLOOM)
    yield made
    made.database.dispose()


def scored(school) -> dict:
    return score(Run("x", school.course_id, {}, school.database, school.settings, lambda *_: None))


def test_decision_4_a_recalibrated_version_has_the_same_weights_and_rescores_nothing(gloomy):
    assert scored(gloomy)["scored"] == CORRECTED
    with gloomy.database.reading() as session:
        first = serving.serving(session, None)
    outcome = perform(gloomy.run())
    assert outcome["decision"] == "recalibrated", outcome
    with gloomy.database.reading() as session:
        version = serving.serving(session, None)
        assert (version.origin, version.parent_id) == ("recalibrated", first.id)
        assert version.weights_hash == first.weights_hash
        assert version.calibration != first.calibration
        assert session.scalar(select(func.count()).select_from(Weights)) == 1
        assert serving.history(session)[-1].why == "recalibrated"
        assert session.scalar(select(func.count()).select_from(Job).where(Job.kind == "score")) == 1
        assert session.get_one(CourseModel, gloomy.course_id).version_id == first.id
    assert scored(gloomy) == {"scored": 0, "version": version.id}
    with gloomy.database.reading() as session:
        assert session.get_one(CourseModel, gloomy.course_id).version_id == version.id
        assert session.scalar(select(func.count()).select_from(Score)) == CORRECTED


def test_what_was_measured_is_of_limits_that_had_not_seen_the_text(gloomy):
    perform(gloomy.run())
    report = gloomy.rows()[0].report
    assert (report["way"], report["corrections"], report["held_out"]) == ("recalibration", CORRECTED, 0)
    assert report["agreement"]["texts"] == CORRECTED
    assert report["agreement"]["candidate"] > report["agreement"]["serving"]
    assert report["changes"]["frustration"][0] > report["changes"]["frustration"][1]
    assert report["candidate"]["weights_hash"] == report["serving"]["weights_hash"]


def test_the_same_corrections_do_not_count_again_every_night(gloomy, monkeypatch):
    """Limits are fitted from those that the weights came with, whatever serves meanwhile."""
    requests = answering(monkeypatch, better=True)
    perform(gloomy.run())
    with gloomy.database.session() as session:
        version = serving.serving(session, None)
        assert version.origin == "recalibrated"
        version.calibration = {**version.calibration, "moved": True}
        for job in session.scalars(select(Job)):
            job.state = "done"
    gloomy.correct(gloomy.posts[1], {"sentiment": "neutral"})
    perform(gloomy.run())
    assert requests[1]["prior"] == requests[0]["prior"] == requests[0]["serving_calibration"]
    assert requests[1]["serving_calibration"] == {**requests[0]["prior"], "moved": True}


def test_p17_whose_texts_moved_the_limits_is_in_the_manifest(gloomy, monkeypatch):
    answering(monkeypatch, better=True)
    perform(gloomy.run())
    with gloomy.database.reading() as session:
        version = serving.serving(session, None)
        assert provenance.proves_without(session, version, gloomy.writers[0]).holds is True
        assert session.get_one(TrainingManifest, version.id).pool_hash == gloomy.rows()[0].pool_hash


def test_going_back_from_new_limits_is_one_step(gloomy, monkeypatch):
    answering(monkeypatch, better=True)
    with gloomy.database.reading() as session:
        first = serving.serving(session, None).id
    perform(gloomy.run())
    with gloomy.database.session() as session:
        assert provenance.roll_back(session, gloomy.run().now(), "administrator").id == first
        assert session.scalar(select(func.count()).select_from(ModelVersion)) == 2


def done(school) -> None:
    with school.database.session() as session:
        for job in session.scalars(select(Job)):
            job.state = "done"


def may_train(school, post, may: bool) -> None:
    with school.database.session() as session:
        session.get_one(Post, post.id).trainable = may


def test_what_the_serving_limits_were_fitted_to_is_told_to_the_child(gloomy, monkeypatch):
    """So that it reads these texts with limits that have not seen them, for the serving model too."""
    requests = answering(monkeypatch, better=True)
    may_train(gloomy, gloomy.posts[0], False)
    perform(gloomy.run())
    done(gloomy)
    may_train(gloomy, gloomy.posts[0], True)
    gloomy.correct(gloomy.posts[3], {**GLOOM, "boredom": 0})
    perform(gloomy.run())
    assert not any(row["fitted"] for row in requests[0]["train"])
    fitted = {row["text"]: row["fitted"] for row in requests[1]["train"]}
    assert fitted.pop(gloomy.posts[0].text) is False
    assert set(fitted.values()) == {True}, "a text that is answered anew is the same text"
    assert not any("answers" in row for row in requests[1]["train"])


def test_limits_are_not_fitted_to_what_the_weights_have_learnt(gloomy, monkeypatch):
    """It says more of what the network remembers than of what it reads."""
    requests = answering(monkeypatch, better=True)
    with gloomy.database.reading() as session:
        answers = sorted(one.answer_id for one in corrections(session))
    monkeypatch.setattr(limits, "trained_on", lambda *_: set(answers[:10]))
    assert perform(gloomy.run())["decision"] == "recalibrated"
    assert len(requests[0]["train"]) == CORRECTED - 10
    report = gloomy.rows()[0].report
    assert (report["corrections"], report["learnt"]) == (CORRECTED - 10, answers)


def test_with_too_few_that_no_weights_have_learnt_there_is_no_recalibration(gloomy, monkeypatch):
    requests = answering(monkeypatch, better=True)
    with gloomy.database.reading() as session:
        answers = sorted(one.answer_id for one in corrections(session))
    monkeypatch.setattr(limits, "trained_on", lambda *_: set(answers[7:]))
    outcome = perform(gloomy.run())
    assert outcome["sentence"] == "Not trained. Fewer corrections may be used than the 8 that are needed."
    assert not requests


def test_limits_that_a_training_went_on_from_count_as_its_own(gloomy, monkeypatch):
    answering(monkeypatch, better=True)
    perform(gloomy.run())
    with gloomy.database.session() as session:
        limited = serving.serving(session, None)
        trained = ModelVersion(
            weights_hash=limited.weights_hash,
            calibration=limited.calibration,
            parent_id=limited.id,
            origin="retrained",
            created_at=limited.created_at,
        )
        session.add(trained)
        session.flush()
        answers = {one.answer_id for one in corrections(session)}
        assert limits.known(session, limited, limited) == limits.Known(limits=frozenset(answers))
        assert limits.known(session, trained, trained) == limits.Known(weights=frozenset(answers))


def test_s42_a_version_made_here_is_measured_beside_the_shipped_one_too(school):
    """The frozen texts are not read again for it, since it has the same weights."""
    with school.database.session() as session:
        first = serving.serving(session, None)
        made = ModelVersion(
            weights_hash=first.weights_hash,
            calibration=first.calibration,
            parent_id=first.id,
            origin="recalibrated",
            created_at=first.created_at,
        )
        session.add(made)
        session.flush()
        serving.promote(session, first.created_at, made.id, "administrator", "by_hand")
    perform(school.run())
    report = school.rows()[0].report
    measured = ("macro_f1", "recall", "calibration", "frozen")
    assert {name: report["shipped"][name] for name in measured} == {
        name: report["serving"][name] for name in measured
    }
    assert {one["rule"] for one in report["reasons"] if one["against"] == "shipped"} >= {"macro_f1", "recall"}
    assert "beside the model that came with the project" in str(words.rule_rows(report))
    assert report["candidate"]["labels"]["confusion"].keys() >= {"precision", "recall", "f1"}


def test_a_run_from_the_shipped_model_is_compared_with_it_once(school, monkeypatch):
    requests = answering(monkeypatch)
    perform(school.run())
    assert requests[0]["shipped"] is None
