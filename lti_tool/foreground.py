"""Running queued jobs from the command line, with a progress bar, whether or not a worker runs beside it."""

import threading
from collections.abc import Sequence

import click
from tqdm import tqdm

from lti_tool.installation import Installation
from lti_tool.jobs import Job
from lti_tool.jobs.worker import Worker

LOOK_SECONDS = 0.2


def follow(installation: Installation, job_ids: Sequence[str], kind: str) -> bool:
    """Run the jobs here until each has ended; a worker that runs already may take them instead.

    Prints one line per job. True when all were done.
    """
    worker = Worker(installation.database, installation.settings, [])
    thread = threading.Thread(target=_work, args=(worker, kind), daemon=True)
    thread.start()
    try:
        outcomes = [_watch(installation, job_id) for job_id in job_ids]
        return all(outcomes)
    finally:
        worker.stop.set()
        thread.join(timeout=LOOK_SECONDS * 5)


def _work(worker: Worker, kind: str) -> None:
    while not worker.stop.is_set():
        if not worker.run_one(frozenset({kind})):
            worker.stop.wait(LOOK_SECONDS)


def _watch(installation: Installation, job_id: str) -> bool:
    pause = threading.Event()
    with tqdm(disable=None, leave=False) as bar:
        while (job := _read(installation, job_id)).state in ("queued", "running"):
            bar.set_description(job.step or "Waiting")
            bar.total, bar.n = job.total or None, job.done
            bar.refresh()
            pause.wait(LOOK_SECONDS)
    click.echo(in_words(job))
    return job.state == "done"


def _read(installation: Installation, job_id: str) -> Job:
    with installation.database.reading() as session:
        return session.get_one(Job, job_id)


def in_words(job: Job) -> str:
    """What became of a job, in one line."""
    if job.state == "failed":
        return f"{job.kind} failed: {job.error_words}"
    counts = [
        f"{name.replace('_', ' ')} {value}" for name, value in job.result.items() if isinstance(value, int)
    ]
    said = [job.result["sentence"]] if "sentence" in job.result else counts
    return f"{job.kind} done" + (f": {', '.join(said)}" if said else "")
