"""Calls of Canvas's API: paging against hostile links, tokens that end on the way, and grades that go nowhere."""

import gc
import json
from types import FunctionType, ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from lti_tool.lms import LmsRefusedError, LmsUnavailableError, retrying
from lti_tool.lms.canvas import CanvasConnector
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.errors import CanvasTokenExpiredError
from lti_tool.lms.throttling import Pace
from lti_tool.outbound.client import Answer
from tests.lms.contract.canvas_face import Seconds, canvas_face
from tests.lms.contract.face import read, texts

SITE = "https://school.example"


class Scripted:
    """A client that gives the same answer to every call, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def get(self, url, headers=None, params=None, most_bytes=0):
        self.asked.append((url, headers))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.0)


def calls(client, **more):
    return CanvasCalls(client, SITE, "t0ken", pace=Pace(Seconds(), lambda seconds: None), **more)


def page(link="", rows=(), name="Link"):
    return Answer(200, CaseInsensitiveDict({name: link}), json.dumps(list(rows)).encode())


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/api/v1/x?page=2",
        "http://school.example/api/v1/x?page=2",
        "https://school.example.elsewhere.example/x",
        "https://school.example@elsewhere.example/x",
        "https://user:word@school.example/x",
        "https://school.example:8443/x",
        "https://school.example:port/x",
        "//elsewhere.example/x",
        "/api/v1/x?page=2",
        "file:///etc/passwd",
    ],
)
def test_a_next_page_anywhere_else_is_refused_and_never_called(url):
    client = Scripted(page(f'<{url}>; rel="next"', [{"id": 1}]))
    with pytest.raises(LmsRefusedError, match="another host"):
        list(calls(client).pages("/x"))
    assert len(client.asked) == 1


@pytest.mark.parametrize(
    "host", ["https://school.example", "https://SCHOOL.example", "https://school.example:443"]
)
@pytest.mark.parametrize("name", ["Link", "link", "LINK"])
def test_a_next_page_on_the_same_host_is_followed_as_it_is(host, name):
    url = f"{host}/api/v1/x?page=bookmark:WyJh,YiJd&per_page=100"
    links = f'<{host}/api/v1/x?page=1>; rel="current",<{url}>; rel="next",<{host}/x>; rel="first"'
    client = Scripted(page(links, name=name), page("", [{"id": 2}]))
    assert list(calls(client).pages("/x")) == [{"id": 2}]
    assert client.asked[1][0] == url


def test_a_page_that_repeats_is_an_error_and_not_read_again():
    client = Scripted(page(f'<{SITE}/api/v1/x?page=2>; rel="next"', [{"id": 1}]))
    with pytest.raises(LmsUnavailableError, match="no end"):
        list(calls(client).pages("/x"))
    assert len(client.asked) == 2


@given(st.text(max_size=60))
def test_whatever_stands_in_a_link_header_gives_rows_or_an_error(link):
    client = Scripted(page(link, [{"id": 1}]), page("", []))
    try:
        assert next(iter(calls(client).pages("/x"))) == {"id": 1}
        list(calls(client).pages("/x"))
    except (LmsRefusedError, LmsUnavailableError):
        pass
    assert all(url.startswith(SITE) for url, _ in client.asked)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["id", "view", "new_entries", "items", "position", "name", "type", "published"]
                ),
                inner,
            )
        ),
        max_leaves=8,
    )
)
def test_json_of_any_form_is_read_or_is_an_error(body):
    connector = CanvasConnector(calls(Scripted(Answer(200, {}, json.dumps(body).encode()))))
    try:
        for facts in connector.activities("7"):
            if not facts.unreadable:
                list(connector.posts(facts))
    except (LmsRefusedError, LmsUnavailableError):
        pass


def lent(face, token, seconds=3600.0):
    """A token of the campus that ends after an hour."""
    face.switches.access.admit(token, ends=face.seconds() + seconds)
    return token


def test_a_token_that_ends_on_the_way_is_renewed_once_and_the_reading_goes_on():
    with canvas_face() as face:
        renewed = []

        def renew(old):
            renewed.append(old)
            face.switches.access.replace(old)
            return lent(face, f"token{len(renewed)}")

        def before(number):
            face.seconds.now += 3599.5 if number == 6 else 0.1

        whole = texts(read(face.connector()))
        face.client.addresses.clear()
        face.client.before = before
        pace = Pace(face.seconds, face.seconds.sleep)
        client = CanvasCalls(face.client, face.root, lent(face, "token0"), renew=renew, pace=pace)
        assert texts(read(CanvasConnector(client))) == whole
        assert renewed == ["token0"]


def test_an_ended_token_that_nobody_renews_says_so_and_a_renewed_one_that_is_refused_too_is_no_loop():
    with canvas_face() as face:
        lent(face, "old", 0.0)
        with pytest.raises(CanvasTokenExpiredError):
            read(face.connector("old"))
        asked = []

        def renew(old):
            asked.append(old)
            return "worse"

        client = CanvasCalls(
            face.client, face.root, "old", renew=renew, pace=Pace(face.seconds, face.seconds.sleep)
        )
        with pytest.raises(CanvasTokenExpiredError):
            read(CanvasConnector(client))
        assert asked == ["old"]


def test_a_revoked_token_and_a_missing_scope_are_not_renewed():
    with canvas_face() as face:
        lent(face, "revoked")
        face.switches.access.revoke("revoked")
        face.switches.access.admit("narrow", scopes=frozenset())
        for token, code in (("revoked", "canvas_token_revoked"), ("narrow", "canvas_scopes")):
            client = CanvasCalls(face.client, face.root, token, renew=lambda old: pytest.fail("renewed"))
            with pytest.raises(LmsRefusedError) as raised:
                read(CanvasConnector(client))
            assert raised.value.code == code


def held(thing, seen):
    """Every string that can be reached from an object without leaving for code or modules."""
    if id(thing) in seen or isinstance(thing, ModuleType | FunctionType | type):
        return
    seen.add(id(thing))
    if isinstance(thing, str | bytes | int | float):
        yield str(thing)
    else:
        for other in gc.get_referents(thing):
            yield from held(other, seen)


def test_scores_reach_neither_facts_nor_anything_that_the_connector_keeps():
    with canvas_face() as face:
        marks = {"score": 93.8125, "grade": "PLANTED+", "entered_score": 93.8125, "entered_grade": "PLANTED+"}
        face.switches.scores.update(marks)
        face.client, client = None, face.client
        pace = Pace(face.seconds, face.seconds.sleep)
        answers = []

        class Listening:
            def get(self, *args, **named):
                answers.append(client.get(*args, **named))
                return answers[-1]

        connector = CanvasConnector(CanvasCalls(Listening(), face.root, face.secret, pace=pace))
        posts = read(connector)
        assert any(b"93.8125" in answer.body and b"PLANTED+" in answer.body for answer in answers)
        answers.clear()
        client.app = None
        assert not any("93.8125" in words or "PLANTED" in words for words in held([posts, connector], set()))
