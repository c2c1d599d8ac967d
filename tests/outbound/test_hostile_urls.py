"""Addresses that must not be called (S17): for each row nothing is connected to, whatever the operator has listed."""

import errno
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import urllib3

from lti_tool.outbound.client import Client, OutboundFailedError, OutboundRefusedError
from lti_tool.settings import Settings
from tests.outbound.hostile_urls import HOSTILE, LISTED, NAMES, OTHER, PUBLIC

LEAST = 40

Connected = list[tuple[str, int]]


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table above in place of a name server; spellings of numbers are read by the system's own rules."""
    system = __import__("_socket").getaddrinfo

    def resolve(host: str, port: int, *_arguments: object, **_options: object) -> list[tuple]:
        if host in NAMES:
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (ip, port)) for ip in NAMES[host]]
        return system(host, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Connected:
    """Every address that a socket was to connect or send to; none is reached."""
    found: Connected = []

    def connect(_socket: socket.socket, address: tuple[str, int], *_rest: object) -> None:
        found.append(address[:2])
        raise ConnectionRefusedError(errno.ECONNREFUSED, "spied on")

    for method in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, method, connect)
    return found


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    home = tmp_path_factory.mktemp("home")
    return Client(Settings(environment="test", home=home, outbound_hosts=LISTED))


@pytest.mark.parametrize("name", HOSTILE)
def test_row(client: Client, connected: Connected, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    pools: list[object] = []
    monkeypatch.setattr(urllib3.HTTPConnectionPool, "urlopen", lambda *asked, **_: pools.append(asked))
    for call in (client.get, client.post, lambda url: client.post_json(url, {})):
        with pytest.raises(OutboundRefusedError):
            call(HOSTILE[name])
    assert (connected, pools) == ([], [])


def test_s17_there_are_forty_rows_at_least(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nhostile addresses: {len(HOSTILE)} rows, none of them called")
    assert len(set(HOSTILE.values())) == len(HOSTILE) >= LEAST


def test_the_spy_sees_a_call_that_is_let_through(client: Client, connected: Connected) -> None:
    for url in ("https://lms.example.edu/", "http://campus.example.edu:8701/"):
        with pytest.raises(OutboundFailedError):
            client.get(url)
    assert connected == [(PUBLIC, 443), ("10.0.0.5", 8701)]


@pytest.mark.parametrize("second", ["127.0.0.1", "169.254.169.254", OTHER])
def test_a_name_that_moves_is_connected_to_where_it_was_checked(
    client: Client, connected: Connected, monkeypatch: pytest.MonkeyPatch, second: str
) -> None:
    """DNS rebinding: the second answer is never asked for."""
    answers, asked, resolve = iter([PUBLIC, second, second]), [], socket.getaddrinfo

    def moving(host: str, port: int, *arguments: object, **options: object) -> list[tuple]:
        if host != "moving.example.edu":
            return resolve(host, port, *arguments, **options)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", moving)
    with pytest.raises(OutboundFailedError):
        client.get("https://moving.example.edu/")
    assert (connected, len(asked)) == ([(PUBLIC, 443)], 1)


class Away(BaseHTTPRequestHandler):
    """Sends every caller on, with the status that the path names."""

    def do_GET(self) -> None:
        status, _, where = self.path.lstrip("/").partition("/")
        self.send_response(int(status))
        self.send_header("Location", where.replace("!", "://"))
        self.send_header("Refresh", "0; url=http://169.254.169.254/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def away() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Away)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "where", ["http!169.254.169.254/latest", "https!lms.example.edu/", "file!/etc/passwd"]
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(
    away: str, tmp_path, monkeypatch: pytest.MonkeyPatch, status: int, where: str
) -> None:
    reached, connect = [], socket.socket.connect

    def noting(own: socket.socket, address: tuple[str, int]) -> None:
        reached.append(f"localhost:{address[1]}" if address[0] == "127.0.0.1" else address)
        connect(own, address)

    monkeypatch.setattr(socket.socket, "connect", noting)
    client = Client(Settings(environment="test", home=tmp_path, outbound_hosts=[away]))
    for call in (client.get, client.post):
        assert call(f"http://{away}/{status}/{where}").status == status
    assert reached == [away, away]
