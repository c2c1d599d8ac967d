"""How fast complete launches are: login, redirect, signed token, validation, session, first page.

`python -m tests.benchmarks.launch --launches 10000 --users 50`; `--profile` tells what the time goes into instead.
Run it on a machine that does nothing else. Linux only.
"""

import argparse
import os
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np

from tests.benchmarks import launch_load, launch_profile
from tests.benchmarks.launch_place import (
    Place,
    installation,
    platform,
    postgres_process,
    processor_seconds,
    web_processes,
)

WARMING = 100
"""Launches that are not counted: templates are compiled and the platform's keys fetched in them."""


def main() -> int:
    """0 when no launch failed."""
    asked = _arguments()
    with installation() as place, platform(place) as platform_pid:
        if asked.profile:
            print(launch_profile.told(place, asked.launches))
            return 0
        with web_processes(place, asked.processes) as tool_pid:
            processes = {
                "tool": tool_pid,
                "PostgreSQL": postgres_process(place.database),
                "platform": platform_pid,
            }
            return _measure(place, asked, processes)


def _measure(place: Place, asked: argparse.Namespace, processes: dict[str, int]) -> int:
    everyone, load = launch_load.people(asked.courses), os.getloadavg()[0]
    warming = launch_load.run(place, everyone, WARMING, asked.users)
    before = _spent(processes)
    results = launch_load.run(place, everyone, asked.launches, asked.users, asked.pause)
    spent = {name: seconds - before[name] for name, seconds in _spent(processes).items()}
    if results.milliseconds:
        print(f"machine: {os.cpu_count()} cores, with a load of {load:.1f} before we began", end="; ")
        print("\n".join(_lines(asked, results, spent)))
    failures = Counter(warming.failures + results.failures)
    print(f"failures: {failures.total()}", *(f"\n  {number} × {fault}" for fault, number in failures.items()))
    return 1 if failures else 0


def _spent(processes: dict[str, int]) -> dict[str, float]:
    """Seconds of processor time so far."""
    seconds = {name: processor_seconds(pid) for name, pid in processes.items()}
    return seconds | {"load generation": time.process_time()}


def _lines(asked: argparse.Namespace, results: launch_load.Results, spent: dict[str, float]) -> Iterator[str]:
    done = len(results.milliseconds)
    yield "the tool, PostgreSQL, the platform and load generation share them"
    yield (
        f"{time.strftime('%Y-%m-%d')}: {done} launches of {launch_load.PEOPLE} people, nine students for one "
        f"instructor; courses: {asked.courses}; web processes: {asked.processes}; users at once: {asked.users}, each "
        f"with {asked.pause} s between two launches"
    )
    yield f"launches a second: {done / results.seconds:.1f}"
    yield f"{'milliseconds':<28}{'p50':>8}{'p99':>8}"
    for name, values in _series(results.milliseconds):
        half, most = np.percentile(values, [50, 99])
        yield f"{name:<28}{half:>8.1f}{most:>8.1f}"
    each = ", ".join(f"{name} {1000 * seconds / done:.1f}" for name, seconds in spent.items())
    yield f"milliseconds of processor time a launch: {each}"


def _series(milliseconds: list[dict[str, float]]) -> Iterator[tuple[str, list[float]]]:
    yield "whole launch", [sum(own.values()) for own in milliseconds]
    yield "without the platform's step", [sum(own.values()) - own["platform"] for own in milliseconds]
    for step in launch_load.STEPS:
        yield f"  {step}", [own[step] for own in milliseconds]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--launches", type=int, default=10_000)
    parser.add_argument(
        "--users", type=int, default=50, help="who launch at the same time; 1 for a tool at rest"
    )
    parser.add_argument("--courses", type=int, default=100, help="1 for a lecture hall")
    parser.add_argument("--pause", type=float, default=0, help="seconds between two launches of one user")
    parser.add_argument("--processes", type=int, default=2, help="web processes")
    parser.add_argument("--profile", action="store_true", help="profile launches in one process instead")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
