"""Where launches are measured: PostgreSQL, an installation with one platform, and its web processes."""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from sqlalchemy import text

from lti_tool.installation import Installation, prepare
from lti_tool.launch import registrations
from lti_tool.processes import end_all, start, web_command
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, use_keyring
from tests.conftest import running_postgres
from tests.launch.platform import DECIDED, facts_of

HOST = "127.0.0.1"
NO_LIMIT = 1_000_000_000
START_SECONDS = 60
PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Place:
    """The installation, and the ports of its web processes and of the platform."""

    settings: Settings
    database: Database
    tool_port: int
    platform_port: int
    target: str

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.platform_port}"


@contextmanager
def installation() -> Iterator[Place]:
    """A new installation on a PostgreSQL that writes through to its disk; the platform runs in its own process."""
    with running_postgres(durable=True) as url, tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        tool_port, platform_port = free_port(), free_port()
        settings = Settings(
            environment="test",
            home=Path(folder),
            base_url=f"http://{HOST}:{tool_port}",
            database_url=url,
            outbound_hosts=[f"localhost:{platform_port}"],
            help_contacts="Help: 555 0100",
            **dict.fromkeys(limits(), NO_LIMIT),
        )
        keyring = Keyring.generate()
        keyring.save(settings.keys_path)
        use_keyring(keyring)
        database = Database(url)
        stack.callback(database.dispose)
        prepare(Installation(settings, database))
        place = Place(settings, database, tool_port, platform_port, f"{settings.base_url}/lti/launch")
        _register(place)
        yield place


def limits() -> list[str]:
    """The settings that hold back who calls too often."""
    return [name for name in Settings.model_fields if name.endswith("_per_minute")]


@contextmanager
def platform(place: Place) -> Iterator[int]:
    """The platform's process; its id."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.launch_platform",
        str(place.platform_port),
        place.target,
    ]
    with running(command, dict(os.environ), place.platform_port, "/keys") as pid:
        yield pid


@contextmanager
def web_processes(place: Place, count: int) -> Iterator[int]:
    """`count` web processes as `undertone serve` starts its one; the id of the process above them."""
    command = web_command(HOST, place.tool_port, workers=count)
    settings = place.settings
    environment = dict(os.environ) | {
        "UNDERTONE_ENVIRONMENT": settings.environment,
        "UNDERTONE_HOME": str(settings.home),
        "UNDERTONE_BASE_URL": settings.base_url,
        "UNDERTONE_OUTBOUND_HOSTS": json.dumps(settings.outbound_hosts),
        "UNDERTONE_HELP_CONTACTS": settings.help_contacts,
        "DATABASE_URL": settings.database_url,
        **{f"UNDERTONE_{name.upper()}": str(NO_LIMIT) for name in limits()},
    }
    with running(command, environment, place.tool_port, "/health/ready") as pid:
        yield pid


def postgres_process(database: Database) -> int:
    """The process above those that serve connections."""
    with database.reading() as session:
        served_by = session.scalar(text("SELECT pg_backend_pid()"))
    return int(_stat(Path(f"/proc/{served_by}"))[1])


def processor_seconds(pid: int) -> float:
    """Of a process and all below it, those that have ended too; Linux only."""
    try:
        own = _stat(Path(f"/proc/{pid}"))
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:  # it has ended, and counts as ended for the one above
        return 0
    return sum(map(int, own[11:15])) / PER_SECOND + sum(map(processor_seconds, map(int, below)))


def _stat(process: Path) -> list[str]:
    """What follows the name: state, parent, …; 11 to 14 are user and system time, own and of ended children."""
    return (process / "stat").read_text().rpartition(")")[2].split()


def _register(place: Place) -> None:
    with place.database.session() as session:
        registrations.add(session, datetime.now(UTC), "Northfield", facts_of(place.issuer), DECIDED)


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int, path: str) -> Iterator[int]:
    process = start(command, environment)
    try:
        _wait_for(process, port, path)
        yield process.pid
    finally:
        end_all([process])


def _wait_for(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            connection = http.client.HTTPConnection(HOST, port, timeout=START_SECONDS)
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            if answer.status == HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{path} does not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
