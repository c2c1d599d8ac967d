"""`undertone demo` from outside: it plays its own story, leaves nothing behind, and refuses a port in use."""

import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from lti_tool.demo.command import UNFINISHED
from tests.story.demonstration import Demonstration, started, two_free_ports

pytestmark = pytest.mark.long

STEPS = (
    "start",
    "the class answers",
    "the visitor is asked",
    "the course is read",
    "nothing of the visitor is there",
    "the visitor agrees",
    "the course is read",
    "the visitor sees their texts",
    "the instructor reads a finding",
    "the instructor corrects",
    "the model is retrained",
    "the class is rescored",
    "nothing of the others is there",
)
STEP = re.compile(r"(ok|FAIL) +\d+\.\d s  ([^:]+): (.+)")


def processes_naming(words: str) -> list[str]:
    """Command lines and environments of running processes that hold the words, this one and zombies excepted."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            said = (place / "cmdline").read_bytes() + (place / "environ").read_bytes()
        except OSError:
            continue
        if words.encode() in said and int(place.name) != os.getpid():
            found.append(f"{place.name} {said[:200]!r}")
    return found


@pytest.mark.campaign
@pytest.mark.timeout(900)
def test_the_whole_story_is_played_with_a_line_per_step(tmp_path):
    with started("--check", TMPDIR=str(tmp_path)) as demonstration:
        told, _ = demonstration.process.communicate(timeout=880)
        code = demonstration.process.returncode
    steps = [match.groups() for match in map(STEP.fullmatch, told.splitlines()) if match]
    assert [(state, name) for state, name, _ in steps] == [("ok", name) for name in STEPS], told
    assert code == 0
    assert list(tmp_path.glob("undertone-demo-*")) == []


@pytest.mark.parametrize(
    ("options", "moment", "code"),
    [
        ((), "everybody else", 0),
        pytest.param((), "pull done", 0, marks=pytest.mark.campaign),
        pytest.param(("--check",), "campus, web and worker are up", UNFINISHED, marks=pytest.mark.campaign),
        pytest.param(("--check",), "the visitor is asked", UNFINISHED, marks=pytest.mark.campaign),
    ],
    ids=["while asking", "while scoring", "check while asking", "check while reading"],
)
def test_ctrl_c_ends_every_process_and_removes_what_was_written(tmp_path, options, moment, code):
    with started(*options, TMPDIR=str(tmp_path)) as demonstration:
        demonstration.wait_for(moment)
        (home,) = tmp_path.glob("undertone-demo-*")
        assert len(processes_naming(str(home))) >= 2
        assert demonstration.stop() == code
        left = demonstration.rest()
    assert left.endswith("\nStopped.\n")
    assert "FAIL" not in left
    assert "Traceback" not in left
    assert_nothing_is_left(demonstration, home)


def test_ctrl_c_ends_a_check_that_is_still_starting(tmp_path):
    with started("--check", TMPDIR=str(tmp_path)) as demonstration:
        home = appearing(tmp_path, "undertone-demo-*/home/tool.log").parent.parent
        assert demonstration.stop() == UNFINISHED
        assert demonstration.rest() == "\nStopped.\n"
    assert_nothing_is_left(demonstration, home)


def test_a_worker_that_dies_ends_the_demonstration_at_once(tmp_path):
    with started(TMPDIR=str(tmp_path)) as demonstration:
        demonstration.wait_for("everybody else")
        (home,) = tmp_path.glob("undertone-demo-*")
        (worker,) = (line for line in processes_naming(str(home)) if "lti_tool.cli" in line)
        os.kill(int(worker.split()[0]), signal.SIGKILL)
        assert demonstration.process.wait(60) == 1
        assert "A process of the tool ended by itself" in demonstration.rest()
    assert_nothing_is_left(demonstration, home)


def appearing(folder: Path, pattern: str) -> Path:
    """The one file of this pattern, as soon as it is there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for file in folder.glob(pattern):
            return file
        time.sleep(0.05)
    raise AssertionError(f"{pattern} did not appear within a minute")


def assert_nothing_is_left(demonstration: Demonstration, home: Path) -> None:
    assert processes_naming(str(home)) == []
    assert not home.exists()
    for port in (demonstration.port, demonstration.port + 1):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("taken", [0, 1], ids=["tool", "campus"])
def test_a_port_in_use_is_told_in_one_line_and_nothing_is_started(tmp_path, taken):
    port = two_free_ports()
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", port + taken))
        occupant.listen()
        with started(port=port, TMPDIR=str(tmp_path)) as demonstration:
            told, _ = demonstration.process.communicate(timeout=60)
    assert demonstration.process.returncode == 2
    assert told.count("\n") == 1
    assert f"Port {port + taken} " in told
    assert "in use" in told
    assert list(tmp_path.iterdir()) == []
