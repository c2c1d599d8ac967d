"""What a night's run costs on processors, and what it does to the memory of the process that serves meanwhile.

    python -m tests.benchmarks.nightly [--corrections 500]

A real installation with the shipped model and the nightly recipe: 200 students, three instructors. This process is the
worker; it has read texts before, goes on reading them while its child trains, and watches its own memory.
"""

import argparse
import resource
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.retraining import recipes
from lti_tool.retraining.tables import TrainingRun
from lti_tool.review import service as review
from model import corpora, recipe
from model.rows import Row, texts
from model.scoring import SHIPPED, Scorer
from tests.classroom import Classroom
from tests.kills.conftest import new_home

STUDENTS, INSTRUCTORS = 200, 3
BEGUN = datetime(2026, 3, 2, tzinfo=UTC)
MIB = 2**20
LOOK_SECONDS = 0.5


@dataclass
class Serving:
    """Anonymous memory of this process in bytes, and how often it read meanwhile."""

    before: int = 0
    most: int = 0
    readings: int = 0
    ended: threading.Event = field(default_factory=threading.Event)


def course_rows(count: int) -> list[Row]:
    """Starter texts that no night replays."""
    return corpora.shuffled(corpora.split(recipe.students(("en",)), recipe.STUDENT_DEV)[1], 5)[:count]


def correct(session: Session, rows: Sequence[Row]) -> None:
    """Each text is one student's, and checked by one instructor, a minute after the one before."""
    room = Classroom(session)
    teachers, writers = room.people(INSTRUCTORS, "-"), room.people(STUDENTS, "ABC")
    forum = room.activity("Help")
    for number, row in enumerate(rows):
        post = room.post(
            writers[number % STUDENTS], forum, row["text"], number % 60, thread_index=f"t{number}"
        )
        teacher, now = teachers[number % INSTRUCTORS], BEGUN + timedelta(minutes=number)
        review.answer(session, now, post.id, teacher, row["labels"], post.text_hash, course_id=room.course_id)


def anonymous_memory() -> int:
    """What this process alone holds: pages of files, such as weights that are mapped, are not counted."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this system does not tell a process's memory")


@contextmanager
def serving(scorer: Scorer, rows: Sequence[Row]) -> Iterator[Serving]:
    """Read some texts over and over, one at a time, and watch the memory until the block ends."""
    watched = Serving()
    for row in rows:
        scorer.score([row["text"]])
    watched.before = watched.most = anonymous_memory()
    thread = threading.Thread(target=_serve, args=(scorer, rows, watched))
    thread.start()
    try:
        yield watched
    finally:
        watched.ended.set()
        thread.join()


def _serve(scorer: Scorer, rows: Sequence[Row], watched: Serving) -> None:
    while not watched.ended.wait(LOOK_SECONDS):
        scorer.score([rows[watched.readings % len(rows)]["text"]])
        watched.readings += 1
        watched.most = max(watched.most, anonymous_memory())


def cpu_seconds() -> float:
    """Processor time of the children that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one night and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corrections", type=int, default=500)
    options = parser.parse_args(arguments)
    rows = course_rows(options.corrections)
    scorer = Scorer.load(SHIPPED)
    with (
        tempfile.TemporaryDirectory(prefix="undertone-") as folder,
        patch.dict(recipes.RECIPES, {"test": recipes.NIGHTLY}),
    ):
        home = new_home(Path(folder) / "home", SHIPPED)
        with home.database() as database, database.session() as session:
            correct(session, rows)
        home.ask("retrain")
        scorer.score(texts(rows[:200]))
        begun, spent = time.perf_counter(), cpu_seconds()
        with serving(scorer, rows[:40]) as watched:
            home.work_here("retrain")
        took, spent = time.perf_counter() - begun, cpu_seconds() - spent
        with home.database() as database, database.session() as session:
            run = session.scalars(select(TrainingRun)).one()
            print(
                f"{len(rows)} corrections: {run.decision}, {took:.0f} s, {spent:.0f} s of processor time in the child"
            )
    grown = (watched.most - watched.before) / MIB
    print(
        f"memory of the process that serves: {watched.before / MIB:.0f} MiB before, at most {grown:+.0f} MiB during"
    )
    print(f"it read {watched.readings} texts meanwhile")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
