"""Learning curves: how much a model gains from 50, 200 and 500 corrected texts that are new to it.

    UNDERTONE_CORPORA=… python -m tests.benchmarks.learning --out RESULTS.jsonl [--work DIR] [--base DIR]
        [--parts together,each,tuning] [--seeds 3] [--workers 1] [--device cpu] [--minutes 120] [--tiny]

The base is trained once, without Senti4SD and GoEmotions, and kept in `--work`. Each line of the results is one night
of one simulated course (`learning_trial`). A night whose line is there already is not done again, so a campaign can
be stopped and gone on with at any time; after `--minutes` no new course is begun. `scripts/learning_curves.py` draws.
"""

import argparse
import fcntl
import json
import multiprocessing
import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

BUDGETS = (50, 200, 500)
TUNING_SEED = 101
STRATEGIES = ("random", "active")
CORPORA = ("senti4sd", "goemotions")
NIGHTS: tuple[dict[str, Any], ...] = (
    {},
    {"learning_rate": 1.5e-4},
    {"learning_rate": 4e-5},
    {"distil": 0.0},
    {"distil": 3.0},
    {"temperature": 2.0},
    {"repeat": 4},
    {"replay": 300},
    {"apart": 0.2},
    {"learning_rate": 1.5e-4, "repeat": 4, "distil": 3.0},
    {"learning_rate": 1.5e-4, "epochs": 6.0},
    {"replay": 3000, "repeat": 4},
)
"""What is compared when tuning, each a change of the usual night."""
CHOSEN_BY = ("active", "doubt", "half")
"""Strategies that are compared with random choice when tuning."""
MOST_LOST = 0.005
CUSHION = 0.002
"""What may be lost elsewhere, and how far under it a night must stay when tuning to be chosen."""


def main() -> None:
    """Train the base where it is missing, then do what is left of the plan."""
    options = _options()
    if options.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    started = time.monotonic()
    context = multiprocessing.get_context("spawn")  # a forked process could not use a card
    place, parts = _place(options), options.parts.split(",")
    with ProcessPoolExecutor(options.workers, context, _begin, (options.workers,)) as workers:
        if not place.base.exists():
            workers.submit(_base, place, options.tiny).result()
        print(f"base after {time.monotonic() - started:.0f} s", flush=True)
        if "tuning" in parts:
            _do(tuning(options), workers, place, options, started + 60 * options.tuning_minutes)
            print(f"tuned after {time.monotonic() - started:.0f} s", flush=True)
        if "together" in parts or "each" in parts:
            _do(plan(options), workers, place, options, started + 60 * options.minutes)
    print(f"{time.monotonic() - started:.0f} s in all", flush=True)


def _do(trials: list[Any], workers: ProcessPoolExecutor, place: Any, options: Any, end: float) -> None:
    """Run what is not done yet; after `end` nothing new is begun."""
    running: set[Future[None]] = set()
    for trial in (one for one in trials if not done(options.out, one)):
        if time.monotonic() > end:
            print("Out of time: the rest is left for the next call.", flush=True)
            break
        running.add(workers.submit(_course, trial, place, options.out))
        if len(running) >= options.workers:
            running = _rest(running)
    while running:
        running = _rest(running)


def plan(options: argparse.Namespace) -> list[Any]:
    """The courses of the campaign, in the order in which they matter."""
    from tests.benchmarks.learning_trial import Night, Trial

    night = best_night(lines(options.out)) if options.night == "tuned" else json.loads(options.night)
    print(f"each night is {night}", flush=True)
    seeds = range(1, 2 if options.tiny else options.seeds + 1)
    budgets = (6, 12) if options.tiny else BUDGETS
    return [
        Trial(corpus, seed, how, budgets, each=part == "each", night=Night(**night))
        for part in ("together", "each")
        for seed, corpus, how in product(seeds, CORPORA, STRATEGIES)
        if part in options.parts.split(",")
    ]


