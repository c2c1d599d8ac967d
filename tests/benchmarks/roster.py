"""How long a roster of thousands takes from the sample campus, and how much memory: unpaged and in pages of 50.

`python -m tests.benchmarks.roster --students 5000`. Everyone has launched, so that each role seen is looked up too.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.launch import keys, registrations, roster
from lti_tool.launch.registrations import PlatformFacts
from lti_tool.launch.tables import Course, Membership, Person, PersonKey
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, new_id, use_keyring
from lti_tool.storage.migrate import migrate
from tests.benchmarks.launch_place import free_port, running
from tests.benchmarks.roster_campus import CLIENT_ID, FIRST_ID
from tests.launch.platform import DECIDED

WAYS = {"unpaged, as Moodle": "", "pages of 50, as Canvas": "?limit=50"}
MEMBERSHIPS = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships"


def main() -> int:
    """0 when everybody came each time."""
    students = _arguments().students
    with (
        tempfile.TemporaryDirectory() as folder,
        _campus(Path(folder), students) as (settings, database, url),
    ):
        with database.reading() as session:
            course_id = session.scalars(select(Course.id)).one()
        print(
            f"{time.strftime('%Y-%m-%d')}: {students} students; {os.cpu_count()} cores, shared with the campus"
        )
        complete = [
            _read(database, settings, course_id, name, url + MEMBERSHIPS + query, students)
            for name, query in WAYS.items()
        ]
    return 0 if all(complete) else 1


@contextmanager
def _campus(home: Path, students: int) -> Iterator[tuple[Settings, Database, str]]:
    """A new installation, and the address of a campus that it is registered with."""
    port = free_port()
    url = f"http://localhost:{port}"
    settings = Settings(environment="test", home=home, outbound_hosts=[f"localhost:{port}"])
    use_keyring(Keyring.generate())
    database = Database(settings.database)
    migrate(database)
    with database.session() as session:
        keys.ensure(session, datetime.now(UTC))
        _fill(session, _course(session, url), students)
    with _published_keys(database) as keys_url:
        command = [sys.executable, "-m", "tests.benchmarks.roster_campus", str(port), keys_url, str(students)]
        with running(command, dict(os.environ), port, "/mod/lti/certs.php"):
            yield settings, database, url
    database.dispose()


def _read(database: Database, settings: Settings, course_id: str, name: str, url: str, students: int) -> bool:
    with database.session() as session:
        session.get_one(Course, course_id).roster_url = url
    start = time.perf_counter()
    found = roster.read(database, settings, course_id)
    seconds = time.perf_counter() - start
    del found
    tracemalloc.start()
    found = roster.read(database, settings, course_id)
    own, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    came = len({member.lms_user_id for member in found.members if member.student})
    print(
        f"{name:<24}{came} students in {seconds:.2f} s; memory {most / 1e6:.1f} MB at most for a roster of "
        f"{own / 1e6:.1f} MB"
    )
    return came == students


def _course(session: Session, url: str) -> Course:
    """The course of the campus at `url`."""
    now, lti = datetime.now(UTC), f"{url}/mod/lti"
    facts = PlatformFacts(url, CLIENT_ID, f"{lti}/auth.php", f"{lti}/token.php", f"{lti}/certs.php")
    made = registrations.add(session, now, "Northfield", facts, DECIDED)
    deployment = registrations.deployment_for(session, now, made, "1", accept=True)
    course = Course(institution_id=made.institution_id, deployment_id=deployment.id, context_key="2")
    session.add(course)
    session.flush()
    return course


def _fill(session: Session, course: Course, students: int) -> None:
    """As if every student of the campus had launched."""
    now = datetime.now(UTC)
    of_course = {"institution_id": course.institution_id, "course_id": course.id}
    people = [Person(id=new_id(), created_at=now, **of_course) for _ in range(students)]
    session.add_all(people)
    session.flush()
    for number, person in enumerate(people, FIRST_ID):
        session.add(PersonKey(person_id=person.id, identity_index=new_id(), lms_user_id=str(number)))
        session.add(Membership(person_id=person.id, course_id=course.id, role="student", seen_at=now))


@contextmanager
def _published_keys(database: Database) -> Iterator[str]:
    """The address of our keys, which the campus fetches."""
    with database.reading() as session:
        body = json.dumps(keys.published(session)).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_line: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/keys"
        server.shutdown()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=5000)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
