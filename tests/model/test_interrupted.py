"""Ctrl-C and SIGTERM end a command in one line and leave nothing lying about."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from model import corpora
from model.__main__ import main
from model.commands.telling import STOPPED, Terminated

LONGEST = 60
WAITING = """
import runpy, tempfile, time
from model import corpora

def licences(licence):
    with tempfile.TemporaryDirectory(prefix="undertone-"):
        time.sleep(600)

corpora.licences = licences
runpy.run_module("model", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(("stop", "status"), [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_a_stopped_command_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, stop: type[KeyboardInterrupt], status: int
) -> None:
    def stopped(licence: str) -> str:
        raise stop

    monkeypatch.setattr(corpora, "licences", stopped)
    answer = CliRunner().invoke(main, ["corpora"])
    assert (answer.exit_code, answer.stdout, answer.stderr) == (status, "", f"{STOPPED}\n")


def waiting(scratch: Path) -> subprocess.Popen[str]:
    """A process whose command has made a temporary folder and works for long."""
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING, "corpora"],
        env={**os.environ, "TMPDIR": str(scratch)},
        stderr=subprocess.PIPE,
        text=True,
        # else a shell that ran these tests in the background would have it ignore Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    until = time.monotonic() + LONGEST
    while not list(scratch.iterdir()) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    return process


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_process_leaves_nothing_behind(tmp_path: Path, number: signal.Signals, status: int) -> None:
    process = waiting(tmp_path)
    try:
        assert list(tmp_path.iterdir())
        process.send_signal(number)
        told = process.communicate(timeout=LONGEST)[1]
    finally:
        process.kill()
    assert (process.returncode, told) == (status, f"{STOPPED}\n")
    assert list(tmp_path.iterdir()) == []
