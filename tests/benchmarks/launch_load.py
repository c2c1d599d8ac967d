"""People who open the tool: each launch is a new browser that keeps its connection and cookies until the first page."""

import json
import random
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.benchmarks.launch_place import HOST, Place
from tests.launch.platform import CLIENT_ID

PEOPLE, STUDENTS_AN_INSTRUCTOR = 2000, 9
SECONDS = 60
STEPS = ("login", "continue", "platform", "launch", "page")
ATTEMPT = re.compile(r'name="attempt" value="([0-9a-f]+)"')


class StepFailedError(Exception):
    """A step did not answer as it should."""


@dataclass
class Results:
    """Milliseconds of each launch by step, and what failed."""

    milliseconds: list[dict[str, float]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0


def people(courses: int) -> list[str]:
    """The login hint of everyone: in each course nine students for one instructor."""
    places = [(number % courses, number // courses) for number in range(PEOPLE)]
    return [
        f"{'student' if number % (STUDENTS_AN_INSTRUCTOR + 1) else 'instructor'}:{number}:{course}"
        for course, number in places
    ]


def run(place: Place, everyone: list[str], launches: int, users: int, pause: float = 0) -> Results:
    """Let `users` people at once launch until there were `launches`, each waiting `pause` seconds between two.

    No person is in two places at once, for a launch ends that person's earlier one (S6).
    """
    results = Results()
    threads = [
        threading.Thread(
            target=_visit,
            args=(place, everyone[user::users], len(range(user, launches, users)), pause, results),
        )
        for user in range(users)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.seconds = time.perf_counter() - start
    return results


def _visit(place: Place, own: list[str], launches: int, pause: float, results: Results) -> None:
    chance = random.Random(own[0])
    time.sleep(pause * chance.random())
    for _ in range(launches):
        try:
            results.milliseconds.append(_launch(place, chance.choice(own)))
        except (StepFailedError, HTTPException, OSError) as fault:
            results.failures.append(f"{type(fault).__name__}: {fault}")
        time.sleep(pause)


def _launch(place: Place, person: str) -> dict[str, float]:
    """Milliseconds of each step of one launch."""
    tool, platform = Browser(place.tool_port), Browser(place.platform_port)
    try:
        return dict(steps(place, tool, platform, person))
    finally:
        tool.connection.close()
        platform.connection.close()


def steps(place: Place, tool: "Browser", platform: "Browser", person: str) -> Iterator[tuple[str, float]]:
    """Each step of a launch with its milliseconds; raises StepFailedError."""
    asking = {
        "iss": place.issuer,
        "login_hint": person,
        "target_link_uri": place.target,
        "lti_message_hint": '{"cmid":10}',
        "client_id": CLIENT_ID,
    }
    page = tool.ask("/lti/login", asking)
    yield "login", tool.milliseconds
    found = ATTEMPT.search(page)
    if found is None:
        raise StepFailedError("login: no attempt")
    address = tool.ask("/lti/continue", {"attempt": found[1]}, HTTPStatus.SEE_OTHER)
    yield "continue", tool.milliseconds
    form = json.loads(platform.ask(address))
    yield "platform", platform.milliseconds
    landing = tool.ask("/lti/launch", form, HTTPStatus.SEE_OTHER)
    yield "launch", tool.milliseconds
    tool.ask(landing)
    yield "page", tool.milliseconds


class Browser:
    """One connection; keeps cookies, Secure ones too although loopback is plain http, and follows nothing."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection(HOST, port, timeout=SECONDS)
        self.origin = f"http://{HOST}:{port}"
        self.kept = dict[str, str]()
        self.milliseconds = 0.0

    def ask(self, url: str, form: dict[str, str] | None = None, expected: int = HTTPStatus.OK) -> str:
        """The body, or the address of a redirect; StepFailedError for another status than the expected one."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.kept.items())
        headers = {"Cookie": cookies, "Origin": self.origin}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        path = urlsplit(url)._replace(scheme="", netloc="").geturl()
        start = time.perf_counter()
        body = None if form is None else urlencode(form)
        status, told, content = self.exchange("GET" if form is None else "POST", path, body, headers)
        self.milliseconds = (time.perf_counter() - start) * 1000
        if status != expected:
            raise StepFailedError(f"{path.partition('?')[0]}: HTTP {status}")
        for given in told.get_all("Set-Cookie") or ():
            name, _, value = given.partition(";")[0].partition("=")
            self.kept[name] = value
        return str(told["Location"]) if expected == HTTPStatus.SEE_OTHER else content

    def exchange(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, Any, str]:
        """Status, headers and body of an answer."""
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
