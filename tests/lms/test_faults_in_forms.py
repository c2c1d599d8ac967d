"""Answers in which one field holds something else: words or well-formed posts, whatever it holds (S47, S31)."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.demo.campus import CampusSettings, create_campus
from lti_tool.errors import UndertoneError
from lti_tool.ingest.own_words import own_words
from lti_tool.lms import ActivityFacts, Connector, PostFacts
from lti_tool.lms.canvas import CanvasConnector
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.moodle import MoodleConnector
from lti_tool.lms.moodle_calls import MoodleCalls
from lti_tool.outbound.client import Answer
from tests.lms.in_process import TOKEN, InProcess

Path = tuple[str | int, ...]
SURROGATE = "\ud800"
"""Half of a character: JSON may hold it (RFC 8259, 8.2), no encoding and no database does."""
OTHERS: tuple[Any, ...] = (
    None,
    True,
    "",
    "x",
    "\x00",
    SURROGATE,
    "2026-13-40T99:00:00Z",
    "2026-03-02T00:00:00",
    "0001-01-01T00:00:00+14:00",
    0,
    -1,
    1.5,
    10**18,
    10**400,
    float("inf"),
    float("nan"),
    [],
    [[]],
    [None],
    {},
    {"id": {}},
    "9" * 5000,
    "@elsewhere.example/?",
    '"><script>',
)

USED = frozenset(
    "id discussion created_at updated_at submitted_at timecreated timemodified user_id author message body subject "
    "title name parent_id parentid instance section".split()
)


@dataclass
class Recorded:
    """Answers of the campus, kept; `instead` may change the body of one of them by its place.

    What is asked because of such a change is answered by the campus itself.
    """

    behind: InProcess
    kept: dict[tuple[Any, ...], Answer] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    """Those of the undisturbed read, in order."""
    instead: Callable[[int, Any], Any] = lambda place, body: body

    def get(self, url: str, params: Any = None, **options: Any) -> Answer:
        return self._answer(self.behind.get, url, params or {}, **options)

    def post(self, url: str, data: Any = None, **options: Any) -> Answer:
        return self._answer(self.behind.post, url, data or {}, **options)

    def _answer(self, ask: Callable[..., Answer], url: str, sent: Any, **options: Any) -> Answer:
        key = (url, json.dumps(sent, sort_keys=True))
        if key not in self.kept:
            answer = ask(url, options.get("headers"), sent) if ask == self.behind.get else ask(url, sent)
            if self.answers:
                return answer
            self.kept[key] = answer
        answer = self.kept[key]
        body = self.instead(list(self.kept).index(key), json.loads(answer.body))
        return Answer(answer.status, answer.headers, json.dumps(body).encode())


def moodle_over(client: Any) -> Connector:
    return MoodleConnector(MoodleCalls(client, "http://localhost:8701", TOKEN))


def canvas_over(client: Any) -> Connector:
    return CanvasConnector(CanvasCalls(client, "http://localhost:8701", TOKEN))


CONNECTORS = {"moodle": moodle_over, "canvas": canvas_over}


@pytest.fixture(scope="module", params=CONNECTORS)
def face(request: pytest.FixtureRequest) -> tuple[Callable[[Any], Connector], Recorded]:
    """A face and the answers to one complete read of a small course."""
    start = datetime(2026, 3, 2, tzinfo=UTC)
    app = create_campus(
        CampusSettings(environment="test", service_token=TOKEN, canvas_token=TOKEN, start=start)
    )
    content = app.extensions["campus"].content
    del content.forums[1:], content.assignments[1:], content.forums[0].discussions[2:]
    recorded = Recorded(InProcess(app))
    connector = CONNECTORS[request.param]
    assert len(list(read(connector(recorded)))) > 5
    recorded.answers = list(recorded.kept.values())
    return connector, recorded


def read(connector: Connector) -> Iterator[tuple[ActivityFacts, PostFacts]]:
    for facts in connector.activities("2"):
        if not facts.unreadable:
            for post in connector.posts(facts):
                yield facts, post


def paths(body: Any, start: Path = ()) -> Iterator[Path]:
    """Every place in the body, the body itself first."""
    yield start
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in inside:
        yield from paths(value, (*start, key))


def put(body: Any, path: Path, value: Any) -> Any:
    """The body with another value at the place."""
    if not path:
        return value
    place = body
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return body


def without(body: Any, path: Path) -> Any:
    """The body without what stands at the place."""
    place = body
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return body


def check(connector: Connector) -> None:
    """Every post that came is well formed, and the read ended in one of our own errors or well."""
    refused = None
    try:
        for facts, post in read(connector):
            for words in (
                facts.external_id,
                facts.name,
                facts.url,
                post.external_id,
                post.author_id,
                post.url,
            ):
                assert isinstance(words, str)
                words.encode()
            assert post.external_id
            assert post.deleted or isinstance(post.html, str)
            assert post.created_at.astimezone(UTC)
            assert post.edited_at is None or post.edited_at.astimezone(UTC)
            for url in (facts.url, post.url):
                assert not url or urlsplit(url).netloc == "localhost:8701"
            own_words(post.html).encode()
            (post.title or "").encode()
    except UndertoneError as error:
        refused = error
    if refused is not None:
        assert len(refused.words) > 20
        assert refused.__suppress_context__ or refused.__context__ is None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_one_field_of_another_kind_is_words_or_well_formed_posts(face, data):
    connector, recorded = face
    where = data.draw(st.integers(0, len(recorded.answers) - 1))
    path = data.draw(st.sampled_from(list(paths(json.loads(recorded.answers[where].body)))))
    value = data.draw(st.sampled_from(OTHERS))
    recorded.instead = lambda place, body: put(body, path, value) if place == where else body
    check(connector(recorded))


def test_the_fields_that_are_used_hold_anything(face):
    """The last answer that has one, in its first place, with every kind of value."""
    connector, recorded = face
    places: dict[Any, tuple[int, Path]] = {}
    for where, answer in reversed(list(enumerate(recorded.answers))):
        for path in paths(json.loads(answer.body)):
            if path and path[-1] in USED:
                places.setdefault(path[-1], (where, path))
    for where, path in places.values():
        for value in OTHERS:
            recorded.instead = lambda place, body, w=where, p=path, v=value: (
                put(body, p, v) if place == w else body
            )
            check(connector(recorded))


def test_every_field_that_is_left_out_is_words_or_well_formed_posts(face):
    """Of the first two rows of each answer; the others hold the same fields."""
    connector, recorded = face
    for where, answer in enumerate(recorded.answers):
        for path in paths(json.loads(answer.body)):
            if path and all(isinstance(key, str) or key < 2 for key in path):
                recorded.instead = lambda place, body, w=where, p=path: (
                    without(body, p) if place == w else body
                )
                check(connector(recorded))
