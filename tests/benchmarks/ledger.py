"""How long checking the ledger takes: `python -m tests.benchmarks.ledger [events] [courses]`.

SQLite in a file and PostgreSQL. The lines are written as the ledger hashes them, in bulk; the time is that of the check
alone, as `undertone ledger verify` makes it.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from lti_tool.consent import chain, checkpoints, ledger, verifying, wording
from lti_tool.consent.tables import ConsentEvent
from lti_tool.storage import Database, Keyring, new_id, use_keyring
from lti_tool.storage.migrate import migrate
from tests.conftest import running_postgres
from tests.consent.conftest import make_course

START = datetime(2026, 9, 1, tzinfo=UTC)
BATCH = 5000


def lines(course_id: str, count: int, sha256: str) -> Iterator[dict[str, Any]]:
    """A chain of `count` lines of as many people as a fifth of them."""
    people = [new_id() for _ in range(max(1, count // 5))]
    previous = chain.START
    for number in range(1, count + 1):
        content = {
            "course_id": course_id,
            "number": number,
            "person_id": people[number % len(people)],
            "purpose": "ABCD"[number % 4],
            "event": ledger.EVENTS[number % len(ledger.EVENTS)],
            "wording_sha256": sha256,
            "language": "en",
            "at": START + timedelta(seconds=number, microseconds=number),
        }
        line_hash = chain.line_hash(**content, previous=previous)
        yield {"id": new_id(), **content, "previous_hash": previous, "hash": line_hash}
        previous = line_hash


def fill(database: Database, events: int, courses: int) -> None:
    """Write the chains, and seal each as the night does."""
    with database.session() as session:
        sha256 = wording.publish(session, START).sha256
        ids = [make_course(session, size=1).course for _ in range(courses)]
    for course_id in ids:
        rows = list(lines(course_id, events // courses, sha256))
        with database.session() as session:
            for first in range(0, len(rows), BATCH):
                session.execute(insert(ConsentEvent), rows[first : first + BATCH])
            checkpoints.seal(session, START + timedelta(days=30), course_id)


def measure(name: str, database: Database, events: int, courses: int) -> None:
    migrate(database)
    fill(database, events, courses)
    started, worked = time.perf_counter(), time.process_time()
    with database.reading() as session:
        report = verifying.check(session)
    seconds, own = time.perf_counter() - started, time.process_time() - worked
    assert report.is_whole
    assert report.lines == events // courses * courses
    print(
        f"{name}: {report.lines} events of {report.courses} courses checked in {seconds:.2f} s, "
        f"{own:.2f} s of processor"
    )
    database.dispose()


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    courses = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    use_keyring(Keyring.generate())
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", Database(f"sqlite:///{Path(folder) / 'ledger.db'}"), events, courses)
    with running_postgres() as url:
        measure("PostgreSQL", Database(url), events, courses)


if __name__ == "__main__":
    main()
