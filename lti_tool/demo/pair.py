"""The pair that a demonstration starts: the sample campus in this process, the tool's web and worker beside it."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import requests
from tqdm import tqdm

from lti_tool.consent import controllers
from lti_tool.demo.campus import Campus, CampusSettings, ToolRegistration, campus_of, create_campus, serve
from lti_tool.demo.stopping import ProcessEndedError, go_on
from lti_tool.errors import UndertoneError
from lti_tool.installation import Installation, prepare
from lti_tool.launch import operators, registrations
from lti_tool.launch.institutions import Decision
from lti_tool.launch.registrations import PlatformFacts
from lti_tool.launch.tables import Institution
from lti_tool.lms.connections import connect
from lti_tool.processes import end_all, require_free_port, start, web_command, worker_command
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, use_keyring

CLIENT_ID = "sample-campus-tool"
HELP = "Student counselling: 555 0100, every day 8–22. In an emergency: 112. (Invented numbers of the sample campus.)"
DECISION = Decision(
    mode="individual",
    approver="Nobody: this is the sample campus",
    reason="To show every page with invented people",
    office="none",
    assessment="none: no real person's data",
    memo="none: no real person's data",
    ages="adults",
)
RESPONSIBLE = {
    "address": "1 Sample Street (invented)",
    "contact": "privacy@campus.example",
    "type": "sample university",
    "data_protection_officer": "nobody: this is the sample campus",
    "supervisory_authority": "none: no real person's data",
    "impact_assessment": "none: no real person's data",
    "storage_location": "the computer that shows the sample campus",
    "jurisdiction": "none",
}
START_SECONDS = 60
LOOK_SECONDS = 0.1


class StartError(UndertoneError):
    code = "demo_start"
    words = "The tool did not answer within a minute."


@dataclass(frozen=True)
class Pair:
    """A running pair, and where its data lies."""

    installation: Installation
    campus: Campus
    campus_url: str
    tool_url: str
    home: Path
    log: Path
    began: datetime
    processes: Sequence[subprocess.Popen[bytes]]
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when somebody asks the demonstration to end."""

    def tool_is_up(self) -> bool:
        """Whether web and worker both run."""
        return all(process.poll() is None for process in self.processes)

    def require_up(self) -> None:
        """Ask this in every wait: raises StoppedError, or ProcessEndedError when web or worker has ended."""
        go_on(self.stop)
        if not self.tool_is_up():
            raise ProcessEndedError


def campus_facts(url: str, client_id: str) -> PlatformFacts:
    """What an operator registers of a campus at `url`: Moodle's addresses."""
    lti = f"{url}/mod/lti"
    return PlatformFacts(url, client_id, f"{lti}/auth.php", f"{lti}/token.php", f"{lti}/certs.php")


def demo_settings(home: Path, port: int) -> Settings:
    """The tool's settings for a demonstration on `port`, with the campus on the next port."""
    return Settings(
        environment="demo",
        home=home,
        DATABASE_URL=f"sqlite:///{home / 'undertone.db'}",
        base_url=f"http://localhost:{port}",
        host="127.0.0.1",
        port=port,
        outbound_hosts=[f"localhost:{port + 1}"],
        snapshot_seconds=60,
        retrain_seconds=150,
        retrain_least_corrections=5,
        help_contacts=HELP,
    )


@contextmanager
def running_pair(port: int, stop: threading.Event | None = None) -> Iterator[Pair]:
    """Start campus, web and worker on `port` and the next; stop all and remove their data at the end.

    Raises PortInUseError before anything is started, StartError when the tool does not answer, StoppedError
    when `stop` is set before it does.
    """
    stop = stop or threading.Event()
    for taken in (port, port + 1):
        require_free_port("127.0.0.1", taken)
    began = datetime.now(UTC)
    folder = Path(tempfile.mkdtemp(prefix="undertone-demo-"))
    home = folder / "home"
    home.mkdir()
    try:
        with _own_scratch(folder / "scratch"), _campus(port + 1, port) as (campus, url):
            settings = demo_settings(home, port)
            installation = _install(settings, campus, url)
            with _tool(settings, stop) as (log, processes):
                yield Pair(installation, campus, url, settings.base_url, home, log, began, processes, stop)
            installation.database.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _own_scratch(folder: Path) -> Iterator[None]:
    """A temporary folder that nobody else writes to, so that what lies there is this pair's."""
    folder.mkdir()
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = None
        os.environ.pop("TMPDIR")
        os.environ |= {"TMPDIR": before} if before is not None else {}


