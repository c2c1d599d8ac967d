"""`undertone demo` as a person starts it: a process of its own on free ports, and the addresses that it prints."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

READY = "Everything is ready"
STOP_SECONDS = 60


@dataclass
class Demonstration:
    """A running demonstration. Its output is read as far as the caller waits for it."""

    process: subprocess.Popen[str]
    port: int
    lines: list[str] = field(default_factory=list)

    @property
    def tool(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def campus(self) -> str:
        return f"http://localhost:{self.port + 1}"

    def addresses(self) -> dict[str, str]:
        """The addresses that were printed, by the last part of each: the key of a person."""
        found = re.findall(r"^ +(http://\S+/as/\S+)", "".join(self.lines), re.MULTILINE)
        return {urlsplit(address).path.rpartition("/")[2]: address for address in found}

    def wait_for(self, words: str) -> str:
        """Read on until a line holds the words, and return that line; AssertionError when the output ends."""
        for line in self.process.stdout or ():
            self.lines.append(line)
            if words in line:
                return line
        raise AssertionError(f"The demonstration never said “{words}”:\n{''.join(self.lines)}")

    def rest(self) -> str:
        """What it said after the last line that was waited for, once it has ended."""
        return self.process.stdout.read() if self.process.stdout else ""

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def started(*options: str, port: int | None = None, **environment: str) -> Iterator[Demonstration]:
    """`undertone demo` with the options; what is left of it at the end is stopped."""
    port = port or two_free_ports()
    command = [sys.executable, "-m", "lti_tool.cli", "demo", "--port", str(port), *options]
    process = subprocess.Popen(
        command,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield Demonstration(process, port)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_SECONDS)
        if process.stdout:
            process.stdout.close()


def two_free_ports() -> int:
    """A port that is free together with the next one, which the campus takes."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
