"""Few calls at once, and pauses before a token's budget is spent; time is the test's own."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lti_tool.lms.throttling import AT_ONCE, LONGEST_PAUSE, Pace, pace_of
from tests.lms.contract.canvas_face import Seconds


def remaining(pace, told):
    pace.heard({"X-Rate-Limit-Remaining": told})


@pytest.mark.parametrize(
    ("told", "pause"),
    [
        ("600.0", 0.0),
        ("150", 0.0),
        ("100.5", 4.95),
        ("0.0", 15.0),
        ("-900", LONGEST_PAUSE),
        ("-inf", LONGEST_PAUSE),
        ("inf", 0.0),
        ("nan", 0.0),
        ("much", 0.0),
        ("", 0.0),
    ],
)
def test_the_pause_lasts_until_enough_has_leaked_away(told, pause):
    pace = Pace(Seconds(), lambda seconds: None)
    remaining(pace, told)
    assert pace.pause() == pytest.approx(pause)


def test_time_that_passes_counts_and_an_answer_that_says_nothing_changes_nothing():
    seconds = Seconds()
    pace = Pace(seconds, seconds.sleep)
    remaining(pace, "50")
    seconds.now += 4
    pace.heard({})
    assert pace.pause() == pytest.approx(6)
    with pace.turn():
        pass
    assert seconds.slept == [pytest.approx(6)]
    assert pace.pause() == 0


def test_at_most_three_calls_of_a_token_are_in_flight():
    pace, full, release = Pace(), threading.Barrier(AT_ONCE + 1), threading.Event()
    inside = []

    def call() -> None:
        with pace.turn():
            inside.append(1)
            if len(inside) <= AT_ONCE:
                full.wait(5)
                release.wait(5)

    with ThreadPoolExecutor(AT_ONCE + 2) as pool:
        calls = [pool.submit(call) for _ in range(AT_ONCE + 2)]
        full.wait(5)
        assert len(inside) == AT_ONCE
        release.set()
        for one in calls:
            one.result(5)
    assert len(inside) == AT_ONCE + 2


def test_readers_of_one_token_share_a_pace_and_it_goes_with_them():
    one, other = pace_of("a token"), pace_of("another")
    assert pace_of("a token") is one
    assert other is not one
    remaining(one, "10")
    assert pace_of("a token").pause() > 0
    del one
    assert pace_of("a token").pause() == 0
