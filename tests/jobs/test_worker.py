"""The worker: results, failures in plain words, progress, heartbeat, and a real kill in the middle."""

import multiprocessing
import os
import signal
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from lti_tool.errors import InvalidInputError
from lti_tool.jobs import Job, enqueue, registry, task
from lti_tool.jobs.worker import Worker
from lti_tool.settings import Settings
from lti_tool.storage import Database, use_keyring


@pytest.fixture(autouse=True)
def tasks(monkeypatch):
    """Only the tasks of this module."""
    monkeypatch.setattr(registry, "_tasks", {})


def add(database, kind="work", **payload):
    with database.session() as session:
        enqueue(session, datetime.now(UTC), kind, payload=payload)


def only(database) -> Job:
    with database.reading() as session:
        return session.scalars(select(Job)).one()


def run_one(database, settings) -> bool:
    return Worker(database, settings, []).run_one()


def test_a_job_ends_with_its_result_and_progress(database, settings):
    @task("work")
    def work(run):
        run.tell("reading", 1, 2)
        run.tell("reading", 2, 2)
        return {"seen": run.payload["number"]}

    add(database, number=7)
    assert run_one(database, settings)
    job = only(database)
    assert (job.state, job.result, job.step, job.done, job.total) == ("done", {"seen": 7}, "reading", 2, 2)
    assert not run_one(database, settings)


def test_a_known_error_is_kept_in_its_words(database, settings):
    @task("work")
    def work(run):
        raise InvalidInputError("Too few corrections.", code="too_few")

    add(database)
    run_one(database, settings)
    job = only(database)
    assert (job.state, job.error_code, job.error_words) == ("failed", "too_few", "Too few corrections.")


def test_an_unknown_error_tells_nothing_of_what_it_held(database, settings, caplog):
    settings.environment = "production"

    @task("work")
    def work(run):
        raise ValueError("a student's words")

    add(database)
    run_one(database, settings)
    job = only(database)
    assert (job.state, job.error_code) == ("failed", "unexpected")
    assert "student's words" not in job.error_words + caplog.text


def test_the_next_job_runs_after_a_failure(database, settings):
    @task("work")
    def work(run):
        if run.payload:
            raise ValueError
        return {}

    add(database, bad=True)
    run_one(database, settings)
    add(database)
    run_one(database, settings)
    with database.reading() as session:
        assert sorted(session.scalars(select(Job.state))) == ["done", "failed"]


def test_a_long_job_keeps_its_claim(database, settings):
    settings.job_lease_seconds = 0.2

    @task("work")
    def work(run):
        before = only(run.database).heartbeat_at
        time.sleep(0.3)
        assert only(run.database).heartbeat_at > before
        return {}

    add(database)
    run_one(database, settings)
    assert only(database).state == "done"


def test_a_worker_that_lost_its_claim_does_not_close_the_job(database, settings):
    settings.job_lease_seconds = 60

    @task("work")
    def work(run):
        with run.database.session() as session:
            session.execute(update(Job).values(worker="another", attempts=2))
        return {"late": True}

    add(database)
    run_one(database, settings)
    assert (only(database).state, only(database).result) == ("running", {})


def test_a_missed_heartbeat_does_not_end_the_others(database, settings, monkeypatch):
    settings.job_lease_seconds = 0.2
    beats = []

    def beat(self, job_id):
        beats.append(job_id)
        raise OperationalError("update", {}, Exception("database is locked"))

    @task("work")
    def work(run):
        time.sleep(0.3)
        return {}

    monkeypatch.setattr(Worker, "_beat", beat)
    add(database)
    run_one(database, settings)
    assert len(beats) > 1


def _work_until_killed(settings: Settings, keyring, started) -> None:
    use_keyring(keyring)

    @task("work")
    def work(run):
        run.tell("half way", 1, 2)
        started.set()
        time.sleep(60)
        return {}

    Worker(Database(settings.database), settings, []).run_one()


@pytest.mark.kill
def test_a_killed_workers_job_is_done_by_the_next(database, settings, keyring):
    add(database)
    context = multiprocessing.get_context("fork")
    started = context.Event()
    child = context.Process(target=_work_until_killed, args=(settings, keyring, started))
    child.start()
    assert started.wait(30)
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert (only(database).state, only(database).step) == ("running", "half way")

    @task("work")
    def work(run):
        return {"finished": True}

    assert not run_one(database, settings)
    with database.session() as session:
        session.execute(update(Job).values(heartbeat_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert run_one(database, settings)
    job = only(database)
    assert (job.state, job.result, job.attempts) == ("done", {"finished": True}, 2)
