"""The client over real connections: limits, no proxies, TLS checked against the asked name."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from lti_tool.outbound import client as outbound
from lti_tool.outbound.client import Client, OutboundFailedError, OutboundRefusedError
from lti_tool.settings import Settings


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        answer = getattr(self, self.path.split("?")[0].strip("/").replace("/", "_") or "good")
        answer()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((body.decode(), dict(self.headers)))  # type: ignore[attr-defined]
        self.good()

    def good(self) -> None:
        self._send(b'{"good": true}', ("Link", "<http://x/Next>; rel=next"))

    def broken(self) -> None:
        self._send(b"<html>not JSON</html>")

    def large(self) -> None:
        self._send(b"x" * 3_000_000)

    def packed(self) -> None:
        import gzip

        self._send(gzip.compress(b"x" * 50_000_000), ("Content-Encoding", "gzip"))

    def slow(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def cut(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x")
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(200)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []  # type: ignore[attr-defined]
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with serving() as running:
        yield running


@pytest.fixture
def url(server: ThreadingHTTPServer) -> str:
    return f"http://localhost:{server.server_port}"


@pytest.fixture
def client(server: ThreadingHTTPServer, tmp_path) -> Client:
    return client_for(server, tmp_path)


def client_for(server, home) -> Client:
    return Client(Settings(environment="test", home=home, outbound_hosts=[f"localhost:{server.server_port}"]))


def test_an_answer_has_status_headers_and_body(client, url, server):
    answer = client.get(f"{url}/good", params={"a": ["1", "ü"]})
    assert (answer.status, answer.json()) == (200, {"good": True})
    assert answer.headers["link"] == answer.headers["LINK"] == "<http://x/Next>; rel=next"
    path, headers = server.seen[0]
    assert path == "/good?a=1&a=%C3%BC"
    assert headers["Host"] == url.removeprefix("http://")
    assert "Undertone" in headers["User-Agent"]


def test_a_form_is_posted_as_a_form(client, url, server):
    client.post(f"{url}/good", data={"a": "1 2"})
    body, headers = server.seen[0]
    assert (body, headers["Content-Type"]) == ("a=1+2", "application/x-www-form-urlencoded")


def test_what_is_not_json_is_no_answer(client, url):
    with pytest.raises(OutboundFailedError) as failed:
        client.get(f"{url}/broken").json()
    assert failed.value.code == "outbound_not_json"


@pytest.mark.parametrize("path", ["large", "packed"])
def test_too_much_is_cut_off(client, url, path):
    with pytest.raises(OutboundFailedError) as failed:
        client.get(f"{url}/{path}")
    assert failed.value.code == "outbound_too_large"


def test_more_is_taken_where_more_is_asked_for(client, url):
    assert len(client.get(f"{url}/large", most_bytes=4_000_000).body) == 3_000_000


def test_a_drip_does_not_hold_the_caller(client, url, monkeypatch):
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.5)
    started = time.monotonic()
    with pytest.raises(OutboundFailedError):
        client.get(f"{url}/slow")
    assert time.monotonic() - started < 3


def test_an_answer_cut_short_is_no_answer(client, url):
    with pytest.raises(OutboundFailedError):
        client.get(f"{url}/cut")


def test_nobody_there(client, url, server):
    server.shutdown()
    server.server_close()
    with pytest.raises(OutboundFailedError):
        client.get(f"{url}/good")


def test_proxies_of_the_surroundings_are_not_used(client, url, server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert client.get(f"{url}/good").status == 200


def test_nothing_is_sent_to_an_address_that_is_not_listed(url, server, tmp_path):
    with pytest.raises(OutboundRefusedError):
        Client(Settings(environment="test", home=tmp_path)).get(f"{url}/good")
    assert server.seen == []


@pytest.mark.parametrize(("issued_to", "works"), [("localhost", True), ("other.example", False)])
def test_a_certificate_must_be_for_the_name_that_was_asked(tmp_path, monkeypatch, issued_to, works):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(issued_to).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setattr(outbound, "_trusted", ssl.create_default_context)  # not the context kept from before
    with serving(context) as server:
        client = client_for(server, tmp_path)
        if works:
            assert client.get(f"https://localhost:{server.server_port}/good").status == 200
        else:
            with pytest.raises(OutboundFailedError):
                client.get(f"https://localhost:{server.server_port}/good")
