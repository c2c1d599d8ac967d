"""A course whose students agreed or not, on a real SQLite file, pulled from a recorded LMS."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent import service as consent
from lti_tool.consent.service import Choices
from lti_tool.ingest.service import Pull
from lti_tool.ingest.tables import Post
from lti_tool.launch import people
from lti_tool.launch.roster import Member, Roster
from lti_tool.launch.tables import Course, Deployment, Institution, Registration
from lti_tool.lms import retrying
from lti_tool.storage import Base, Database, Keyring, new_id, use_keyring
from tests.lms.captured_lms import Served, moodle, moodle_connector, recorded, serving

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EARLIER = Choices(answered=True, a=True, earlier=True)
FROM_NOW = Choices(answered=True, a=True)
DECLINED = Choices(answered=True)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.01)


@pytest.fixture
def moodle_site() -> Iterator[Served]:
    with serving(moodle()) as site:
        yield site


@dataclass
class Pulled:
    """The course RP101 of the recordings: its people by LMS id, their choices, and pulls of it."""

    database: Database
    folder: Path
    course_id: str = ""
    people: dict[str, str] = field(default_factory=dict)
    roster: Roster = field(default_factory=lambda: Roster(tuple(members()), True))
    now: datetime = NOW

    def choose(self, user: str, choices: Choices, at: datetime | None = None) -> None:
        with self.database.session() as session:
            consent.save(session, at or self.now, self.people[user], self.course_id, choices, "en")

    def pull(self, site: Served, job: str = "", connector: Any = None, **changed: Any) -> Pull:
        pull = Pull(
            database=self.database,
            course_id=self.course_id,
            lms_course_id="2",
            connector=connector or moodle_connector(site),
            roster=self.roster,
            people=self.people,
            reading_id=job or new_id(),
            now=lambda: self.now,
            tell=lambda step, done, total: None,
        )
        for name, value in changed.items():
            setattr(pull, name, value)
        pull.run()
        return pull

    def posts(self) -> list[Post]:
        with self.database.reading() as session:
            query = select(Post).where(Post.course_id == self.course_id)
            return list(session.scalars(query.order_by(Post.written_at, Post.external_index)))

    def texts(self) -> list[str]:
        return [post.text for post in self.posts()]

    def dump(self, *left_out: str) -> dict[str, list[Any]]:
        """Every row of every table, but jobs and the tables named."""
        with self.database.reading() as session:
            return {
                table.name: sorted(map(repr, session.execute(select(table))))
                for table in Base.metadata.sorted_tables
                if table.name not in ("jobs", *left_out)
            }


def members() -> Iterator[Member]:
    """The recorded roster."""
    for row in recorded("moodle", "memberships")["body"]["members"]:
        yield Member(
            row["user_id"],
            row["given_name"],
            row["family_name"],
            row["name"],
            row["email"],
            tuple(row["roles"]),
            student="Learner" in row["roles"],
        )


def make_course(folder: Path) -> Pulled:
    use_keyring(Keyring.generate())
    database = Database(f"sqlite:///{folder / 'undertone.db'}")
    Base.metadata.create_all(database.engine)
    made = Pulled(database, folder)
    with database.session() as session:
        institution = Institution(name="Invented College", mode="individual", ages="adults", created_at=NOW)
        session.add(institution)
        session.flush()
        addresses = dict.fromkeys(("authorization_url", "token_url", "keys_url"), "")
        registration = Registration(
            institution_id=institution.id,
            issuer="https://moodle.example",
            client_id="c",
            created_at=NOW,
            **addresses,
        )
        session.add(registration)
        session.flush()
        deployment = Deployment(registration_id=registration.id, deployment_key="1", created_at=NOW)
        session.add(deployment)
        session.flush()
        fill_course(session, made, deployment, "2")
    return made


def another_course(home: Pulled) -> Pulled:
    """A course of its own with the same people's LMS ids, in the database that is there."""
    made = Pulled(home.database, home.folder)
    with home.database.session() as session:
        fill_course(session, made, session.scalars(select(Deployment)).one(), new_id())
    return made


def fill_course(session: Session, made: Pulled, deployment: Deployment, key: str) -> None:
    registration = session.get_one(Registration, deployment.registration_id)
    course = Course(institution_id=registration.institution_id, deployment_id=deployment.id, context_key=key)
    session.add(course)
    session.flush()
    made.course_id = course.id
    for member in members():
        user = member.lms_user_id
        person = people.person_for(session, NOW, course, "https://moodle.example", "c", "1", user, user)
        made.people[user] = person.id


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Pulled]:
    made = make_course(tmp_path)
    yield made
    made.database.dispose()


@pytest.fixture
def everyone(course: Pulled) -> Pulled:
    """All five students agreed, with their earlier posts."""
    for user in "56789":
        course.choose(user, EARLIER)
    return course


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))
