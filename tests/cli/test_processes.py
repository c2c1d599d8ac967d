"""`undertone` as real processes: a quick start, a port in use, and two processes that live and end together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from lti_tool.processes import require_free_port, web_command
from tests.kills.home import has_ended

pytestmark = pytest.mark.long

HEAVY = ("torch", "transformers", "datasets", "sklearn", "scipy")
PROGRAM = [sys.executable, "-m", "lti_tool.cli"]
MOST_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def soon(condition: Callable[[], bool], words: str) -> None:
    deadline = time.monotonic() + MOST_SECONDS
    while not condition():
        assert time.monotonic() < deadline, words
        time.sleep(0.05)


def test_help_imports_nothing_heavy():
    script = (
        "import sys\nfrom lti_tool.cli import main\nmain(['--help'], standalone_mode=False)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "retrain" in done.stdout, done.stderr
    assert done.stdout.endswith("[]\n")


def test_importing_the_pages_and_the_tasks_imports_nothing_heavy():
    script = (
        "import sys, lti_tool.app, lti_tool.schedule\nlti_tool.schedule.load_tasks()\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n", done.stdout + done.stderr


def test_a_port_in_use_is_one_line_and_starts_nothing(undertone):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = undertone("serve", "--port", port)
    assert result.exit_code == 2
    assert f"Port {port}" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"UNDERTONE_PULL_SECONDS": "a secret"}, "Not understood: UNDERTONE_PULL_SECONDS."),
        ({"UNDERTONE_ENVIRONMENT": "production"}, "UNDERTONE_BASE_URL must be https"),
        ({"UNDERTONE_KEYS_FILE": "/nowhere/keys.json"}, "undertone keys init"),
        ({"DATABASE_URL": "a secret"}, "DATABASE_URL is not the address of a database."),
    ],
)
def test_a_web_server_that_is_started_by_itself_says_what_is_wrong_and_ends(undertone, settings, words):
    environment = {**os.environ, **undertone.environment(**settings)}
    command = web_command("127.0.0.1", free_port())
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=MOST_SECONDS)
    own = [line for line in done.stderr.splitlines() if line.startswith("undertone: ")]
    assert done.returncode != 0
    assert len(own) == 1, done.stderr
    assert words in own[0]
    assert "Traceback" not in done.stderr
    assert "a secret" not in done.stdout + done.stderr


@contextmanager
def serving(undertone) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, int], int]]:
    """`undertone serve`, up and answering, with the ids of its two processes and its port."""
    port = free_port()
    environment = {**os.environ, **undertone.environment(UNDERTONE_HELP_CONTACTS="Help: 555 0100")}
    process = subprocess.Popen([*PROGRAM, "serve", "--port", str(port)], env=environment)
    try:
        soon(lambda: process.poll() is not None or answers(port), "it does not answer")
        yield process, children(process.pid), port
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/health/ready", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def children(pid: int) -> dict[str, int]:
    """The web process and the worker, by what their command lines say."""
    pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = {int(child): Path(f"/proc/{child}/cmdline").read_text() for child in pids}
    return {"web" if "gunicorn" in line else "worker": child for child, line in lines.items()}


def nothing_is_left(own: dict[str, int], port: int) -> None:
    soon(lambda: all(has_ended(pid) for pid in own.values()), "a process is left")
    require_free_port("127.0.0.1", port)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_both_processes_end_with_the_command(undertone, number):
    with serving(undertone) as (process, own, port):
        assert set(own) == {"web", "worker"}
        process.send_signal(number)
        assert process.wait(30) == (-signal.SIGKILL if number == signal.SIGKILL else 0)
        nothing_is_left(own, port)


@pytest.mark.parametrize("which", ["web", "worker"])
def test_when_one_process_dies_the_other_ends_too(undertone, which):
    with serving(undertone) as (process, own, port):
        os.kill(own[which], signal.SIGKILL)
        assert process.wait(30) == 1
        nothing_is_left(own, port)
