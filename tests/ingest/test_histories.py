"""Random histories: any pulls, then one complete pass, end as a fresh complete pull into an empty database does."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.ingest.conftest import Pulled, another_course, make_course
from tests.ingest.histories.play import NAMES, History

HERE, CAMPAIGN = 24, 2000
A_DAY_AND_MORE = timedelta(hours=25)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    made = make_course(tmp_path_factory.mktemp("histories"))
    event.listen(made.database.engine, "connect", _never_waiting_for_the_disk)
    yield made
    made.database.dispose()


def _never_waiting_for_the_disk(connection, _record):
    connection.execute("PRAGMA synchronous=OFF")


@pytest.mark.parametrize("first", range(0, HERE, 8))
def test_pulls_and_a_complete_pass_end_as_a_fresh_pull_does(home, first):
    for seed in range(first, first + 8):
        play(home, seed)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(HERE, CAMPAIGN, 97))
def test_many_more_histories(home, first):
    for seed in range(first, min(first + 97, CAMPAIGN)):
        play(home, seed)


def play(home: Pulled, seed: int) -> None:
    """One history; the seed says all of it."""
    chance = random.Random(seed)
    history = History(another_course(home), chance.choice(("moodle", "canvas")), chance)
    history.skew = timedelta(minutes=chance.choice((-10, 0, 0, 10)))
    for _ in range(chance.randint(3, 7)):
        history.some_acts(8)
        history.wait(chance.choice((1, 5, 5, 30, 30, 120, 3000)))
        must, disturbed = history.readable(), chance.random() < 0.5
        read = history.pull(disturbed=disturbed)
        if read and not disturbed and not history.lms.stale:
            assert must <= history.held(), f"history {seed}: a pull of changes lost a post"
    end(history, by_itself=chance.random() < 0.5)
    left = history.stored()
    history.empty()
    assert history.pull(complete=True)
    assert left == history.stored(), f"history {seed}"


def end(history: History, *, by_itself: bool) -> None:
    """The complete pass: asked for, or as the schedule comes to it, which knows after a day that something is gone."""
    history.lms.refresh()
    for _ in range(2 if by_itself else 1):
        history.course.now += A_DAY_AND_MORE
        assert history.pull(complete=not by_itself)
    words = "\n".join(post.text for post in history.course.posts())
    here = [name for user, name in NAMES.items() if user not in history.away]
    assert not any(name in words for name in here)