@contextmanager
def _campus(port: int, tool_port: int) -> Iterator[tuple[Campus, str]]:
    tool = f"http://localhost:{tool_port}/lti"
    registration = ToolRegistration(CLIENT_ID, f"{tool}/login", f"{tool}/launch", f"{tool}/keys")
    application = create_campus(CampusSettings(tool=registration, base_url=f"http://localhost:{port}"))
    server, thread = serve(application, port)
    try:
        yield campus_of(application), f"http://localhost:{port}"
    finally:
        server.shutdown()
        thread.join()


def _install(settings: Settings, campus: Campus, url: str) -> Installation:
    """Keys, database, shipped model, registration, administrator and LMS connection, as an operator would make them."""
    keyring = Keyring.generate()
    keyring.save(settings.keys_path)
    use_keyring(keyring)
    installation = Installation(settings, Database(settings.database))
    prepare(installation)
    now = datetime.now(UTC)
    with installation.database.session() as session:
        made = registrations.add(
            session,
            now,
            "Sample campus",
            campus_facts(url, CLIENT_ID),
            DECISION,
        )
        controllers.state(session, now, session.get_one(Institution, made.institution_id), RESPONSIBLE)
        administrator = campus.roster_sub("admin")
        operators.add(session, now, made.institution_id, url, CLIENT_ID, administrator)
        connect(session, now, made.id, "moodle", url, campus.settings.service_token)
    return installation


@contextmanager
def _tool(settings: Settings, stop: threading.Event) -> Iterator[tuple[Path, list[subprocess.Popen[bytes]]]]:
    """The web and worker processes, their output in one log file under home."""
    log = settings.home / "tool.log"
    with log.open("ab") as output:
        children = [
            start(command, _environment(settings), output)
            for command in (web_command(settings.host, settings.port), worker_command())
        ]
        try:
            _wait_until_up(settings, children, stop)
            yield log, children
        finally:
            end_all(children)


def _environment(settings: Settings) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("UNDERTONE_", "DATABASE_URL"))
    }
    return {
        **kept,
        "UNDERTONE_ENVIRONMENT": settings.environment,
        "UNDERTONE_HOME": str(settings.home),
        "DATABASE_URL": settings.database,
        "UNDERTONE_BASE_URL": settings.base_url,
        "UNDERTONE_OUTBOUND_HOSTS": f'["{settings.outbound_hosts[0]}"]',
        "UNDERTONE_SNAPSHOT_SECONDS": str(settings.snapshot_seconds),
        "UNDERTONE_RETRAIN_SECONDS": str(settings.retrain_seconds),
        "UNDERTONE_RETRAIN_LEAST_CORRECTIONS": str(settings.retrain_least_corrections),
        "UNDERTONE_HELP_CONTACTS": settings.help_contacts,
    }


def _wait_until_up(
    settings: Settings, children: Sequence[subprocess.Popen[bytes]], stop: threading.Event
) -> None:
    deadline = time.monotonic() + START_SECONDS
    with tqdm(desc="The tool starts", bar_format="{desc}: {elapsed}", disable=None, leave=False) as bar:
        while time.monotonic() < deadline:
            go_on(stop)
            if any(child.poll() is not None for child in children):
                raise StartError("A process of the tool ended while it was starting.")
            if _is_ready(settings.base_url):
                return
            bar.refresh()
            stop.wait(LOOK_SECONDS)
    raise StartError


def _is_ready(base_url: str) -> bool:
    try:
        return requests.get(f"{base_url}/health/ready", timeout=2).status_code == 200
    except requests.RequestException:
        return False
