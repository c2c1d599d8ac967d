"""A course with people; `make_course` builds it on any database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from lti_tool.ingest.tables import Activity, Post
from lti_tool.launch.tables import Course, Deployment, Institution, Person, Registration
from lti_tool.review.tables import Answer
from lti_tool.scoring.tables import Score
from lti_tool.storage import Database

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Class:
    """Ids of a course and of its people."""

    course: str
    activity: str
    people: tuple[str, ...]

    def write(self, session: Session, person: str, number: int, written_at: datetime = NOW) -> str:
        """One scored text of the person with an answer on it; returns the text's id."""
        post = Post(
            course_id=self.course,
            activity_id=self.activity,
            person_id=person,
            external_index=f"{person}-{number}",
            text="I lost the thread in part two.",
            text_hash="0" * 64,
            language="en",
            written_at=written_at,
            pulled_at=written_at,
        )
        session.add(post)
        session.flush()
        own = {"post_id": post.id, "person_id": person, "text_hash": post.text_hash}
        session.add(Score(**own, weights_hash="1" * 64, logits=[0.0] * 10, scored_at=written_at))
        said = {
            "annotator_id": person,
            "annotator_role": "student",
            "kind": "labels",
            "answered_at": written_at,
        }
        session.add(Answer(**own, **said, course_id=self.course))
        session.flush()
        return post.id


def make_course(session: Session, size: int = 3) -> Class:
    institution = Institution(name="Riverside University", mode="individual", ages="adults", created_at=NOW)
    session.add(institution)
    session.flush()
    registration = Registration(
        institution_id=institution.id,
        issuer=f"https://{institution.id}.example",
        client_id="one",
        authorization_url="https://lms.example/auth",
        token_url="https://lms.example/token",
        keys_url="https://lms.example/keys",
        created_at=NOW,
    )
    session.add(registration)
    session.flush()
    deployment = Deployment(registration_id=registration.id, deployment_key="1", created_at=NOW)
    session.add(deployment)
    session.flush()
    course = Course(
        institution_id=institution.id, deployment_id=deployment.id, context_key="101", title="Algorithms I"
    )
    session.add(course)
    session.flush()
    people = [Person(institution_id=institution.id, course_id=course.id, created_at=NOW) for _ in range(size)]
    activity = Activity(course_id=course.id, external_index="a", kind="forum", name="Questions")
    session.add_all([*people, activity])
    session.flush()
    return Class(course.id, activity.id, tuple(person.id for person in people))


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """One that may commit in between, so that others see what was written."""
    with Session(database.engine, expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def course(session: Session) -> Class:
    return make_course(session)


@pytest.fixture
def later() -> datetime:
    return NOW + timedelta(days=7)


@pytest.fixture
def now() -> datetime:
    return NOW
