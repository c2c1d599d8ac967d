"""Seconds for the export of a student with 2 000 posts, as JSON and as tables, on SQLite and PostgreSQL.

    python -m tests.benchmarks.export [--posts 2000]

A classmate has as many. Each figure is the best of three, first byte to last; beside it the processor's own time,
which a busy machine does not stretch.
"""

import argparse
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lti_tool.rights import export, export_csv
from lti_tool.storage import Database, Keyring, use_keyring
from lti_tool.storage.migrate import migrate
from tests.classroom import Classroom
from tests.conftest import running_postgres

LIMIT_SECONDS = 5
TRIES = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=2000)
    posts = parser.parse_args().posts
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", f"sqlite:///{Path(folder) / 'undertone.db'}", posts)
    with running_postgres() as url:
        measure("PostgreSQL", url, posts)


def measure(name: str, url: str, posts: int) -> None:
    """Fill a fresh database and print what both files take."""
    use_keyring(Keyring.generate())
    database = Database(url)
    migrate(database)
    person_id, course_id = fill(database, posts)
    now, guide = datetime.now(UTC), {}
    for kind in ("JSON", "CSV"):
        tries = [_once(database, kind, now, person_id, course_id, guide) for _ in range(TRIES)]
        best, busy, size = min(tries)
        verdict = "under" if best < LIMIT_SECONDS else "OVER"
        print(
            f"{name}, {kind}: {best:.2f} s for {posts} posts, {size / 1e6:.1f} MB"
            f" ({verdict} {LIMIT_SECONDS} s); {busy:.2f} s of processor"
        )
    database.dispose()


def fill(database: Database, posts: int) -> tuple[str, str]:
    """Two people with as many scored posts each, every tenth of them contested."""
    with database.session() as session:
        room = Classroom(session)
        person, other = room.person("ABC"), room.person("ABC")
        version, activity = room.version(), room.activity("Week 3")
        for number in range(posts):
            for author in (person, other):
                words = f"Text {number}: I still do not see why the second step may be left out. " * 4
                post = room.post(author, activity, words, day=number / 20)
                room.score(post, version, confusion=0.8)
        return person, room.course_id


def _once(
    database: Database, kind: str, now: datetime, person_id: str, course_id: str, guide: Any
) -> tuple[float, float, int]:
    started, busy = time.perf_counter(), time.process_time()
    with database.reading() as session:
        pieces: Iterable[str | bytes]
        if kind == "JSON":
            pieces = export.as_json(export.sections(session, now, person_id, course_id, guide))
        else:
            pieces = export_csv.as_zip(session, now, person_id, course_id, guide)
        size = sum(len(piece) for piece in pieces)
    return time.perf_counter() - started, time.process_time() - busy, size


if __name__ == "__main__":
    main()
