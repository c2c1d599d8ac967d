"""How fast a course is read for the first time, how much memory that takes, and how long the next pull takes.

`python -m tests.benchmarks.ingest`: 100 000 posts by 3 000 authors, half of whom agreed, from a campus that answers
at once, into SQLite and PostgreSQL on durable disks. `--profile` says what the time of the first pull goes into.
"""

import argparse
import cProfile
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from lti_tool.consent.tables import ConsentState
from lti_tool.ingest import language
from lti_tool.ingest.service import Pull
from lti_tool.ingest.writing import Counts
from lti_tool.launch import registrations
from lti_tool.launch.registrations import PlatformFacts
from lti_tool.launch.roster import Roster
from lti_tool.launch.tables import Course, Person
from lti_tool.storage import Database, Keyring, new_id, use_keyring
from lti_tool.storage.migrate import migrate
from tests.benchmarks.ingest_campus import START, Campus
from tests.benchmarks.ingest_profile import told
from tests.conftest import running_postgres
from tests.launch.platform import DECIDED

KEPT_A_SECOND, MOST_MEMORY, MOST_OF_FIRST = 400, 150, 0.05
NOW = START + timedelta(days=90)
WARMING = ("Je ne comprends pas la preuve de cette semaine.", "En ymmärrä tämän viikon todistusta lainkaan.")
"""What a language is told by is loaded before the clock runs: a worker loads it once."""


def main() -> int:
    """0 when every figure holds on both databases."""
    asked = _arguments()
    print(
        f"{time.strftime('%Y-%m-%d')}: {asked.posts} posts by {asked.authors} authors; {os.cpu_count()} cores"
    )
    good = True
    for name in asked.databases:
        with _database(name) as url:
            good &= _measured(name, url, asked)
    return 0 if good else 1


@contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "postgresql":
        with running_postgres(durable=True) as url:
            yield url
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'undertone.db'}"


def _measured(name: str, url: str, asked: argparse.Namespace) -> bool:
    use_keyring(Keyring.generate())
    database, campus = Database(url), Campus(asked.posts, asked.authors)
    migrate(database)
    with database.session() as session:
        course_id, people = _course(session, asked.authors)
    roster = Roster(tuple(campus.members()), True)
    for words in WARMING:
        language.detect(words)
    profile = cProfile.Profile() if asked.profile else None
    with _memory() as most:
        first, seconds = _pull(database, course_id, people, roster, campus, NOW, profile)
    campus.changed = NOW + timedelta(minutes=30)
    second, again = _pull(database, course_id, people, roster, campus, NOW + timedelta(hours=1))
    _, whole = _pull(database, course_id, people, roster, campus, NOW + timedelta(hours=12))
    database.dispose()
    rate = first.new / seconds
    print(
        f"{name}: first pull {first.new} kept in {seconds:.1f} s, {rate:.0f} kept posts/s; {most[0]:.0f} MB above idle"
    )
    print(f"  1 % changed: {second.edited} in {again:.2f} s, {again / seconds:.1%} of the first")
    print(f"  a complete pull with nothing new: {whole:.1f} s")
    if profile is not None:
        print(told(profile, first.new))
    return rate >= KEPT_A_SECOND and most[0] <= MOST_MEMORY and again <= MOST_OF_FIRST * seconds


def _pull(
    database: Database,
    course_id: str,
    people: dict[str, str],
    roster: Roster,
    campus: Campus,
    now: datetime,
    profile: cProfile.Profile | None = None,
) -> tuple[Counts, float]:
    pull = Pull(
        database=database,
        course_id=course_id,
        lms_course_id="2",
        connector=campus,
        roster=roster,
        people=people,
        reading_id=new_id(),
        now=lambda: now,
        tell=lambda *_: None,
    )
    begun, worked = time.perf_counter(), time.process_time()
    counts = profile.runcall(pull.run) if profile else pull.run()
    seconds = time.perf_counter() - begun
    print(f"    {seconds:.1f} s, of them {time.process_time() - worked:.1f} s of this process's work")
    return counts, seconds


def _course(session: Session, authors: int) -> tuple[str, dict[str, str]]:
    """A course whose every second student agreed, with earlier texts; LMS id → person id."""
    now, url = datetime.now(UTC), "https://campus.example"
    facts = PlatformFacts(url, "c", f"{url}/auth", f"{url}/token", f"{url}/keys")
    made = registrations.add(session, now, "Northfield", facts, DECIDED)
    deployment = registrations.deployment_for(session, now, made, "1", accept=True)
    course = Course(institution_id=made.institution_id, deployment_id=deployment.id, context_key="2")
    session.add(course)
    session.flush()
    own = {"institution_id": made.institution_id, "course_id": course.id, "created_at": now}
    people = {str(number): new_id() for number in range(authors)}
    session.add_all(Person(id=person, **own) for person in people.values())
    session.flush()
    session.add_all(
        ConsentState(person_id=person, course_id=course.id, a=int(user) % 2 == 0, a_since=NOW, earlier=True)
        for user, person in people.items()
    )
    return course.id, people


@contextmanager
def _memory() -> Iterator[list[float]]:
    """The most memory above what this process held at the beginning, in MB, seen twenty times a second."""
    page, ended = os.sysconf("SC_PAGE_SIZE"), threading.Event()

    def held() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * page

    idle, most = held(), [0.0]

    def look() -> None:
        while not ended.wait(0.05):
            most[0] = max(most[0], (held() - idle) / 1e6)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--authors", type=int, default=3000)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
