"""Asking the running tool for work, and waiting for it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NoReturn

from sqlalchemy import select
from tqdm import tqdm

from lti_tool.demo.pair import Pair
from lti_tool.errors import UndertoneError
from lti_tool.foreground import in_words
from lti_tool.jobs import Job, enqueue, latest
from lti_tool.launch.tables import Course

LOOK_SECONDS = 0.2
MOST_SECONDS = 900


class JobFailedError(UndertoneError):
    code = "job_failed"


def course_id(pair: Pair) -> str:
    """The one course of the sample campus, once somebody has opened the tool in it."""
    with pair.installation.database.reading() as session:
        return session.scalars(select(Course.id)).one()


def run_now(pair: Pair, kind: str, key: str) -> Job:
    """Have a job done that begins after this moment, and return it when it is done.

    A job that was under way already is waited for and followed by another, for it may have seen too little.
    """
    since = datetime.now(UTC)
    while True:
        with pair.installation.database.session() as session:
            asked = enqueue(session, datetime.now(UTC), kind, key)
        job = _wait(pair, kind, lambda asked=asked: _read(pair, asked.id))  # type: ignore[misc]
        if asked.queued_at >= since:
            return job


def wait_for(pair: Pair, kind: str, key: str, since: datetime) -> Job:
    """The newest job of (kind, key), once one that was queued at or after `since` is done."""

    def newest() -> Job | None:
        with pair.installation.database.reading() as session:
            job = latest(session, kind, key)
        return job if job is not None and job.queued_at >= since else None

    return _wait(pair, kind, newest)


def pull_score_picture(pair: Pair) -> Iterator[str]:
    """Read the course, score what is new, make a new picture; yields a line per step.

    The scoring is asked for by the reading itself, in the transaction of its last write.
    """
    course, since = course_id(pair), datetime.now(UTC)
    yield in_words(run_now(pair, "pull", course))
    yield in_words(wait_for(pair, "score", course, since))
    yield in_words(run_now(pair, "snapshot", course))


def _read(pair: Pair, job_id: str) -> Job:
    with pair.installation.database.reading() as session:
        return session.get_one(Job, job_id)


def _wait(pair: Pair, kind: str, look: Callable[[], Job | None]) -> Job:
    """Look until there is an ended job, with its progress on a terminal.

    Raises JobFailedError, StoppedError, and ProcessEndedError: without web and worker no job ends.
    """
    deadline = time.monotonic() + MOST_SECONDS
    with tqdm(disable=None, leave=False) as bar:
        while time.monotonic() < deadline:
            job = look()
            if job is not None and job.state == "failed":
                raise JobFailedError(in_words(job))
            if job is not None and job.state == "done":
                return job
            pair.require_up()
            _show(bar, kind, job)
            pair.stop.wait(LOOK_SECONDS)
    raise JobFailedError(f"A job did not end within {MOST_SECONDS} seconds.")


def _show(bar: "tqdm[NoReturn]", kind: str, job: Job | None) -> None:
    bar.set_description_str(f"{kind}: {(job and job.step) or 'waiting'}", refresh=False)
    bar.total, bar.n = (job.total or None, job.done) if job else (None, 0)
    bar.refresh()
