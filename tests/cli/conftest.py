"""The `undertone` command on an installation in a folder of its own."""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli import main
from lti_tool.installation import Installation, prepare
from lti_tool.lms import retrying
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, use_keyring
from tests.lms.captured_lms import recorded

TOKEN = "a-token-that-nobody-sees"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.01)


@dataclass
class Command:
    """Calls of `undertone` with the settings of one installation."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, typed: str | None = None, **settings: str) -> Result:
        return CliRunner().invoke(main, arguments, input=typed, env=self.environment(**settings))

    def environment(self, **settings: str) -> dict[str, str]:
        return {
            "UNDERTONE_ENVIRONMENT": "test",
            "UNDERTONE_HOME": str(self.folder),
            "DATABASE_URL": "",
            **self.settings,
            **settings,
        }

    @property
    def database(self) -> Database:
        use_keyring(Keyring.load(self.folder / "keys.json"))
        return Database(Settings(environment="test", home=self.folder).database)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys, tables and the shipped model, made once."""
    folder = tmp_path_factory.mktemp("prepared") / "home"
    keyring = Keyring.generate()
    keyring.save(folder / "keys.json")
    use_keyring(keyring)
    settings = Settings(environment="test", home=folder)
    database = Database(settings.database)
    prepare(Installation(settings, database))
    database.dispose()
    return folder


@pytest.fixture
def undertone(prepared: Path, tmp_path: Path) -> Command:
    """The command on a prepared installation."""
    return Command(Path(shutil.copytree(prepared, tmp_path / "home")))


@pytest.fixture
def bare(tmp_path: Path) -> Command:
    """The command where nothing was set up."""
    return Command(tmp_path / "home")


@pytest.fixture
def keys_address() -> Iterator[str]:
    """A platform of which only the keys can be read, with a Moodle that knows the reading account."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": [{"kid": "1"}]}).encode())

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
            known = f"wstoken={TOKEN}&" in asked
            name = "core_webservice_get_site_info" if known else "error_invalid_token"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(recorded("moodle", name)["response"]).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def platform(url: str) -> list[str]:
    """The arguments of `register` for a platform at `url`."""
    return [
        *("--institution", "Invented College", "--issuer", url, "--client-id", "tool"),
        *("--authorization-url", f"{url}/auth", "--token-url", f"{url}/token", "--keys-url", f"{url}/keys"),
        *("--mode", "individual", "--approved-by", "the dean", "--reason", "to see it"),
        *("--office", "dean", "--assessment", "DPIA 1", "--memo", "memo 1"),
        *("--lms", "moodle", "--lms-url", url),
    ]


def refused(result: Result, words: str, code: int = 2) -> None:
    """One clear line on standard error, and nothing else went wrong."""
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert result.stderr.strip().count("\n") == 0, result.stderr
    assert result.stderr.startswith("undertone: ")
