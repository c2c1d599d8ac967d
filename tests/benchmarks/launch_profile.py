"""What the time of a launch goes into: launches in this process under cProfile, by the package that spends it.

It is processor time: how long the database lets us wait depends on the machine, and would make our share smaller.
"""

import cProfile
import pstats
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import Client, EnvironBuilder

from lti_tool.app import create_app
from tests.benchmarks import launch_load
from tests.benchmarks.launch_place import Place

ROOT = str(Path(__file__).resolve().parents[2]) + "/"
CALLS = 25
"""A call of the standard library counts for whoever called it, over so many calls at most."""
COURSES = 100
WARMING = 40
MOST_FUNCTIONS = 25
OWN, OTHER = "our own code", "other"
PARTS = {
    "encryption of fields": (
        "cryptography/fernet",
        "cryptography/hazmat/primitives/ciphers",
        "cryptography/hazmat/primitives/padding",
    ),
    "signature checks": ("jwt/", "cryptography/", "jwcrypto/", "pylti1p3/"),
    "the database": ("sqlalchemy/", "psycopg/", "psycopg_binary/"),
    "Flask and its kin": (
        *("flask/", "werkzeug/", "jinja2/", "markupsafe/", "flask_babel/", "babel/", "flask_wtf/"),
        *("itsdangerous/", "blinker/", "flask_limiter/", "limits/"),
    ),
}

Function = tuple[str, int, str]


class Inside(launch_load.Browser):
    """A browser whose answers come from an application in this process; only the application is profiled."""

    def __init__(self, place: Place, app: Flask, profile: cProfile.Profile | None) -> None:
        super().__init__(place.tool_port)
        self.app, self.profile, self.seconds = app, profile, 0.0

    def exchange(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, Any, str]:
        environment = EnvironBuilder(
            path, self.origin, method=method, data=body, headers=headers
        ).get_environ()
        answer = Client(self._called, use_cookies=False).open(environment)
        return answer.status_code, answer.headers, answer.text

    def _called(self, environment: Any, start_response: Any) -> list[bytes]:
        begun = time.thread_time()
        if self.profile:
            self.profile.enable()
        try:
            return list(self.app(environment, start_response))
        finally:
            if self.profile:
                self.profile.disable()
            self.seconds += time.thread_time() - begun


def told(place: Place, launches: int) -> str:
    """The share of each part and the functions of ours that take most, with the standard library's in them."""
    app, profile = create_app(place.settings, place.database), cProfile.Profile(time.thread_time)
    hints = launch_load.people(COURSES)
    _launch(place, app, None, hints[:WARMING])
    again = (hints * (1 + launches // len(hints)))[:launches]
    plain = _launch(place, app, None, again)
    profiled = _launch(place, app, profile, again)
    owners = by_owner(pstats.Stats(profile).stats)  # type: ignore[attr-defined]
    return "\n".join(_lines(owners, launches, plain, profiled))


def by_owner(stats: dict[Function, Any]) -> dict[Function, float]:
    """Seconds of each function itself; what built-in functions and the standard library take goes to their callers."""
    found, waiting = defaultdict[Function, float](float), {name: own[2] for name, own in stats.items()}
    for _ in range(CALLS):
        passed = defaultdict[Function, float](float)
        for name, seconds in waiting.items():
            callers = {caller: edge[3] for caller, edge in stats[name][4].items()}
            total = sum(callers.values())
            if part_of(name) != OTHER or not total:
                found[name] += seconds
                continue
            for caller, cumulative in callers.items():
                passed[caller] += seconds * cumulative / total
        waiting = passed
    for name, seconds in waiting.items():
        found[name] += seconds
    return found


def part_of(function: Function) -> str:
    """The part whose file it is."""
    _, installed, package = function[0].rpartition("/site-packages/")
    if not installed:
        own = function[0].startswith((f"{ROOT}lti_tool/", f"{ROOT}templates/"))
        return OWN if own else OTHER
    return next((part for part, starts in PARTS.items() if package.startswith(starts)), OTHER)


def _launch(place: Place, app: Flask, profile: cProfile.Profile | None, hints: list[str]) -> float:
    """Seconds of processor time that the tool took."""
    seconds = 0.0
    for hint in hints:
        tool, platform = Inside(place, app, profile), launch_load.Browser(place.platform_port)
        deque(launch_load.steps(place, tool, platform, hint), maxlen=0)
        seconds += tool.seconds
        platform.connection.close()
    return seconds


def _lines(owners: dict[Function, float], launches: int, plain: float, profiled: float) -> Iterator[str]:
    total, parts = sum(owners.values()), defaultdict[str, float](float)
    for name, seconds in owners.items():
        parts[part_of(name)] += seconds
    yield (
        f"{time.strftime('%Y-%m-%d')}: {launches} launches in one process, one at a time, on PostgreSQL: "
        f"{1000 * plain / launches:.1f} ms of processor time each, {1000 * profiled / launches:.1f} under the profiler"
    )
    for part, seconds in sorted(parts.items(), key=lambda item: -item[1]):
        yield f"{part:<28}{seconds / total:>7.1%}{1000 * seconds / launches:>9.2f} ms"
    yield "functions of ours, with what they call of the standard library:"
    own = sorted((item for item in owners.items() if part_of(item[0]) == OWN), key=lambda item: -item[1])
    for (path, line, name), seconds in own[:MOST_FUNCTIONS]:
        yield f"{seconds / total:>7.1%}  {path.removeprefix(ROOT)}:{line} {name}"
