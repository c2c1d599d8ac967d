"""The schedule only ever inserts job rows."""

import time

from sqlalchemy import select

from lti_tool.jobs import Job
from lti_tool.jobs.schedule import Entry, daily, every, start_schedule


def test_due_entries_become_one_unfinished_job_each(database, settings):
    entry = Entry("pull", every(1), lambda session, now: ["a", "b"])
    scheduler = start_schedule(database, settings, [entry])
    try:
        time.sleep(2.6)
    finally:
        scheduler.shutdown()
    with database.reading() as session:
        jobs = session.scalars(select(Job)).all()
    assert sorted((job.kind, job.key, job.state) for job in jobs) == [
        ("pull", "a", "queued"),
        ("pull", "b", "queued"),
    ]


def test_daily_is_at_that_time_in_utc():
    assert "hour='2'" in str(daily("02:30"))
    assert "minute='30'" in str(daily("02:30"))
