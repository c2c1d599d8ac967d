"""A worker that is killed and started again ends where an undisturbed one ends (design decision 6)."""

import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lti_tool.scoring import weights
from lti_tool.scoring.serving import history
from tests.kills.conftest import OF_SCORING, Before
from tests.kills.dump import dump
from tests.kills.home import Home, at_share, children_of, finish, has_ended, kill_at, seeded, wait

pytestmark = [pytest.mark.kill, pytest.mark.long]

RUN_SECONDS = 14.0
"""About what an undisturbed run takes on two cores."""
TRAINING_STEPS = ("", "Training", "Measuring the candidate", "Measuring the serving model")


def same_as_undisturbed(home: Home, before: Before, without: tuple[str, ...] = ()) -> None:
    with home.database() as database:
        now = dump(database)
    for table in sorted(
        now, key=lambda name: name != "training_runs"
    ):  # the decision first: it tells the most
        if table not in without:
            assert now[table] == before.after[table], table


def count(home: Home, table: str) -> int:
    connection = sqlite3.connect(home.folder / "undertone.db")
    try:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    finally:
        connection.close()


def test_a_killed_pull_is_gone_on_with(before_pull: Before, tmp_path: Path) -> None:
    home, chance = before_pull.home.copy(tmp_path / "home"), seeded("pull")
    under_way, _ = kill_at(home, "pull", at_share(chance.random() * 0.6, "texts"))
    assert under_way
    assert count(home, "posts") < len(before_pull.after["posts"])
    finish(home, "pull")
    # A worker goes on with the scoring, which a test of its own looks at.
    same_as_undisturbed(home, before_pull, without=("jobs", *OF_SCORING))


@pytest.mark.campaign
def test_a_killed_scoring_is_gone_on_with(before_score: Before, tmp_path: Path) -> None:
    home, chance = before_score.home.copy(tmp_path / "home"), seeded("score")
    under_way, _ = kill_at(home, "score", at_share(0.3), pause=chance.random() * 0.05)
    assert under_way
    assert 0 < count(home, "scores") <= len(before_score.after["scores"])
    assert count(home, "course_models") == 0
    finish(home, "score")
    same_as_undisturbed(home, before_score)


@pytest.mark.campaign
def test_a_killed_retraining_is_gone_on_with(before_retraining: Before, tmp_path: Path) -> None:
    assert '"way": "training"' in before_retraining.after["training_runs"][0]
    home, chance = before_retraining.home.copy(tmp_path / "home"), seeded("retraining")
    moment = at_share(chance.random() * 0.7, chance.choice(TRAINING_STEPS[1:3]))
    under_way, children = kill_at(home, "retrain", moment)
    assert under_way
    assert len(children) == 1, "the training child was running"
    ends_soon(children[0])
    assert list(home.settings.weights_home.glob(".*")), "something half done was left behind"
    finish(home, "retrain")
    same_as_undisturbed(home, before_retraining)
    one_decision_and_whole_weights(home)


def ends_soon(pid: int) -> None:
    deadline = time.monotonic() + 10
    while not has_ended(pid):
        assert time.monotonic() < deadline, "the training child outlives its parent"
        time.sleep(0.02)


def one_decision_and_whole_weights(home: Home) -> None:
    assert count(home, "training_runs") == 1
    assert not [*home.settings.weights_home.glob(".*")], "nothing half done is left"
    with home.database() as database, database.reading() as session:
        moves = history(session)
        assert [move.number for move in moves] == list(range(1, len(moves) + 1))
    for place in home.settings.weights_home.iterdir():
        with home.database() as database:
            assert weights.fault(database, home.settings, place.name) is None


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_twenty_kills_at_random_moments(
    before_pull: Before, before_score: Before, before_retraining: Before, tmp_path: Path
) -> None:
    chance = seeded("campaign")
    works = {
        "pull": (before_pull, ("jobs", *OF_SCORING), ("",)),
        "score": (before_score, (), ("",)),
        "retrain": (before_retraining, (), TRAINING_STEPS),
    }
    in_the_middle = dict.fromkeys(works, 0)
    for number in range(20):
        kind = list(works)[number % 3]
        before, without, steps = works[kind]
        home = before.home.copy(tmp_path / str(number))
        step, share = chance.choice(steps), chance.random()
        moment = at_share(share, step) if step or chance.random() < 0.8 else lambda now: True
        under_way, children = kill_at(home, kind, moment, chance.random() * 0.3)
        for child in children:
            ends_soon(child)
        in_the_middle[kind] += under_way
        started = time.monotonic()
        finish(home, kind)
        same_as_undisturbed(home, before, without)
        if kind == "retrain":
            one_decision_and_whole_weights(home)
        where = f"{step or 'anywhere'} {share:.2f}"
        print(
            f"{number:2} {kind:8} {where:34} under way: {under_way}  ended after {time.monotonic() - started:.1f} s"
        )
    print(f"killed in the middle: {in_the_middle} of 7, 7 and 6; every end state was the undisturbed one")
    assert all(in_the_middle.values())


@pytest.mark.campaign
@pytest.mark.timeout(5400)
def test_fifty_kills_of_runs_that_two_workers_could_take(before_retraining: Before, tmp_path: Path) -> None:
    """One of two workers, or both, are killed at any moment of a run; whoever is left or comes after ends it."""
    chance, survived, in_the_middle = seeded("fifty"), 0, 0
    for number in range(50):
        home = before_retraining.home.copy(tmp_path / str(number))
        moment = chance.random() * RUN_SECONDS
        with home.worker() as one, home.worker() as other:
            wait(lambda home=home: home.state("retrain") != "queued", one)
            time.sleep(moment)
            victims = chance.choice([[one], [other], [one, other]])
            orphans = [child for victim in victims for child in children_of(victim.pid)]
            in_the_middle += bool(orphans)
            for victim in victims:
                victim.kill()
                victim.wait()
            for orphan in orphans:
                ends_soon(orphan)
            if len(victims) == 1:
                survived += 1
                left = other if victims == [one] else one
                wait(lambda home=home: home.state("retrain") in ("done", "failed"), left)
        finish(home, "retrain")
        same_as_undisturbed(home, before_retraining)
        one_decision_and_whole_weights(home)
        print(
            f"{number:2} after {moment:4.1f} s: {len(victims)} of 2 killed, a child among them: {bool(orphans)}"
        )
    print(
        f"killed while training or measuring: {in_the_middle} of 50; the other worker ended the run: {survived}"
    )
    assert in_the_middle >= 10


@pytest.mark.campaign
@pytest.mark.timeout(900)
def test_two_schedulers_at_the_same_minute_run_once(before_retraining: Before, tmp_path: Path) -> None:
    """Both workers' clocks strike: there is one run, and it comes to the undisturbed one's decision."""
    home = before_retraining.home.copy(tmp_path / "home")
    connection = sqlite3.connect(home.folder / "undertone.db")
    with connection:
        connection.execute("DELETE FROM jobs")
    connection.close()
    strikes = datetime.now(UTC) + timedelta(seconds=75)
    with home.worker(strikes) as one, home.worker(strikes):
        wait(lambda: count(home, "jobs") > 0, one)
        wait(lambda: home.state("retrain") in ("done", "failed"), one)
        time.sleep(5)
    assert home.state("retrain") == "done"
    assert count(home, "training_runs") == 1
    one_decision_and_whole_weights(home)
    same_as_undisturbed(home, before_retraining, without=("jobs", "audit_events"))
