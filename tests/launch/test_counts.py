"""Counts of one process: windows that end, sweeping, and many threads at once."""

import threading
from types import SimpleNamespace

import pytest

from lti_tool.launch import counts
from lti_tool.launch.counts import SWEEP_SECONDS, Counts


@pytest.fixture
def at(monkeypatch):
    """`at.seconds` is the time."""
    clock = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr(counts, "time", SimpleNamespace(time=lambda: clock.seconds))
    return clock


def test_a_window_begins_with_its_first_request_and_ends(at):
    kept = Counts()
    assert [kept.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    at.seconds += 59
    assert (kept.get("a"), kept.get_expiry("a")) == (3, 1060)
    at.seconds += 1
    assert (kept.get("a"), kept.get_expiry("a")) == (0, 1060)
    assert kept.incr("a", 60) == 1


def test_keys_do_not_share_and_can_be_cleared(at):
    kept = Counts()
    kept.incr("a", 60, amount=2)
    kept.incr("b", 60)
    kept.clear("a")
    assert (kept.get("a"), kept.get("b")) == (0, 1)
    assert kept.reset() == 1
    assert kept.get("b") == 0


def test_what_has_ended_is_forgotten_once_a_minute(at):
    kept = Counts()
    for number in range(1000):
        kept.incr(str(number), 30)
    at.seconds += SWEEP_SECONDS
    kept.incr("last", 30)
    assert list(kept.kept) == ["last"]


def test_no_request_of_many_threads_is_lost():
    kept = Counts()

    def ask() -> None:
        for _ in range(2000):
            kept.incr("a", 60)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept.get("a") == 16_000
