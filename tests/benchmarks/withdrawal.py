"""How long a withdrawal takes: a student with 2 000 scored and answered posts, while a pull and a scoring job run.

`python -m tests.benchmarks.withdrawal`: on SQLite and PostgreSQL with durable disks. The pull reads a campus that
answers at once and writes its posts; the scoring writes scores of a network that answers at once, so that both write
as often as they can. The clock runs from the request's first statement to its commit.
"""

import argparse
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.consent import service as consent
from lti_tool.consent.choices import DECLINED, Choices
from lti_tool.ingest import language
from lti_tool.ingest.service import Pull
from lti_tool.ingest.tables import Activity, Post
from lti_tool.jobs import Run
from lti_tool.launch.roster import Roster
from lti_tool.review.tables import Answer
from lti_tool.scoring import tasks as scoring
from lti_tool.scoring import weights
from lti_tool.scoring.tables import Score
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, blind_index, new_id, use_keyring
from lti_tool.storage.migrate import migrate
from tests.benchmarks.ingest import WARMING, _course, _database
from tests.benchmarks.ingest_campus import Campus
from tests.classroom import Classroom, logits
from tests.withdrawal.interleaving import Network
from tests.withdrawal.place import left_of

MOST_SECONDS = 10
ALL = Choices(answered=True, a=True, earlier=True, b=True, c=True, d=True)
CLASSMATES, THEIR_POSTS = 60, 6000


def main() -> int:
    """0 when every withdrawal on both databases is quick enough and leaves nothing."""
    asked = _arguments()
    print(f"{time.strftime('%Y-%m-%d')}: {asked.posts} posts of one student; {os.cpu_count()} cores")
    good = True
    for name in asked.databases:
        with _database(name) as url:
            good &= _measured(name, url, asked)
    return 0 if good else 1


def _measured(name: str, url: str, asked: argparse.Namespace) -> bool:
    use_keyring(Keyring.generate())
    database = Database(url)
    migrate(database)
    scoring.scorer_for = lambda folder: Network()  # type: ignore[assignment]
    weights.path_of = lambda *_: Path()  # type: ignore[assignment]
    for words in WARMING:
        language.detect(words)
    with database.session() as session:
        course_id, people = _course(session, CLASSMATES)
        Classroom(session).version(name)
    seconds, left = [], 0
    for number in range(asked.times):
        person = people[str(2 * number)]  # of those who agreed
        _fill(database, course_id, person, asked.posts)
        with _busy(database, course_id, people) as begun:
            begun.wait()
            at = time.perf_counter()
            with database.session() as session:
                consent.save(session, datetime.now(UTC), person, course_id, DECLINED, "en")
            seconds.append(time.perf_counter() - at)
        left += sum(left_of(database, person).values())
    database.dispose()
    print(
        f"{name}: median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s of {asked.times}; "
        f"rows of the person written afterwards: {left}"
    )
    return max(seconds) < MOST_SECONDS and not left


def _fill(database: Database, course_id: str, person: str, posts: int) -> None:
    """The student agrees to everything; each text is scored by two models and has an instructor's answer."""
    with database.session() as session:
        consent.save(session, datetime.now(UTC) - timedelta(days=60), person, course_id, ALL, "en")
    now = datetime.now(UTC)
    with database.session() as session:
        activity = Activity(course_id=course_id, external_index=new_id(), kind="forum", name="Help")
        session.add(activity)
        session.flush()
        for number in range(posts):
            _add(session, course_id, activity.id, person, f"What I wrote, number {number}, of part two.", now)


def _add(session: Session, course_id: str, activity_id: str, person: str, text: str, now: datetime) -> None:
    post = Post(
        id=new_id(),
        course_id=course_id,
        activity_id=activity_id,
        person_id=person,
        external_index=new_id() * 2,
        text=text,
        text_hash=blind_index("text", text),
        language="en",
        written_at=now - timedelta(days=30),
        pulled_at=now,
    )
    session.add(post)
    session.flush()
    own: dict[str, Any] = {"post_id": post.id, "person_id": person, "text_hash": post.text_hash}
    for version in ("1", "2"):
        session.add(Score(**own, weights_hash=version * 64, logits=logits(), scored_at=now))
    session.add(
        Answer(
            **own,
            course_id=course_id,
            annotator_id=person,
            annotator_role="student",
            kind="labels",
            labels={"sentiment": "neutral"},
            answered_at=now,
        )
    )


@contextmanager
def _busy(database: Database, course_id: str, people: dict[str, str]) -> Iterator[threading.Event]:
    """A pull and a scoring of the course, one after the other without a pause, until the block ends."""
    ended, begun = threading.Event(), threading.Event()
    faults: list[BaseException] = []
    run = Run("a job", course_id, {}, database, Settings(environment="test"), lambda *_: None)

    def again(work: Callable[[], Any]) -> None:
        try:
            while not ended.is_set():
                work()
        except BaseException as fault:
            faults.append(fault)
            begun.set()

    works = (lambda: _pull(database, course_id, people, begun), lambda: scoring.score(run))
    threads = [threading.Thread(target=again, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield begun
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    if faults:
        raise faults[0]


def _pull(database: Database, course_id: str, people: dict[str, str], begun: threading.Event) -> None:
    """Every pull finds all texts of the campus edited, so that it writes each of them anew."""

    def tell(step: str, done: int, total: int) -> None:
        if step == "texts" and done:  # one forum is read
            begun.set()

    now = datetime.now(UTC)
    campus = Campus(THEIR_POSTS, CLASSMATES, changed=now)
    Pull(
        database=database,
        course_id=course_id,
        lms_course_id="2",
        connector=campus,
        roster=Roster(tuple(campus.members()), True),
        people=people,
        reading_id=new_id(),
        now=lambda: now,
        tell=tell,
    ).run()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=2000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
