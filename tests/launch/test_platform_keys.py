"""How long a platform's keys are used, and how often they are fetched (S10, L35)."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from lti_tool.launch.errors import LaunchRefusedError
from lti_tool.launch.platform_keys import KeySets
from lti_tool.outbound.client import Answer, OutboundFailedError, OutboundRefusedError

START = datetime(2026, 9, 1, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
URL = "https://lms.example.edu/keys"
SECONDS_TO_WAIT = 20


def key_set(*kids: str) -> Answer:
    return answer({"keys": [{"kid": kid, "kty": "RSA"} for kid in kids]})


def answer(body: Any, status: int = 200) -> Answer:
    return Answer(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())


class Publisher:
    """Stands in for the client: answers with `gives`, raises it, or calls it."""

    def __init__(self) -> None:
        self.gives: Answer | Exception | Callable[[], Answer] = key_set("a")
        self.asked = 0

    def get(self, _url: str, headers: dict[str, str]) -> Answer:
        self.asked += 1
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives if isinstance(self.gives, Answer) else self.gives()


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def sets(publisher: Publisher) -> KeySets:
    return KeySets(publisher)  # type: ignore[arg-type]


def outcome(sets: KeySets, after: timedelta, kid: str = "a") -> str:
    """The key's name, or the code of the refusal."""
    try:
        return str(sets.key(START + after, URL, kid)["kid"])
    except LaunchRefusedError as refused:
        return refused.code


FAILURES: dict[str, Answer | Exception] = {
    "no answer": OutboundFailedError(),
    "too slow": OutboundFailedError(code="outbound_too_slow"),
    "not to be called": OutboundRefusedError(),
    "status": answer({"keys": []}, 500),
    "page": answer(b"<html></html>"),
    "no text": answer(b"\xff\xfe\x00"),
    "empty": answer(b""),
    "brackets": answer(b"[" * 200_000),
    "brackets in a key": answer(b'{"keys": [{"kid": "a", "n": ' + b"[" * 200_000),
    "objects": answer(b'{"keys":' * 100_000),
    "huge number": answer(b'{"keys": ' + b"9" * 10_000 + b"}"),
    "list": answer([]),
    "number": answer(7),
    "nothing": answer(None),
    "no keys": answer({}),
    "keys no list": answer({"keys": {"a": {}}}),
    "key no object": answer({"keys": [{"kid": "a"}, "b"]}),
}
failures = pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)


def test_a_set_is_fetched_once_in_three_quarters_of_an_hour(sets, publisher):
    for minutes in (0, 1, 30, 44):
        assert outcome(sets, minutes * MINUTE) == "a"
    assert publisher.asked == 1
    assert outcome(sets, 45 * MINUTE) == "a"
    assert outcome(sets, 89 * MINUTE) == "a"
    assert publisher.asked == 2


@failures
def test_an_outage_is_survived_until_the_hour_is_over_and_no_longer(sets, publisher, failure):
    outcome(sets, timedelta())
    publisher.gives = failure
    assert outcome(sets, 46 * MINUTE) == "a"
    assert outcome(sets, 60 * MINUTE - SECOND) == "a"
    assert outcome(sets, 60 * MINUTE) == "platform_keys"
    assert outcome(sets, 120 * MINUTE) == "platform_keys"


@failures
def test_failures_are_a_minute_apart_with_and_without_a_set(sets, publisher, failure):
    publisher.gives = failure
    for seconds in (0, 1, 59):
        assert outcome(sets, seconds * SECOND) == "platform_keys"
    assert publisher.asked == 1
    publisher.gives = key_set("a")
    assert outcome(sets, MINUTE) == "a"
    publisher.gives = failure
    for seconds in (0, 1, 59):
        assert outcome(sets, 50 * MINUTE + seconds * SECOND) == "a"
    assert publisher.asked == 3
    outcome(sets, 51 * MINUTE)
    assert publisher.asked == 4


def test_a_withdrawn_key_is_refused_after_an_hour_at_the_latest(sets, publisher):
    outcome(sets, timedelta())
    publisher.gives = key_set("b")
    assert outcome(sets, 44 * MINUTE) == "a"
    assert outcome(sets, 60 * MINUTE) == "kid_unknown"
    assert outcome(sets, 60 * MINUTE, "b") == "b"


def test_a_key_named_anew_is_fetched_at_most_once_a_minute(sets, publisher):
    outcome(sets, timedelta())
    for number in range(5):
        assert outcome(sets, 59 * SECOND, f"random-{number}") == "kid_unknown"
    assert publisher.asked == 1
    publisher.gives = key_set("a", "b")
    assert outcome(sets, MINUTE, "b") == "b"
    assert publisher.asked == 2


def test_a_key_that_could_not_be_looked_for_is_not_called_unknown(sets, publisher):
    outcome(sets, timedelta())
    publisher.gives = OutboundFailedError()
    assert outcome(sets, 2 * MINUTE, "b") == "platform_keys"
    assert outcome(sets, 2 * MINUTE, "a") == "a"


def test_a_check_of_the_connection_that_fails_forgets_no_keys(sets, publisher):
    assert sets.reachable(START, URL)
    publisher.gives = OutboundFailedError()
    assert not sets.reachable(START + MINUTE, URL)
    assert outcome(sets, 2 * MINUTE) == "a"


def test_nobody_with_a_usable_key_waits_for_a_slow_fetch(sets, publisher):
    """And those without one do not start another fetch."""
    outcome(sets, timedelta())
    begun, go_on = Event(), Event()

    def slow() -> Answer:
        begun.set()
        assert go_on.wait(SECONDS_TO_WAIT)
        return key_set("a", "b")

    publisher.gives = slow
    with ThreadPoolExecutor() as threads:
        fetching = threads.submit(outcome, sets, 50 * MINUTE)
        try:
            assert begun.wait(SECONDS_TO_WAIT)
            lacking = [threads.submit(outcome, sets, 50 * MINUTE, "b") for _ in range(2)]
            served = threads.submit(outcome, sets, 50 * MINUTE)
            assert served.result(SECONDS_TO_WAIT / 2) == "a"
            assert not fetching.done()
        finally:
            go_on.set()
        assert fetching.result(SECONDS_TO_WAIT) == "a"
        assert [one.result(SECONDS_TO_WAIT) for one in lacking] == ["b", "b"]
    assert publisher.asked == 2
