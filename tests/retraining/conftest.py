"""A course with corrections, a small model serving, and runs that really train."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.jobs import Job, Run, enqueue
from lti_tool.retraining.tables import TrainingRun
from lti_tool.review import service as review
from lti_tool.scoring import serving
from lti_tool.scoring.serving import install_shipped
from lti_tool.scoring.tables import ModelVersion
from lti_tool.settings import Settings
from lti_tool.storage import Database
from model import recipe
from tests.classroom import Classroom, open_database, settings_in

NIGHT = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
CORRECTED = 24
PLANTED = "xylophonquark"
"""A word that stands in every corrected text."""


@dataclass
class School:
    """Corrections of one instructor on texts of eight people."""

    database: Database
    settings: Settings
    writers: list[str]
    posts: list[Any]
    teacher: str
    course_id: str

    def run(self, job_id: str | None = None) -> Run:
        """A run as the worker would hand it over; with `job_id`, of a job that is there already."""
        with self.database.session() as session:
            job = session.get(Job, job_id) if job_id else enqueue(session, datetime.now(UTC), "retrain")
            assert job is not None
        return Run(job.id, "", {}, self.database, self.settings, lambda step, done, total: None)

    def correct(self, post: Any, labels: dict[str, Any], minutes_ago: int = 0) -> None:
        with self.database.session() as session:
            review.answer(
                session,
                datetime.now(UTC) - timedelta(minutes=minutes_ago),
                post.id,
                self.teacher,
                labels,
                post.text_hash,
                course_id=self.course_id,
            )

    def rows(self) -> list[TrainingRun]:
        with self.database.reading() as session:
            return list(session.scalars(select(TrainingRun)))


def found(
    tmp_path: Path, small_model: Path, corrected: int, writers: int, labels: dict[str, Any] | None = None
) -> School:
    """Held-out starter texts and what they are labelled, in `labels` otherwise than before: learning them helps."""
    database = open_database(tmp_path)
    settings = settings_in(tmp_path, retrain_least_corrections=5)
    rows = recipe.sampled(recipe.heldout(("en",)), corrected)
    with database.session() as session:
        install_shipped(session, datetime.now(UTC), small_model)
        room = Classroom(session)
        teacher, people = room.person("-"), room.people(writers, "ABC")
        forum = room.activity("Help")
        posts = [
            room.post(people[n % writers], forum, f"{row['text']} {PLANTED}", n, thread_index=f"t{n}")
            for n, row in enumerate(rows)
        ]
    made = School(database, settings, people, posts, teacher, room.course_id)
    for number, (post, row) in enumerate(zip(posts, rows, strict=True)):
        made.correct(post, {**row["labels"], **(labels or {})}, corrected - number)
    return made


@pytest.fixture
def school(tmp_path: Path, small_model: Path) -> Iterator[School]:
    """Corrections that are too few to hold any out."""
    made = found(tmp_path, small_model, CORRECTED, 8)
    yield made
    made.database.dispose()


@pytest.fixture
def installed(database):
    """The shipped model, then a second version of it."""
    with database.session() as session:
        first = serving.install_shipped(session, NIGHT)
        second = ModelVersion(
            weights_hash=first.weights_hash,
            calibration=first.calibration,
            parent_id=first.id,
            origin="retrained",
            created_at=NIGHT,
        )
        session.add(second)
        session.flush()
        serving.promote(session, NIGHT, second.id, "nightly run", "promoted")
        return first.id, second.id


@pytest.fixture
def administrator(sign_in, installed):
    return sign_in("administrator", "2")
