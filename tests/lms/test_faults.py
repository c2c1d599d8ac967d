"""Every way in which a connection to an LMS breaks, for both faces: words or success, and few calls (S47)."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest

from lti_tool.demo.campus import Campus, CampusSettings, campus_of, create_campus, serve
from lti_tool.errors import UndertoneError
from lti_tool.lms import Connector, LmsRefusedError, LmsUnavailableError, retrying, throttling
from lti_tool.lms.canvas import CanvasConnector
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.outbound import client as outbound
from lti_tool.outbound.client import Client
from tests.lms import faulty_server as faults
from tests.lms.captured_lms import moodle_connector, settings_for
from tests.lms.faulty_server import Call, Fault, FaultyServer, faulty

MOODLE_POSTS = "mod_forum_get_discussion_posts"
CANVAS_POSTS = "/api/v1/courses/2/discussion_topics/1/view"
MINUTE = 60.0
MEGABYTE = 1024 * 1024
MOST_TRIES = 8
"""Of one call, whatever it meets."""
LONGEST_PAUSE = 62.0
JITTER = 1.0
pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def campus() -> Iterator[Campus]:
    """A small course: one forum of four discussions, one reflection."""
    app = create_campus(CampusSettings(environment="test"))
    server, thread = serve(app, 0)
    content = campus_of(app).content
    del content.forums[1:], content.assignments[1:], content.forums[0].discussions[4:]
    yield campus_of(app)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(campus: Campus) -> Iterator[FaultyServer]:
    with faulty(campus.settings.base_url) as running:
        yield running


@dataclass
class Time:
    """Pauses take no time here; what they would have taken is added up."""

    pauses: list[float] = field(default_factory=list)

    @property
    def now(self) -> float:
        return sum(self.pauses)


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The pauses before another try and those that a budget asks for, kept and not waited for."""
    told = Time()
    monkeypatch.setattr(retrying, "time", SimpleNamespace(sleep=told.pauses.append))
    monkeypatch.setattr(throttling.Pace.__init__, "__defaults__", (monotonic, told.pauses.append))
    monkeypatch.setattr(throttling, "_paces", {})
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.5)
    for module in ("moodle_calls", "canvas_calls"):
        monkeypatch.setattr(f"lti_tool.lms.{module}.LMS_BYTES", 20 * MEGABYTE)
    return told


@dataclass(frozen=True)
class Face:
    """One LMS of the campus: its connector, and the call by which posts of the first forum are read."""

    connector: Callable[[FaultyServer, str], Connector]
    token: Callable[[Campus], str]
    posts: str

    def read(self, server: FaultyServer, campus: Campus) -> dict[str, list[str]]:
        """A complete read: ids by kind."""
        connector = self.connector(server, self.token(campus))
        return {
            facts.kind: [post.external_id for post in connector.posts(facts)]
            for facts in connector.activities("2")
        }


def canvas_connector(server: FaultyServer, token: str) -> Connector:
    """With the pauses of its budget as they are."""
    return CanvasConnector(CanvasCalls(Client(settings_for(server)), server.url, token))


FACES = {
    "moodle": Face(moodle_connector, lambda campus: campus.settings.service_token, MOODLE_POSTS),
    "canvas": Face(canvas_connector, lambda campus: campus.settings.canvas_token, CANVAS_POSTS),
}
BROKEN: dict[str, Fault] = {
    "reset in the middle": faults.reset,
    "closed without a word": faults.closed,
    "half a body": faults.half,
    "chunks cut off": faults.chunk_cut,
    "invalid JSON": faults.not_json,
    "HTML": faults.html,
    "another host": faults.redirect,
    "20 MB and more": faults.huge,
    "a gzip bomb": faults.bomb,
    "too many calls": faults.saying(429),
    "too many calls, an hour": faults.saying(429, Retry_After="3600"),
    "an error": faults.saying(500),
    "a bad gateway": faults.saying(502),
    "maintenance": faults.saying(503, b""),
    "a gateway's time-out": faults.saying(504),
    "no such page": faults.saying(404),
    "no content": faults.saying(204, b""),
}
TRANSIENT = (
    "reset in the middle",
    "closed without a word",
    "half a body",
    "chunks cut off",
    "too many calls",
    "a bad gateway",
    "maintenance",
    "a gateway's time-out",
)


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> Face:
    return FACES[request.param]


