"""A pull that meets a fault over a real connection, then one that does not: the end is as if nothing had been (S47)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import delete

from lti_tool.demo.campus import Campus, CampusSettings, campus_of, create_campus, serve
from lti_tool.errors import UndertoneError
from lti_tool.ingest.tables import Post, PullCursor
from lti_tool.lms import Connector, retrying, throttling
from tests.ingest.conftest import Pulled, make_course
from tests.ingest.test_campus_pull import enrol, facts_of
from tests.lms import faulty_server as faults
from tests.lms.captured_lms import canvas_connector, moodle_connector
from tests.lms.faulty_server import Call, Fault, FaultyServer, faulty

pytestmark = pytest.mark.long

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
READ: dict[str, tuple[Callable[[FaultyServer, str], Connector], str, tuple[str, ...]]] = {
    "moodle": (
        moodle_connector,
        "service_token",
        ("mod_forum_get_discussion_posts", "mod_assign_get_submissions"),
    ),
    "canvas": (
        canvas_connector,
        "canvas_token",
        ("/api/v1/courses/2/discussion_topics/1/view", "/api/v1/courses/2/students/submissions"),
    ),
}
LASTING: dict[str, Fault] = {
    "reset": faults.reset,
    "half": faults.half,
    "chunks": faults.chunk_cut,
    "not JSON": faults.not_json,
    "HTML": faults.html,
    "elsewhere": faults.redirect,
    "429": faults.saying(429),
    "500": faults.saying(500),
    "401": faults.saying(401, WWW_Authenticate='Bearer realm="canvas-lms"'),
    "wrong form": faults.with_json({"posts": [{"id": {}}], "view": [{"id": {}}], "assignments": 7}),
}
RIGHT_GONE = faults.with_json({"posts": []})
"""Moodle's answer in place of an error."""


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(seconds: float) -> None:
        pass

    monkeypatch.setattr(retrying, "time", SimpleNamespace(sleep=sleep))
    monkeypatch.setattr(throttling.Pace.__init__, "__defaults__", (lambda: 0.0, sleep))
    monkeypatch.setattr(throttling, "_paces", {})


@pytest.fixture
def campus() -> Iterator[Campus]:
    """Two forums of a few discussions, and two reflections."""
    app = create_campus(CampusSettings(environment="test", now=lambda: NOW, start=NOW - timedelta(days=44)))
    server, thread = serve(app, 0)
    content = campus_of(app).content
    del content.forums[2:], content.assignments[2:]
    for forum in content.forums:
        del forum.discussions[4:]
    yield campus_of(app)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(campus: Campus) -> Iterator[FaultyServer]:
    with faulty(campus.settings.base_url) as running:
        yield running


def course_in(folder: Path, campus: Campus) -> Pulled:
    folder.mkdir()
    course = enrol(make_course(folder), campus)
    course.now = NOW
    return course


def pull(course: Pulled, kind: str, server: FaultyServer, campus: Campus) -> None:
    make, token, _ = READ[kind]
    course.pull(None, connector=make(server, getattr(campus.settings, token)), complete=True)


def pulled(course: Pulled, kind: str, server: FaultyServer, campus: Campus) -> UndertoneError | None:
    try:
        pull(course, kind, server, campus)
    except UndertoneError as error:
        return error
    return None


def forget(course: Pulled) -> None:
    """As if nothing had been read."""
    with course.database.session() as session:
        session.execute(delete(Post))
        session.execute(delete(PullCursor))


@pytest.mark.parametrize("kind", READ)
def test_after_any_fault_in_the_middle_the_next_pull_ends_as_if_there_had_been_none(
    kind, server, campus, tmp_path
):
    """In the middle of a forum or of a reflection; what was read until then stays, and nothing is taken for deleted."""
    course = course_in(tmp_path / "one", campus)
    pull(course, kind, server, campus)
    expected = facts_of(course)
    assert len(expected) > 15
    lasting = LASTING | ({"a right is gone": RIGHT_GONE} if kind == "moodle" else {})
    for place, (name, fault) in enumerate(lasting.items()):
        forget(course)
        server.forget()
        spoilt, first = READ[kind][2][place % 2], 2 if kind == "moodle" and place % 2 == 0 else 1
        server.plan = lambda call, f=fault, s=spoilt, n=first: (
            f if call.name == s and call.count >= n else None
        )
        error = pulled(course, kind, server, campus)
        assert error is None or len(error.words) > 20
        assert set(facts_of(course)) < set(expected), f"{name} disturbed nothing"
        assert server.calls[spoilt] <= 10
        spoil, server.plan = server.plan, lambda call: None
        pull(course, kind, server, campus)
        assert facts_of(course) == expected, name
        server.plan = spoil
        server.calls.clear()
        pulled(course, kind, server, campus)
        assert facts_of(course) == expected, f"{name} was taken for a deletion"


@pytest.mark.parametrize("kind", READ)
def test_an_lms_that_is_down_changes_nothing_and_is_called_a_few_times(kind, server, campus, tmp_path):
    course = course_in(tmp_path / "down", campus)
    pull(course, kind, server, campus)
    before = facts_of(course)
    for _ in range(3):
        server.forget()
        server.plan = everywhere(faults.saying(503, b""))
        with pytest.raises(UndertoneError):
            pull(course, kind, server, campus)
        assert server.calls.total() <= 10
        assert facts_of(course) == before
    server.forget()
    pull(course, kind, server, campus)
    assert facts_of(course) == before


def everywhere(fault: Fault) -> Callable[[Call], Fault | None]:
    return lambda call: fault
