"""Waiting for the tool's work: it ends with the work, with a request to stop, and with the tool's processes."""

import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from lti_tool.demo.jobs import JobFailedError, run_now, wait_for
from lti_tool.demo.pair import Pair
from lti_tool.demo.stopping import ProcessEndedError, StoppedError
from lti_tool.installation import Installation
from lti_tool.jobs import Job

pytestmark = pytest.mark.timeout(20)


@pytest.fixture
def pair(settings, database) -> Pair:
    """A pair of which nothing runs: `codes` holds the exit code of its one process, None while it lives."""
    process = SimpleNamespace(code=None, poll=lambda: process.code)
    place = settings.home
    return Pair(
        Installation(settings, database), None, "", "", place, place / "log", datetime.now(UTC), [process]
    )


def after(seconds: float, do) -> None:
    threading.Timer(seconds, do).start()


def close(pair: Pair, state: str) -> None:
    with pair.installation.database.session() as session:
        for job in session.query(Job):
            job.state, job.error_words = state, "The roster is closed."


def test_a_job_is_returned_once_it_is_done(pair):
    after(0.5, lambda: close(pair, "done"))
    assert run_now(pair, "pull", "c").state == "done"


def test_a_failed_job_is_told_in_its_words(pair):
    after(0.5, lambda: close(pair, "failed"))
    with pytest.raises(JobFailedError, match=r"pull failed: The roster is closed\."):
        run_now(pair, "pull", "c")


def test_no_job_is_waited_for_without_the_worker(pair):
    after(0.5, lambda: setattr(pair.processes[0], "code", 1))
    with pytest.raises(ProcessEndedError):
        run_now(pair, "pull", "c")


def test_a_job_that_nobody_has_asked_for_yet_is_not_waited_for_either(pair):
    pair.processes[0].code = -9
    with pytest.raises(ProcessEndedError):
        wait_for(pair, "retrain", "", pair.began)


def test_a_request_to_stop_ends_the_wait(pair):
    after(0.5, pair.stop.set)
    with pytest.raises(StoppedError):
        run_now(pair, "pull", "c")


def test_a_job_shows_its_step_and_its_count_on_a_terminal_only(pair, monkeypatch, capsys):
    with pair.installation.database.session() as session:
        session.add(Job(kind="pull", key="c", queued_at=pair.began, step="texts", done=3, total=12))
    after(0.5, lambda: close(pair, "done"))
    wait_for(pair, "pull", "c", pair.began)
    assert capsys.readouterr().err == ""
    close(pair, "queued")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    after(0.5, lambda: close(pair, "done"))
    wait_for(pair, "pull", "c", pair.began)
    shown = capsys.readouterr().err
    assert "pull: texts" in shown
    assert "3/12" in shown
