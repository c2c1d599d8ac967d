"""A small server in front of an LMS that spoils what passes: over real sockets, call by call, and it counts.

A fault is a function that is given the caller's socket and the LMS's own reply, and sends what it likes. Nothing here
sleeps: a fault that keeps its caller waiting ends when the server is released.
"""

import gzip
import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlsplit

HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "server", "date"}
ELSEWHERE = "https://elsewhere.example"
LEAK = "zq-said-by-the-lms-token=0123"
"""Stands in error answers: words of the LMS that may reach no error of ours and no log."""


@dataclass(frozen=True)
class Reply:
    """What the LMS itself answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    def head(self, **changed: str) -> bytes:
        """Status line and headers; `Content_Length="5"` puts one in place or beside."""
        headers = self.headers | {"Content-Length": str(len(self.body)), "Connection": "close"}
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{n}: {v}" for n, v in headers.items() if v)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def whole(self) -> bytes:
        return self.head() + self.body


@dataclass(frozen=True)
class Call:
    """One request: its name is Moodle's function or Canvas's path; `count` begins at 1 for each name."""

    name: str
    target: str
    headers: dict[str, str]
    body: bytes
    count: int


Fault = Callable[[socket.socket, Reply], None]
Plan = Callable[[Call], Fault | None]


@dataclass
class FaultyServer:
    """Passes calls on to the LMS at `behind` unless `plan` names a fault for them."""

    behind: str
    plan: Plan = lambda call: None
    url: str = ""
    calls: Counter[str] = field(default_factory=Counter)
    seen: list[Call] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def forget(self) -> None:
        """Spoil nothing from here on, and count anew."""
        self.plan = lambda call: None
        self.calls.clear()
        self.seen.clear()


@contextmanager
def faulty(behind: str) -> Iterator[FaultyServer]:
    """Serve on a free port; links of the LMS to itself lead through here."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        server = FaultyServer(behind, url=f"http://localhost:{listening.getsockname()[1]}")
        thread = threading.Thread(target=_accept, args=(server, listening), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _accept(server: FaultyServer, listening: socket.socket) -> None:
    while True:
        try:
            taken, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(server, taken), daemon=True).start()


def _serve(server: FaultyServer, taken: socket.socket) -> None:
    with suppress(OSError), closing(taken):
        method, call = _asked(server, taken)
        server.calls[call.name] += 1
        server.seen.append(call)
        fault = server.plan(call)
        if fault is silent:  # the LMS itself is not asked: it hangs
            server.released.wait(30)
            return
        reply = _ask_behind(server, method, call)
        if fault is None:
            taken.sendall(reply.whole())
        else:
            fault(taken, reply)


def _asked(server: FaultyServer, taken: socket.socket) -> tuple[str, Call]:
    file = taken.makefile("rb")
    method, target, _ = file.readline().decode().split(" ", 2)
    headers = {}
    while (line := file.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.strip()] = value.strip()
    body = file.read(int(headers.get("Content-Length", 0)))
    file.close()
    name = parse_qs(body.decode()).get("wsfunction", [urlsplit(target).path])[0]
    return method, Call(name, target, headers, body, server.calls[name] + 1)


def _ask_behind(server: FaultyServer, method: str, call: Call) -> Reply:
    with closing(HTTPConnection(urlsplit(server.behind).netloc, timeout=30)) as line:
        kept = {name: value for name, value in call.headers.items() if name.lower() not in ("host", *HOP)}
        line.request(method, call.target, body=call.body or None, headers=kept)
        answer = line.getresponse()
        headers = {n: v.replace(server.behind, server.url) for n, v in answer.getheaders()}
        headers = {name: value for name, value in headers.items() if name.lower() not in HOP}
        return Reply(answer.status, headers, answer.read())


# Faults of the connection


def silent(taken: socket.socket, reply: Reply) -> None:
    """Never answers; known to the server, which waits for its release."""


def reset(taken: socket.socket, reply: Reply) -> None:
    """Half of the answer, then the connection is reset (RST)."""
    taken.sendall(reply.whole()[: len(reply.whole()) // 2])
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closed(taken: socket.socket, reply: Reply) -> None:
    """Not a byte, and the connection is closed."""


def half(taken: socket.socket, reply: Reply) -> None:
    """Half of the body under the length of the whole."""
    taken.sendall(reply.head() + reply.body[: len(reply.body) // 2])


def chunk_cut(taken: socket.socket, reply: Reply) -> None:
    """Chunks that end in the middle of one."""
    piece = reply.body[: len(reply.body) // 2] or b"["
    head = reply.head(Content_Length="", Transfer_Encoding="chunked")
    taken.sendall(head + f"{2 * len(piece):x}\r\n".encode() + piece)


def drip(taken: socket.socket, reply: Reply) -> None:
    """A byte now and then; each one begins a socket's own time-out anew."""
    taken.sendall(reply.head())
    taken.settimeout(0.02)
    for byte in reply.body + b" " * 2000:
        taken.sendall(bytes([byte]))
        with suppress(TimeoutError):
            if taken.recv(1) == b"":  # the caller has hung up
                return


# Faults of the answer


def saying(status: int, body: bytes = LEAK.encode(), **headers: str) -> Fault:
    """Another answer in place of the LMS's own."""
    kind = {"Content-Type": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}

    def fault(taken: socket.socket, reply: Reply) -> None:
        taken.sendall(Reply(status, kind, body).whole())

    return fault


def with_json(value: Any) -> Fault:
    return saying(200, json.dumps(value).encode(), Content_Type="application/json")


def changed(change: Callable[[Any], Any]) -> Fault:
    """The LMS's own answer, its JSON changed; the headers stay."""

    def fault(taken: socket.socket, reply: Reply) -> None:
        body = json.dumps(change(json.loads(reply.body))).encode()
        taken.sendall(Reply(reply.status, reply.headers, body).whole())

    return fault


def linked(following: Callable[[Reply], str]) -> Fault:
    """The LMS's own answer with another next page."""

    def fault(taken: socket.socket, reply: Reply) -> None:
        headers = {name: value for name, value in reply.headers.items() if name.lower() != "link"}
        headers["Link"] = f'<{following(reply)}>; rel="next"'
        taken.sendall(Reply(reply.status, headers, reply.body).whole())

    return fault


not_json = saying(200, b'{"posts": [' + LEAK.encode())
html = saying(200, f"<!DOCTYPE html><title>{LEAK}</title>".encode())
redirect = saying(302, b"", Location=f"{ELSEWHERE}/webservice/rest/server.php")
huge = saying(200, b"[" + b" " * (21 * 1024 * 1024) + b"]")
bomb = saying(200, gzip.compress(b" " * (64 * 1024 * 1024)), Content_Encoding="gzip")


@contextmanager
def nobody_accepts() -> Iterator[str]:
    """The address of a port whose queue is full: a connection to it is never made, and never refused."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = []
        try:
            for _ in range(8):
                one = socket.socket()
                one.setblocking(False)
                one.connect_ex(listening.getsockname())
                waiting.append(one)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            for one in waiting:
                one.close()
