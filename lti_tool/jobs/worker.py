"""The worker process: takes job rows, runs them, tells that it is alive, keeps the schedule."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from lti_tool.errors import UndertoneError
from lti_tool.jobs import service
from lti_tool.jobs.registry import Run, kinds, quick_kinds, task_of
from lti_tool.jobs.schedule import Entry, start_schedule
from lti_tool.jobs.tables import Job
from lti_tool.settings import Settings
from lti_tool.storage import Database

log = logging.getLogger(__name__)
BEATS_PER_LEASE = 4
IDLE_SECONDS = 0.5
UNEXPECTED = "Something unexpected stopped this. What was already read or computed is kept."


class Worker:
    """Runs jobs one after another until `stop` is set."""

    def __init__(self, database: Database, settings: Settings, schedule: list[Entry]) -> None:
        self.database, self.settings, self.schedule = database, settings, schedule
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.lease = timedelta(seconds=settings.job_lease_seconds)
        self.stop = threading.Event()

    def run_forever(self) -> None:
        """Keep the schedule and run jobs until told to stop; what people wait for has a thread of its own."""
        scheduler: BackgroundScheduler = start_schedule(self.database, self.settings, self.schedule)
        beside = threading.Thread(target=self._work, args=(quick_kinds(),), name="quick jobs")
        beside.start()
        try:
            self._work(kinds() - quick_kinds())
        finally:
            beside.join()
            scheduler.shutdown(wait=False)

    def _work(self, only: frozenset[str]) -> None:
        """Run jobs of these kinds; an error that ends one of the two threads ends the other too."""
        try:
            while not self.stop.is_set():
                if not self.run_one(only):
                    self.stop.wait(IDLE_SECONDS)
        finally:
            self.stop.set()

    def run_one(self, only: frozenset[str] | None = None) -> bool:
        """Release what lapsed, then claim and run one job (of the kinds in `only`, if given); False without one."""
        now = datetime.now(UTC)
        with self.database.session() as session:
            service.release_lapsed(session, now, self.lease)
            job = service.claim(session, now, self.name, kinds() if only is None else only)
        if job is None:
            return False
        self._run(job)
        return True

    def _run(self, job: Job) -> None:
        run = Run(job.id, job.key, job.payload, self.database, self.settings, self._teller(job.id))
        with _Heartbeat(lambda: self._beat(job.id), self.lease.total_seconds() / BEATS_PER_LEASE):
            close = self._outcome(job.kind, run)
        with self.database.session() as session:
            row = session.get_one(Job, job.id)
            if service.is_own(row, self.name, job.attempts):
                close(row, datetime.now(UTC))

    def _outcome(self, kind: str, run: Run) -> Callable[[Job, datetime], None]:
        """Do the work; return how its row is to be closed. Whatever happens in a task, its row ends."""
        try:
            return partial(service.finish, result=task_of(kind)(run))
        except UndertoneError as error:
            return partial(service.fail, code=error.code, words=error.words)
        except Exception as error:
            # A traceback can quote a student's text, so production logs the error's kind alone (P37).
            quoted = self.settings.environment != "production"
            log.error("job %s of kind %s failed: %s", run.job_id, kind, type(error).__name__, exc_info=quoted)
            return partial(service.fail, code="unexpected", words=UNEXPECTED)

    def _teller(self, job_id: str) -> Callable[[str, int, int], None]:
        def tell(step: str, done: int, total: int) -> None:
            with self.database.session() as session:
                session.execute(update(Job).where(Job.id == job_id).values(step=step, done=done, total=total))

        return tell

    def _beat(self, job_id: str) -> None:
        own = Job.id == job_id, Job.worker == self.name
        with self.database.session() as session:
            session.execute(update(Job).where(*own).values(heartbeat_at=datetime.now(UTC)))


class _Heartbeat:
    """Calls `beat` every few seconds in a thread while the block runs."""

    def __init__(self, beat: Callable[[], None], seconds: float) -> None:
        self._beat, self._seconds, self._ended = beat, seconds, threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._ended.wait(self._seconds):
            try:
                self._beat()
            except OperationalError:  # a busy database: one beat is missed, and the next one comes
                log.warning("a heartbeat could not be written")
