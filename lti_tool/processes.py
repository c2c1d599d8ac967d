"""`undertone serve`: one command and two processes, web and worker, that live and end together (design decision 7)."""

import contextlib
import ctypes
import errno
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import IO, Any

from lti_tool.errors import UndertoneError

STOP_SECONDS = 15.0
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
DUMPABLE = 4  # PR_SET_DUMPABLE of prctl(2)
LOOK_SECONDS = 0.2


class PortInUseError(UndertoneError):
    code = "port_in_use"
    words = "The port is in use."


class AddressError(UndertoneError):
    code = "address"
    words = "The address to listen on cannot be used."


def require_free_port(host: str, port: int) -> None:
    """Raise PortInUseError when something listens there already, AddressError when nothing can."""
    family, address = _resolve(host, port)
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise _refusal(error, host, port) from None


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    """Where the web server will listen: a name means its IPv4 address there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, family, socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressError(
            f"{host} is no address and no name that can be looked up. Choose another with --host or UNDERTONE_HOST."
        ) from None
    return found[0][0], found[0][4]


def _refusal(error: OSError, host: str, port: int) -> UndertoneError:
    if error.errno == errno.EADDRINUSE:
        return PortInUseError(
            f"Port {port} on {host} is in use by another program. Stop it, or choose another port."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return AddressError(
            f"{host} is not an address of this machine. Listen on one that is, or on 0.0.0.0 for all of them."
        )
    return AddressError(f"Port {port} on {host} cannot be listened on ({error.strerror}). Choose another.")


def keep_memory_out_of_files() -> None:
    """Let no crash write this process's memory to a core file: for a moment it holds texts nobody agreed to (P20)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DUMPABLE, 0)  # the limit does not hold for a program that takes core files


def web_command(host: str, port: int, threads: int = 8, workers: int = 1) -> list[str]:
    """The web server: gunicorn, processes with threads, without its control socket in the home directory."""
    shown = f"[{host.strip('[]')}]" if ":" in host else host
    return [
        *(sys.executable, "-m", "gunicorn", "lti_tool.web:application", "--bind", f"{shown}:{port}"),
        *(
            "--workers",
            str(workers),
            "--threads",
            str(threads),
            "--no-control-socket",
            "--log-level",
            "warning",
        ),
        *("--timeout", "60", "--graceful-timeout", "5", "--worker-class", "gthread"),
    ]


def worker_command() -> list[str]:
    """The worker process."""
    return [sys.executable, "-m", "lti_tool.cli", "worker"]


def run_together(commands: Sequence[Sequence[str]]) -> int:
    """Run the commands until one ends or a signal comes; stop the others; return the exit code.

    0 after SIGINT or SIGTERM, 1 when a process ended by itself.
    """
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    earlier = [(number, signal.signal(number, stop)) for number in (signal.SIGINT, signal.SIGTERM)]
    children: list[subprocess.Popen[bytes]] = []
    try:
        children += map(start, commands)
        while not stopping and all(child.poll() is None for child in children):
            time.sleep(LOOK_SECONDS)
        return 0 if stopping else 1
    finally:
        end_all(children)
        for number, handler in earlier:
            signal.signal(number, handler)


def start(
    command: Sequence[str], environment: dict[str, str] | None = None, output: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """Start a process away from the terminal's signals; on Linux it ends with this thread, even if that is killed."""
    return subprocess.Popen(
        list(command),
        env=environment,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)


def end_all(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask every process to end, and kill what has not ended after fifteen seconds, with what they had started."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # each leads a group of its own
