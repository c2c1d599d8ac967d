"""Whether a request fails while the key of the fields is rotated and 100 000 rows are sealed anew; how long it takes.

`python -m tests.benchmarks.key_rotation`: `undertone keys rotate` and `undertone keys reseal` in processes of their
own, on SQLite and PostgreSQL with durable disks, while the application answers students who read their texts and
contest labels. Neither it nor its database is restarted.
"""

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, select

from lti_tool.app import create_app
from lti_tool.ingest.tables import Post
from lti_tool.launch import antiforgery, sessions
from lti_tool.launch.key_rotation import held
from lti_tool.launch.tables import LaunchSession
from lti_tool.scoring.tables import CourseModel, ModelVersion
from lti_tool.settings import Settings
from lti_tool.storage import Database, blind_index, bound, new_id, use_keys_file
from tests.classroom import START, Classroom
from tests.conftest import running_postgres

BASE_URL, SECRET = "http://localhost", "a-secret-of-this-benchmark"
WRITERS = 300
"""Students with an open page: enough that none reaches the limit of corrections."""
THREADS = 4
BATCH = 2000
TEXT = "I followed the proof up to the induction step, and then I lost the thread completely. " * 4


@dataclass
class Asked:
    """What came of the requests."""

    answers: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0


def main() -> int:
    """0 when no request failed on either database and nothing is left under the old key."""
    asked = _arguments()
    print(
        f"{time.strftime('%Y-%m-%d')}: {asked.rows} posts, {THREADS} threads of requests; {os.cpu_count()} cores"
    )
    good = True
    for name in asked.databases:
        with tempfile.TemporaryDirectory() as folder, _address(name, Path(folder)) as url:
            good &= _measured(name, url, Path(folder) / "home", asked.rows)
    return 0 if good else 1


@contextmanager
def _address(name: str, folder: Path) -> Iterator[str]:
    if name == "postgresql":
        with running_postgres(durable=True) as url:
            yield url
    else:
        yield f"sqlite:///{folder / 'undertone.db'}"


def _measured(name: str, url: str, home: Path, rows: int) -> bool:
    environment = {
        **os.environ,
        "UNDERTONE_ENVIRONMENT": "test",
        "UNDERTONE_HOME": str(home),
        "DATABASE_URL": url,
    }
    _undertone(environment, "keys", "init")
    _undertone(environment, "migrate")
    settings = Settings(
        environment="test", home=home, database_url=url, base_url=BASE_URL, help_contacts="Help"
    )
    use_keys_file(settings.keys_path)
    database = Database(url)
    seats = _filled(database, rows)
    app, requests, ended = create_app(settings, database), Asked(), threading.Event()
    threads = [
        threading.Thread(target=_ask, args=(app, seats[n::THREADS], requests, ended)) for n in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    time.sleep(2)
    _undertone(environment, "keys", "rotate", "--use", "fields")
    begun = time.perf_counter()
    said = _undertone(environment, "keys", "reseal")
    seconds = time.perf_counter() - begun
    time.sleep(1)
    ended.set()
    for thread in threads:
        thread.join()
    left = [key for key in held(database) if key[0] == "fields"]
    database.dispose()
    print(f"{name}: {said.splitlines()[-2]}")
    print(
        f"  {seconds:.1f} s, {rows / seconds:.0f} rows/s; {sum(requests.answers.values())} requests "
        f"({dict(requests.answers)}), {len(requests.failed)} failed, slowest {requests.slowest:.2f} s; "
        f"{len(left)} key in use"
    )
    for words in requests.failed[:5]:
        print(f"  {words}")
    return not requests.failed and len(left) == 1


def _undertone(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "lti_tool.cli", *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def _filled(database: Database, rows: int) -> list[tuple[str, str, str]]:
    """A course with so many posts; launch, post and text hash of each student with an open page."""
    with database.session() as session:
        room = Classroom(session)
        activity, version = room.activity("Week 1"), session.scalars(select(ModelVersion)).one()
        session.add(CourseModel(course_id=room.course_id, version_id=version.id, at=START))
        people = room.people(WRITERS, "ABC")
        launches = {person: _launch(room, person) for person in people}
    seats = []
    for start in range(0, rows, BATCH):
        fresh = [
            _post(room, activity, people[n % WRITERS], n) for n in range(start, min(rows, start + BATCH))
        ]
        with database.session() as session:
            session.execute(insert(Post), [bound(Post, values, room.institution_id) for values in fresh])
    with database.session() as session:
        room.session = session
        for person in people:
            post = session.scalars(select(Post).where(Post.person_id == person).limit(1)).one()
            room.score(post, version, confusion=0.9)
            seats.append((launches[person], post.id, post.text_hash))
    return seats


def _post(room: Classroom, activity: str, person: str, number: int) -> dict[str, object]:
    text = f"{TEXT}{number}"
    return {
        "id": new_id(),
        "course_id": room.course_id,
        "activity_id": activity,
        "person_id": person,
        "external_index": new_id(),
        "title": f"Thread {number}" if number % 10 == 0 else None,
        "text": text,
        "text_hash": blind_index("text", text),
        "language": "en",
        "written_at": START,
        "pulled_at": START,
        "url": f"{BASE_URL}/mod/forum/discuss.php?d={number}",
    }


def _launch(room: Classroom, person: str) -> str:
    now = datetime.now(UTC)
    row = LaunchSession(
        secret_hash=sessions.digest(SECRET),
        person_id=person,
        course_id=room.course_id,
        institution_id=room.institution_id,
        role="student",
        return_url=f"{BASE_URL}/course/view.php?id=2",
        created_at=now,
        seen_at=now,
    )
    room.session.add(row)
    room.session.flush()
    return row.id


def _ask(app: Flask, seats: list[tuple[str, str, str]], told: Asked, ended: threading.Event) -> None:
    """One student after the other reads their texts, contests a label with a comment, and reads again."""
    for number, (launch, post, text_hash) in enumerate(itertools.cycle(seats)):
        if ended.is_set():
            return
        client = app.test_client()
        client.set_cookie(sessions.cookie_name(launch), SECRET, domain="localhost", secure=True)
        comment = f"My comment {number}"
        with app.app_context():
            form = {
                "csrf_token": antiforgery.token(launch),
                "text_hash": text_hash,
                "sentiment": "positive",
                "comment": comment,
            }
        for method, path, data in (
            ("GET", f"/l/{launch}/texts", None),
            ("POST", f"/l/{launch}/texts/{post}/wrong", form),
            ("GET", f"/l/{launch}/data", None),
        ):
            began = time.perf_counter()
            answer = client.open(
                path, method=method, data=data, base_url=BASE_URL, headers={"Origin": BASE_URL}
            )
            told.slowest = max(told.slowest, time.perf_counter() - began)
            told.answers[f"{method} {answer.status_code}"] += 1
            if answer.status_code not in (200, 303):
                told.failed.append(f"{method} {path.split('/')[3]}: {answer.status_code}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