def on_posts(face: Face, fault: Fault, first: int = 1, last: int = 10**6) -> Callable[[Call], Fault | None]:
    """The fault at the calls of the posts from the `first` to the `last`."""
    return lambda call: fault if call.name == face.posts and first <= call.count <= last else None


def fails(face: Face, server: FaultyServer, campus: Campus) -> UndertoneError:
    with pytest.raises((LmsUnavailableError, LmsRefusedError)) as raised:
        face.read(server, campus)
    return raised.value


def is_clean(error: UndertoneError, log: str, campus: Campus) -> bool:
    """Words for a person, and nothing of the LMS's own, of its address's secrets or of a text."""
    chain = [error, error.__cause__, None if error.__suppress_context__ else error.__context__]
    told = log + "".join(map(repr, chain)) + error.words
    secrets = (campus.settings.service_token, campus.settings.canvas_token, faults.LEAK, "Traceback")
    return len(error.words) > 20 and not any(secret in told for secret in secrets)


def grow(pauses: list[float]) -> bool:
    """Each at least as long as the one before, but for its jitter, and none longer than a minute."""
    steady = all(later > earlier - JITTER for earlier, later in pairwise(pauses))
    return steady and all(0 < pause < LONGEST_PAUSE for pause in pauses)


@pytest.mark.parametrize("fault", BROKEN)
def test_a_lasting_fault_ends_in_words_after_a_bounded_number_of_calls(
    face, fault, server, campus, time, caplog
):
    caplog.set_level(logging.DEBUG)
    server.plan = on_posts(face, BROKEN[fault])
    error = fails(face, server, campus)
    assert is_clean(error, caplog.text, campus)
    assert 1 <= server.calls[face.posts] <= MOST_TRIES
    assert len(time.pauses) == server.calls[face.posts] - 1
    assert grow(time.pauses)


@pytest.mark.parametrize("fault", TRANSIENT)
def test_a_passing_fault_is_waited_out(face, fault, server, campus, time):
    whole = face.read(server, campus)
    server.forget()
    server.plan = on_posts(face, BROKEN[fault], 1, 2)
    assert face.read(server, campus) == whole
    assert len(time.pauses) == 2
    assert min(map(len, whole.values())) > 3


@pytest.mark.parametrize("fault", ["20 MB and more", "too many calls, an hour"])
def test_what_another_try_cannot_change_is_asked_for_once(face, fault, server, campus, time):
    server.plan = on_posts(face, BROKEN[fault])
    fails(face, server, campus)
    assert (server.calls[face.posts], time.pauses) == (1, [])


def test_pauses_differ_from_one_time_to_the_next(face, server, campus, time):
    server.plan = on_posts(face, faults.saying(503))
    runs = []
    for _ in range(3):
        time.pauses.clear()
        server.calls.clear()
        fails(face, server, campus)
        runs.append(tuple(time.pauses))
    assert len(set(runs)) == 3


@pytest.mark.parametrize("fault", [faults.silent, faults.drip], ids=["silent", "dripping"])
def test_an_lms_that_keeps_us_waiting_is_hung_up_on(face, fault, server, campus, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.1)
    server.plan = on_posts(face, fault)
    assert is_clean(fails(face, server, campus), caplog.text, campus)
    assert server.calls[face.posts] <= MOST_TRIES


def test_a_connection_that_is_never_made_is_given_up(face, campus, monkeypatch, time):
    monkeypatch.setattr(outbound, "CONNECT_SECONDS", 0.1)
    with faults.nobody_accepts() as address:
        error = fails(face, FaultyServer("", url=address), campus)
    assert is_clean(error, "", campus)
    assert len(time.pauses) < MOST_TRIES


