"""A run that is cancelled, or takes too long, ends within seconds and in a decision."""

import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from lti_tool.jobs import Job
from lti_tool.retraining import service, training
from lti_tool.retraining.service import NothingToCancelError, cancel, perform
from lti_tool.retraining.training import CancelledError, OutOfTimeError
from lti_tool.scoring import serving
from tests.retraining.results import answering

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


def cancelled(school):
    with school.database.session() as session:
        cancel(session, NOW, "administrator")


@pytest.fixture
def sleeping(monkeypatch):
    """Children that do nothing for ten minutes."""
    begin, children = subprocess.Popen, []

    def sleeper(_command, **options):
        children.append(begin([sys.executable, "-c", "import time; time.sleep(600)"], **options))
        return children[-1]

    monkeypatch.setattr(training.subprocess, "Popen", sleeper)
    monkeypatch.setattr(training, "LOOK_SECONDS", 0.05)
    return children


def unchanged(school) -> bool:
    with school.database.reading() as session:
        return len(serving.history(session)) == 1


def test_a_run_under_way_is_ended_within_seconds_and_decides(school, sleeping):
    run = school.run()
    with school.database.session() as session:
        session.get_one(Job, run.job_id).state = "running"
    is_off = service._stops(run, [])
    cancelled(school)
    begun = time.monotonic()
    with pytest.raises(CancelledError):
        training.run_child({}, run.tell, 600, school.settings.home, is_off)
    outcome = perform(run)
    assert time.monotonic() - begun < 10
    assert sleeping[0].poll() is not None
    assert outcome["decision"] == "kept"
    assert (
        outcome["sentence"] == "Kept the serving model. The run was cancelled before it came to a decision."
    )
    assert school.rows()[0].finished_at is not None
    assert unchanged(school)


def test_a_run_that_nobody_has_begun_is_not_begun(school, monkeypatch):
    requests = answering(monkeypatch)
    run = school.run()
    cancelled(school)
    assert "cancelled" in perform(run)["sentence"]
    assert not requests
    assert not list(school.settings.weights_home.glob(".*"))


def test_a_cancellation_counts_until_the_pointer_moves(school, monkeypatch):
    """It comes when the child has its result already and is asked no more."""

    def late(request, tell, most_seconds, folder, is_off):
        cancelled(school)
        return result

    answering(monkeypatch, better=True)
    run = school.run()
    result = service.run_child({"way": "", "calibration": {}}, None, 0, None)
    monkeypatch.setattr(service, "run_child", late)
    assert "cancelled" in perform(run)["sentence"]
    assert unchanged(school)


def test_cancelling_while_the_child_works_ends_the_run(school, monkeypatch):
    run = school.run()
    answering(monkeypatch, lambda: cancelled(school), better=True)
    assert "cancelled" in perform(run)["sentence"]
    assert unchanged(school)


def test_there_has_to_be_a_run_to_cancel(school):
    with school.database.session() as session, pytest.raises(NothingToCancelError):
        cancel(session, NOW, "administrator")


def test_a_child_that_takes_too_long_is_ended(sleeping, monkeypatch, tmp_path):
    monkeypatch.setattr(training, "GRACE_SECONDS", 0)
    begun = time.monotonic()
    with pytest.raises(OutOfTimeError):
        training.run_child({}, lambda *_: None, 0.2, tmp_path)
    assert time.monotonic() - begun < 10
    assert sleeping[0].poll() is not None


def test_a_run_that_took_too_long_is_decided_and_not_tried_again(school, monkeypatch):
    def slow(*_):
        raise OutOfTimeError

    monkeypatch.setattr(service, "run_child", slow)
    run = school.run()
    outcome = perform(run)
    assert outcome["decision"] == "kept"
    assert "longer than it may" in outcome["sentence"]
    assert perform(run) == outcome
    assert unchanged(school)
