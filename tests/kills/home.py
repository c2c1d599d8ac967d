"""An installation in a folder of its own, and real worker processes on it that are killed."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lti_tool.jobs import enqueue
from lti_tool.jobs.worker import Worker
from lti_tool.schedule import load_tasks
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, use_keyring

ROOT = Path(__file__).parents[2]
LEASE_SECONDS = 1.5
MOST_SECONDS = 120.0
LOOK_SECONDS = 0.002

Progress = tuple[str, int, int]
"""Step, done and total of the running job, as its row tells them."""
Moment = Callable[[Progress], bool]


@dataclass(frozen=True)
class Home:
    """One installation; `copy` gives another with the same keys and rows."""

    folder: Path
    model: Path
    outbound_host: str = "localhost:9"

    @property
    def settings(self) -> Settings:
        return Settings(
            environment="test",
            home=self.folder,
            outbound_hosts=[self.outbound_host],
            job_lease_seconds=LEASE_SECONDS,
            retrain_least_corrections=5,
            starter_model=self.model,
        )

    def copy(self, folder: Path) -> "Home":
        return Home(shutil.copytree(self.folder, folder), self.model, self.outbound_host)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The database, with this installation's keys in use."""
        use_keyring(Keyring.load(self.settings.keys_path))
        database = Database(self.settings.database)
        try:
            yield database
        finally:
            database.dispose()

    def ask(self, kind: str, key: str = "") -> None:
        with self.database() as database, database.session() as session:
            enqueue(session, datetime.now(UTC), kind, key)

    def work_here(self, kind: str) -> None:
        """Run the queued job of `kind` in this process, undisturbed."""
        load_tasks()
        with self.database() as database:
            assert Worker(database, self.settings, []).run_one(frozenset({kind}))
        assert self.state(kind) == "done"

    def environment(self, retrain_at: datetime) -> dict[str, str]:
        settings = self.settings
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("UNDERTONE_", "DATABASE_URL"))}
        return {
            **kept,
            "PYTHONPATH": str(ROOT),
            "UNDERTONE_ENVIRONMENT": "test",
            "UNDERTONE_HOME": str(self.folder),
            # On more threads two trainings on the same texts differ in the last digit.
            "OMP_NUM_THREADS": "1",
            "UNDERTONE_OUTBOUND_HOSTS": f'["{self.outbound_host}"]',
            "UNDERTONE_STARTER_MODEL": str(self.model),
            "UNDERTONE_JOB_LEASE_SECONDS": str(settings.job_lease_seconds),
            "UNDERTONE_RETRAIN_LEAST_CORRECTIONS": str(settings.retrain_least_corrections),
            "UNDERTONE_RETRAIN_AT": f"{retrain_at:%H:%M}",
        }

    @contextmanager
    def worker(self, retrain_at: datetime | None = None) -> Iterator[subprocess.Popen[bytes]]:
        """A worker process of its own; it is no longer there after the block.

        Its nightly run is far away unless told otherwise: only what a test asks for is to happen.
        """
        retrain_at = retrain_at or datetime.now(UTC) + timedelta(hours=12)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.lenient", "worker"],
            env=self.environment(retrain_at),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def state(self, kind: str) -> str:
        return self._row("SELECT state FROM jobs WHERE kind = ?", kind)[0]

    def progress(self, kind: str) -> Progress | None:
        return self._row("SELECT step, done, total FROM jobs WHERE kind = ? AND state = 'running'", kind)

    def _row(self, statement: str, kind: str) -> tuple | None:
        connection = sqlite3.connect(f"file:{self.folder / 'undertone.db'}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(statement, (kind,)).fetchone()
        finally:
            connection.close()


def kill_at(home: Home, kind: str, moment: Moment, pause: float = 0.0) -> tuple[bool, list[int]]:
    """Start a worker, kill it at the first `moment` of its job of `kind`.

    Returns whether the job was still under way, and the process ids of the worker's children at that moment.
    """
    with home.worker() as process:
        wait(lambda: _reached(home, kind, moment), process)
        time.sleep(pause)
        children = children_of(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    return home.state(kind) == "running", children


def _reached(home: Home, kind: str, moment: Moment) -> bool:
    progress = home.progress(kind)
    return (progress is not None and moment(progress)) or home.state(kind) in ("done", "failed")


def finish(home: Home, kind: str) -> None:
    """Start a worker again and let it end the job of `kind`."""
    with home.worker() as process:
        wait(lambda: home.state(kind) in ("done", "failed"), process)
    assert home.state(kind) == "done"


def wait(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + MOST_SECONDS
    while not condition():
        assert process.poll() is None, "the worker ended by itself"
        assert time.monotonic() < deadline, "nothing happened for two minutes"
        time.sleep(LOOK_SECONDS)


def children_of(pid: int) -> list[int]:
    """Direct children of a process, from every one of its threads that has not ended meanwhile."""
    found = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, (thread / "children").read_text().split())
    return found


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or dead and only not yet collected by its new parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def at_share(share: float, step: str = "") -> Moment:
    """When at least this share of `step` (any, if empty) is done."""
    return lambda now: now[0].startswith(step) and now[2] > 0 and now[1] >= share * now[2]


def seeded(name: str) -> random.Random:
    """A generator whose seed is printed; set KILL_SEED to repeat a run."""
    seed = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(10**6))
    print(f"{name}: KILL_SEED={seed}")
    return random.Random(seed)
