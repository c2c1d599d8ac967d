"""Which processes of this installation run: web and worker hold a lock in its home, and a restore needs it alone.

The lock is the kernel's: it ends with the process, however that ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lti_tool.errors import ConfigurationError, UndertoneError

LOCK = "running.lock"
RESTORING = "restoring"
"""A file in the home while a restore is under way: until it is done no process may serve what was not erased again."""
_held: list[int] = []


class StillRunningError(UndertoneError):
    code = "still_running"
    words = (
        "Undertone runs on this machine. Stop its web and worker processes, on every machine, and try again. "
        "Nothing was changed."
    )


def hold(home: Path) -> None:
    """Tell for the rest of this process's life that it runs; ConfigurationError while a restore is under way."""
    handle = _opened(home)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise ConfigurationError("A backup is being restored. Start again when that is done.") from None
    _held.append(handle)
    require_restored(home)


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Keep every web and worker process of this home from starting; StillRunningError when one runs."""
    handle = _opened(home)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise StillRunningError from None
    try:
        yield
    finally:
        os.close(handle)


def require_restored(home: Path) -> None:
    """Raise ConfigurationError while a restore was begun and not finished."""
    if (home / RESTORING).exists():
        raise ConfigurationError(
            "A restore was begun and not finished, so what was erased since the backup could be back. "
            "Run `undertone restore` again."
        )


def _opened(home: Path) -> int:
    return os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
