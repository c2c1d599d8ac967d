"""Too few corrections to train on: the limits are set anew, the weights stay, and nothing is scored again."""

import pytest
from sqlalchemy import func, select

from lti_tool.jobs import Job, Run
from lti_tool.retraining import checking, provenance, rules
from lti_tool.retraining.service import perform
from lti_tool.retraining.tables import TrainingManifest
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