def test_a_redirect_gives_the_token_to_nobody(face, server, campus, no_network):
    server.plan = on_posts(face, faults.redirect)
    fails(face, server, campus)
    assert no_network == []


def test_a_minute_of_429_ends_well_or_in_words_and_the_next_read_is_whole(face, server, campus, time):
    whole = face.read(server, campus)
    server.forget()
    throttled = faults.saying(429)
    server.plan = lambda call: throttled if time.now < MINUTE and call.name == face.posts else None
    try:
        first = face.read(server, campus)
    except LmsUnavailableError:
        assert server.calls[face.posts] <= MOST_TRIES
        time.pauses.append(MINUTE)
        first = face.read(server, campus)
    assert first == whole


def test_a_token_that_ends_in_the_middle_is_named_at_once(face, server, campus, time):
    refused = {
        "moodle": faults.with_json({"exception": "x", "errorcode": "invalidtoken", "message": faults.LEAK}),
        "canvas": faults.saying(401, faults.LEAK.encode(), WWW_Authenticate='Bearer realm="canvas-lms"'),
    }
    name = next(name for name, one in FACES.items() if one is face)
    second = 2 if name == "moodle" else 1
    server.plan = on_posts(face, refused[name], second)
    error = fails(face, server, campus)
    assert isinstance(error, LmsRefusedError)
    assert "token" in error.words
    assert is_clean(error, "", campus)
    assert server.calls[face.posts] == second
    assert time.pauses == []


def test_lists_without_an_end_are_left_after_a_bounded_number_of_pages(face, server, campus, monkeypatch):
    monkeypatch.setattr("lti_tool.lms.canvas_calls.MOST_PAGES", 5)
    monkeypatch.setattr("lti_tool.lms.moodle_pages.MOST_PAGES", 5)
    monkeypatch.setattr("lti_tool.lms.moodle_pages.DISCUSSIONS_A_PAGE", 1)
    endless = {
        "/api/v1/courses/2/discussion_topics": lambda call: faults.linked(
            lambda reply: f"{server.url}{call.name}?per_page=100&page=first&seen={call.count}"
        ),
        "mod_forum_get_forum_discussions": lambda call: faults.with_json(
            {"discussions": [{"discussion": 100 + call.count, "timemodified": 1, "created": 1}]}
        ),
    }
    server.plan = lambda call: endless[call.name](call) if call.name in endless else None
    error = fails(face, server, campus)
    assert "no end" in error.words
    assert sum(server.calls[name] for name in endless) <= 12


def test_a_page_that_repeats_is_not_taken_for_the_whole(face, server, campus, monkeypatch):
    """Canvas's next page leads back to itself; Moodle gives the same page under every number."""
    monkeypatch.setattr("lti_tool.lms.canvas_calls.MOST_PAGES", 5)
    monkeypatch.setattr("lti_tool.lms.moodle_pages.DISCUSSIONS_A_PAGE", 2)
    first: dict[str, Any] = {}
    repeated = {
        "/api/v1/courses/2/discussion_topics": faults.linked(
            lambda reply: f"{server.url}/api/v1/courses/2/discussion_topics?per_page=100"
        ),
        "mod_forum_get_forum_discussions": faults.changed(
            lambda body: first.setdefault("page", body) if len(body["discussions"]) == 2 or first else body
        ),
    }
    server.plan = lambda call: repeated.get(call.name)
    error = fails(face, server, campus)
    assert isinstance(error, LmsUnavailableError)
    assert sum(server.calls[name] for name in repeated) <= 10


def test_without_a_fault_the_server_in_front_changes_nothing(face, server, campus):
    """Else the tests above could all fail for another reason."""
    direct = face.read(FaultyServer("", url=campus.settings.base_url), campus)
    assert face.read(server, campus) == direct
