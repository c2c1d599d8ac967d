"""The fixtures keep their promises: no network, a real server that goes away, a browser that starts."""

import asyncio
import os
import socket
import subprocess
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import create_engine, text

TESTS = Path(__file__).parents[1]
# An address of the block set apart for documentation (RFC 5737): nothing answers there.
OUTSIDE = "192.0.2.1"


def test_an_address_outside_is_refused_and_remembered(no_network: list[str]):
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError, match="loopback only"):
        probe.connect((OUTSIDE, 80))
    assert no_network == [OUTSIDE]
    no_network.clear()


def test_a_datagram_outside_is_refused(no_network: list[str]):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, pytest.raises(ConnectionRefusedError):
        probe.sendto(b"", (OUTSIDE, 53))
    no_network.clear()


def test_an_event_loop_is_refused_too(no_network: list[str]):
    with pytest.raises(ConnectionRefusedError):
        asyncio.run(asyncio.open_connection(OUTSIDE, 80))
    assert OUTSIDE in no_network
    no_network.clear()


def test_a_public_name_does_not_resolve_and_is_remembered(no_network: list[str]):
    with pytest.raises(OSError, match="resolve no names"):
        urllib.request.urlopen("https://hub.undertone.dev/")
    assert no_network == ["hub.undertone.dev"]
    no_network.clear()


@pytest.mark.parametrize("name", ["lms.test", "lms.example.org", "nowhere.invalid"])
def test_a_reserved_name_does_not_resolve_and_is_no_fault(name: str, no_network: list[str]):
    with pytest.raises(socket.gaierror):
        socket.create_connection((name, 443))
    assert no_network == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_loopback_is_reached(host: str):
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        with urllib.request.urlopen(f"http://{host}:{server.server_port}/") as answer:
            assert answer.status == 204
    finally:
        server.shutdown()
        server.server_close()


def run_pytest(folder: Path, source: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest of its own with these fixtures, over one file."""
    (folder / "test_inner.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "conftest",
        "-p",
        "no:cacheprovider",
        "-q",
        "-rs",
        "test_inner.py",
    ]
    own = {
        name: value for name, value in os.environ.items() if name not in ("CI", "CHROMIUM", "PYTEST_ADDOPTS")
    }
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        env=own | {"PYTHONPATH": str(TESTS)} | environment,
    )


def test_a_test_that_swallows_the_refusal_fails_all_the_same(tmp_path: Path):
    inner = run_pytest(
        tmp_path,
        "import socket\n"
        "def test_quiet():\n"
        "    try:\n"
        f"        socket.create_connection(('{OUTSIDE}', 80))\n"
        "    except OSError:\n"
        "        pass\n",
    )
    assert inner.returncode == 1
    assert f"outside this machine: {OUTSIDE}" in inner.stdout


def test_the_hub_is_off_for_tests_and_their_processes():
    shown = subprocess.run(
        [sys.executable, "-c", "import os; print(os.environ['HF_HUB_OFFLINE'])"],
        capture_output=True,
        text=True,
    )
    assert shown.stdout.strip() == "1"


@pytest.mark.postgres
def test_the_database_is_a_real_server(postgres_url: str):
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(text("show server_version")).scalar_one().startswith("17.")
        assert connection.execute(text("show server_encoding")).scalar_one() == "UTF8"
    engine.dispose()


@pytest.mark.postgres
def test_the_server_stops_and_leaves_nothing(tmp_path: Path):
    inner = run_pytest(
        tmp_path,
        "from pathlib import Path\n"
        "from sqlalchemy import create_engine, text\n"
        "def test_notes(postgres_url):\n"
        "    with create_engine(postgres_url).connect() as connection:\n"
        "        data = connection.execute(text('show data_directory')).scalar_one()\n"
        "    Path('notes').write_text(data + '\\n' + postgres_url)\n",
    )
    assert inner.returncode == 0, inner.stdout + inner.stderr
    data, url = (tmp_path / "notes").read_text().splitlines()
    assert not Path(data).parent.exists()
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.browser
def test_the_browser_shows_a_page(chromium_path: str):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--disable-background-networking"]
        )
        page = browser.new_page()
        page.set_content("<h1>Hello</h1>")
        assert page.inner_text("h1") == "Hello"
        browser.close()


@pytest.mark.parametrize(("environment", "outcome"), [({}, "1 skipped"), ({"CI": "true"}, "1 error")])
def test_a_missing_browser_skips_at_home_and_fails_in_ci(
    tmp_path: Path, environment: dict[str, str], outcome: str
):
    inner = run_pytest(
        tmp_path, "def test_page(chromium_path): pass\n", CHROMIUM=str(tmp_path / "none"), **environment
    )
    assert outcome in inner.stdout
    assert "there is no Chromium at" in inner.stdout
