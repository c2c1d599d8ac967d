"""The plan of the learning campaign: what is left of it, and which night it chooses by its tuning."""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import learning
from tests.benchmarks.learning_trial import Night, Trial

OPTIONS = argparse.Namespace(night="{}", seeds=3, tiny=False, parts="together")


def options(out: Path, **changes: Any) -> argparse.Namespace:
    return argparse.Namespace(**{**vars(OPTIONS), "out": out, **changes})


def line(trial: Trial, asked: int, gain: float = 0.0, loss: float = 0.0) -> dict[str, Any]:
    """A line of results as `learning_trial` makes it, with the figures that the plan reads."""
    before = {"own": {"mean": 0.5}, "starter": {"mean": 0.8}, "umsab": {"mean": 0.6}}
    after = {"own": {"mean": 0.5 + gain}, "starter": {"mean": 0.8 - loss}, "umsab": {"mean": 0.6}}
    return {**trial.key, "asked": asked, "before": before, "after": {"kept": before, "refit": after}}


def test_every_corpus_seed_and_strategy_has_its_course(tmp_path: Path) -> None:
    trials = learning.plan(options(tmp_path / "none", parts="each,together"))
    assert len({json.dumps(one.key, sort_keys=True) for one in trials}) == len(trials) == 24
    assert not any(one.each for one in trials[:12])
    assert {one.budgets for one in trials} == {(50, 200, 500)}


def test_what_is_in_the_results_is_not_done_again(tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    first, second, *_ = learning.plan(options(out))
    found = [line(first, asked) for asked in first.budgets] + [line(second, 50)]
    out.write_text("".join(json.dumps(one) + "\n" for one in found))
    assert learning.done(out, first)
    assert not learning.done(out, second)
    assert not learning.done(out, replace(first, night=replace(Night(), distil=3.0)))


@pytest.fixture
def tuned() -> list[dict[str, Any]]:
    figures = {0.0: (0.09, 0.02), 1.0: (0.06, 0.002), 3.0: (0.05, 0.0)}
    return [
        line(
            Trial(corpus, 101, "random", (200,), tuning=True, night=Night(distil=distil, onward=False)),
            200,
            *figure,
        )
        for distil, figure in figures.items()
        for corpus in learning.CORPORA
    ]


def test_the_night_that_gains_most_without_forgetting_is_chosen(tuned: list[dict[str, Any]]) -> None:
    assert Night(**learning.best_night(tuned)) == Night(distil=1.0, onward=True)


def test_where_all_forget_the_one_that_forgets_least_is_chosen(tuned: list[dict[str, Any]]) -> None:
    assert Night(**learning.best_night(tuned[:2])) == Night(distil=0.0)


def test_nothing_is_tuned_on_what_the_campaign_measures(tuned: list[dict[str, Any]], tmp_path: Path) -> None:
    on_test = [{**one, "tuning": False, "night": asdict(Night(distil=9.0, onward=False))} for one in tuned]
    assert learning.best_night(tuned + on_test) == learning.best_night(tuned)
    assert all(one.tuning for one in learning.tuning(options(tmp_path / "none")))


def test_a_night_that_was_not_measured_through_is_not_compared(tuned: list[dict[str, Any]]) -> None:
    assert Night(**learning.best_night(tuned[:-1])).distil == 1.0
    assert Night(**learning.best_night(tuned[:3] + tuned[4:])).distil == 3.0
