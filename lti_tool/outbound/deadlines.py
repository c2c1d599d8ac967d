"""One time limit for a whole call: a server that sends a byte now and then must not hold us (S17).

The timeouts of a socket begin anew with every byte. So a timer shuts the connection down from outside, wherever
the call stands: in the TLS handshake, in the request, between two headers, or in the body.
"""

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection


class Deadline:
    """Ends `seconds` after it was made. Used in a `with` block, whose end stops the timer."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._guard = threading.Lock()
        self._line: socket.socket | None = None
        self._timer: threading.Timer | None = None

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._until

    def watch(self, connected: socket.socket) -> None:
        """Shut this connection down at the deadline."""
        # A second descriptor: TLS takes the first one away from the socket that it wraps.
        self._line = connected.dup()
        self._timer = threading.Timer(max(0, self._until - time.monotonic()), self._cut)
        self._timer.daemon = True
        self._timer.start()

    def __enter__(self) -> "Deadline":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        # The descriptor's number may be another connection's as soon as it is closed.
        with self._guard:
            if self._line is not None:
                self._line.close()
            self._line = None

    def _cut(self) -> None:
        with self._guard, suppress(OSError):
            if self._line is not None:
                self._line.shutdown(socket.SHUT_RDWR)


class _Watched(HTTPConnection):
    """A connection that its call's deadline watches from the first byte."""

    def __init__(self, *arguments: Any, deadline: Deadline, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        self._deadline.watch(connected)
        return connected


class WatchedHTTP(_Watched):
    """Plain."""


class WatchedHTTPS(_Watched, HTTPSConnection):
    """With TLS, whose handshake is watched too."""
