"""Jobs are durable rows: asked for twice means once, claimed by one, released when a worker dies."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_tool.jobs import Job, enqueue, latest, running, service
from lti_tool.storage import Database

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
KINDS = frozenset({"pull"})


def add(database, key="", now=NOW, kind="pull"):
    with database.session() as session:
        return enqueue(session, now, kind, key).id


def claim(database, now=NOW, worker="w", kinds=KINDS):
    with database.session() as session:
        job = service.claim(session, now, worker, kinds)
        return job.id if job else None


def test_asking_twice_does_the_work_once(database):
    assert add(database, "a") == add(database, "a")
    assert add(database, "a") != add(database, "b")


def test_the_database_refuses_a_second_unfinished_job(database):
    add(database, "a")
    with pytest.raises(IntegrityError), database.session() as session:
        session.add(Job(kind="pull", key="a", queued_at=NOW))


def test_a_finished_job_may_be_followed_by_another(database):
    first = add(database)
    with database.session() as session:
        service.finish(session.get_one(Job, first), NOW, {"posts": 3})
        assert running(session, "pull") is None
    second = add(database, now=NOW + timedelta(seconds=1))
    with database.reading() as session:
        assert (latest(session, "pull").id, running(session, "pull").id) == (second, second)
        assert session.get_one(Job, first).result == {"posts": 3}


def test_the_oldest_is_claimed_first_and_only_of_known_kinds(database):
    late, early = add(database, "b", NOW + timedelta(seconds=9)), add(database, "a")
    add(database, kind="unknown")
    assert [claim(database), claim(database), claim(database)] == [early, late, None]


def test_two_workers_never_get_the_same_job(database):
    for number in range(12):
        add(database, str(number))
    taken = []

    def work(name):
        other = Database(database.url)
        while job := claim(other, worker=name):
            taken.append(job)
        other.dispose()

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 12


def test_a_dead_workers_job_is_queued_again_and_a_live_ones_is_not(database):
    add(database)
    claim(database)
    for seconds, state in ((19, "running"), (21, "queued")):
        with database.session() as session:
            service.release_lapsed(session, NOW + timedelta(seconds=seconds))
        with database.reading() as session:
            assert session.scalars(select(Job.state)).one() == state


def test_a_job_that_keeps_killing_its_worker_is_given_up(database):
    add(database)
    now = NOW
    for _ in range(service.MOST_ATTEMPTS):
        assert claim(database, now)
        now += timedelta(minutes=1)
        with database.session() as session:
            service.release_lapsed(session, now)
    with database.reading() as session:
        job = session.scalars(select(Job)).one()
    assert (job.state, job.error_code) == ("failed", "gave_up")
    assert claim(database, now) is None
