"""The limit of time is for the whole call, wherever a server drips its bytes (S17)."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from threading import Event, Thread

import pytest
import trustme

from lti_tool.outbound import client as outbound
from lti_tool.outbound.client import Answer, Client, OutboundFailedError
from lti_tool.settings import Settings

DRIPS = 100
PAUSE = 0.1
"""Seconds. A drip lasts ten seconds: without a limit the call would end well, and the test would see it."""
HEAD = b"HTTP/1.1 200 OK\r\n"
SERVED = {
    "status line": (b"", b"H"),
    "headers": (HEAD, b"X: y\r\n"),
    "one long header": (HEAD + b"X: ", b"y"),
    "body": (HEAD + b"Content-Length: 100\r\n\r\n", b"x"),
    "body without a length": (HEAD + b"\r\n", b"x"),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}


@contextmanager
def dripping(start: bytes, drip: bytes, end: bytes = b"", tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server that answers one call so slowly."""
    gone = Event()

    def serve() -> None:
        with suppress(OSError), closing(listening.accept()[0]) as raw:
            taken = tls.wrap_socket(raw, server_side=True) if tls else raw
            if drip:
                taken.recv(65536)
            taken.sendall(start)
            for _ in range(DRIPS):
                if gone.wait(PAUSE):
                    return
                taken.sendall(drip)
            taken.sendall(end)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            gone.set()
            thread.join(5)


def called(home, port: int, scheme: str = "http") -> Answer:
    settings = Settings(environment="test", home=home, outbound_hosts=[f"localhost:{port}"])
    return Client(settings).get(f"{scheme}://localhost:{port}/")


def refusal(home, port: int, scheme: str = "http") -> str:
    with pytest.raises(OutboundFailedError) as failed:
        called(home, port, scheme)
    return failed.value.code


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(outbound, "READ_SECONDS", 1.0)


@pytest.fixture
def tls(tmp_path, monkeypatch) -> ssl.SSLContext:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setattr(outbound, "_trusted", ssl.create_default_context)
    return context


def test_the_limits_are_five_seconds_and_fifteen():
    assert (outbound.CONNECT_SECONDS, outbound.READ_SECONDS) == (5, 15)


@pytest.mark.parametrize(("start", "drip"), SERVED.values(), ids=SERVED)
def test_a_dripping_server_is_cut_off(tmp_path, short, start, drip):
    with dripping(start, drip) as port:
        assert refusal(tmp_path, port) == "outbound_too_slow"


@pytest.mark.parametrize(("start", "drip"), [SERVED["headers"], SERVED["body"]], ids=["headers", "body"])
def test_a_dripping_server_with_tls_is_cut_off(tmp_path, short, tls, start, drip):
    with dripping(start, drip, tls=tls) as port:
        assert refusal(tmp_path, port, "https") == "outbound_too_slow"


def test_a_handshake_that_drips_is_cut_off(tmp_path, short):
    """The first bytes are the start of a long TLS record; each one begins the socket's own timeout anew."""
    with dripping(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb", b"\x00") as port:
        assert refusal(tmp_path, port, "https") == "outbound_too_slow"


def test_a_server_that_says_nothing_is_cut_off(tmp_path, short):
    with dripping(b"", b"") as port:
        assert refusal(tmp_path, port) == "outbound_too_slow"


def test_a_client_may_be_given_more_time_and_less(tmp_path, monkeypatch):
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.1)
    monkeypatch.setattr("tests.outbound.test_time_limits.DRIPS", 3)
    for seconds, comes in ((5.0, True), (0.1, False)):
        with dripping(HEAD, b"X: y\r\n", b"Content-Length: 1\r\n\r\nx") as port:
            settings = Settings(environment="test", home=tmp_path, outbound_hosts=[f"localhost:{port}"])
            client = Client(settings, seconds)
            with nullcontext() if comes else pytest.raises(OutboundFailedError):
                assert client.get(f"http://localhost:{port}/").body == b"x"


def test_a_slow_answer_within_the_limit_is_an_answer(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.outbound.test_time_limits.DRIPS", 3)
    with dripping(HEAD, b"X: y\r\n", b"Content-Length: 1\r\n\r\nx") as port:
        assert called(tmp_path, port).body == b"x"