def tuning(options: argparse.Namespace) -> list[Any]:
    """The courses that choose a night and a strategy, on parts of the training files."""
    from tests.benchmarks.learning_trial import Night, Trial

    budgets = (6, 12) if options.tiny else BUDGETS[1:]
    kinds = [("random", change) for change in NIGHTS] + [(how, {}) for how in CHOSEN_BY]
    return [
        Trial(corpus, TUNING_SEED, how, budgets, tuning=True, night=replace(Night(**change), onward=False))
        for (how, change), corpus in product(kinds, CORPORA)
    ]


def best_night(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The tuned night that gains most, of those that lose little enough elsewhere; else that of most gain less loss.

    Gains and losses are means over corpora and budgets, with the calibration of most gain less loss.
    """
    nights: dict[str, list[dict[str, Any]]] = {}
    for line in found:
        if line["tuning"] and line["strategy"] == "random" and not line["night"]["onward"]:
            nights.setdefault(json.dumps(line["night"], sort_keys=True), []).append(line)
    most = max(map(len, nights.values()))  # a night that is not measured through cannot be compared
    judged = [(*_judged(own), name) for name, own in sorted(nights.items()) if len(own) == most]
    allowed = [one for one in judged if one[1] <= MOST_LOST - CUSHION]
    chosen = max(allowed)[2] if allowed else max(judged, key=lambda one: one[0] - one[1])[2]
    return {**json.loads(chosen), "onward": True}


def _judged(own: list[dict[str, Any]]) -> tuple[float, float]:
    """Gain on the corrected corpora and the larger loss elsewhere of one night, with its best calibration."""

    def change(how: str, name: str) -> float:
        gaps = [line["after"][how][name]["mean"] - line["before"][name]["mean"] for line in own]
        return sum(gaps) / len(gaps)

    found = [
        (change(how, "own"), -min(change(how, "starter"), change(how, "umsab"))) for how in own[0]["after"]
    ]
    return max(found, key=lambda one: one[0] - one[1])


def lines(results: Path) -> list[dict[str, Any]]:
    """What was measured before."""
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]


def done(results: Path, trial: Any) -> bool:
    """Whether each night of a course has its line."""
    own = [line["asked"] for line in lines(results) if trial.key.items() <= line.items()]
    return set(trial.budgets) <= set(own)


def _course(trial: Any, place: Any, results: Path) -> None:
    """Run a course in a worker and append its lines, each whole, one worker at a time."""
    from tests.benchmarks.learning_trial import run

    for line in run(trial, place):
        with results.open("a", encoding="utf-8") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            stream.write(json.dumps({**line, "device": _device()}) + "\n")


def _base(place: Any, tiny: bool) -> None:
    from model.training import TrainingOptions
    from tests.benchmarks.learning_trial import save_logits, train_base

    usual = TrainingOptions(epochs=2, learning_rate=2e-4, batch_size=64, frozen_layers=4, rank=96)
    quick = TrainingOptions(epochs=1, batch_size=8, max_length=48, frozen_layers=4, rank=2)
    train_base(place, 7, quick if tiny else usual)
    save_logits(place)


def _begin(workers: int) -> None:
    """Give a worker its share of the processors."""
    import torch

    torch.set_num_threads(max(1, (os.cpu_count() or 1) // workers))


def _device() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


def _rest(running: set[Future[None]]) -> set[Future[None]]:
    """What still runs once something has ended; a failure is told, and the others go on."""
    ended, going = wait(running, return_when=FIRST_COMPLETED)
    for one in ended:
        if (error := one.exception()) is not None:
            print(f"A course failed: {error!r}", flush=True)
    return going


def _place(options: argparse.Namespace) -> Any:
    from model.backbones import DEFAULT, ENGLISH
    from tests.benchmarks.learning_trial import Place

    folder = Path(os.environ["UNDERTONE_CORPORA"])
    options.work.mkdir(parents=True, exist_ok=True)
    if options.tiny:
        return Place(options.work / "tiny", options.base or ENGLISH, folder, ("en",), most=40, pool=40)
    return Place(options.work / "base", options.base or DEFAULT, folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("learning-work"))
    parser.add_argument("--base", help="directory of the encoder where it is not installed")
    parser.add_argument("--parts", default="together")
    parser.add_argument(
        "--night", default="{}", help='JSON: what a night does otherwise than usual, or "tuned"'
    )
    parser.add_argument("--tuning-minutes", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--tiny", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
