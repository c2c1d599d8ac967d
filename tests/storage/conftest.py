"""A course with one row in every table that has a sealed column, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from lti_tool.installation import load_tables
from lti_tool.launch import keys, people
from lti_tool.launch.tables import Course, Deployment, LaunchSession, Registration, ServiceToken
from lti_tool.lms.tables import CanvasAccount, CanvasAuthorisation, LmsConnection
from lti_tool.reflections.tables import Reflection, ReflectionText
from lti_tool.review.tables import Answer
from lti_tool.rights.requests_tables import DataRequest
from lti_tool.storage import Base, Database, Keyring, new_id, use_keyring
from tests.classroom import START, Classroom

SECRET = "zq-nobody-may-read"
"""In every sealed field of `everything`."""


@pytest.fixture(scope="session", autouse=True)
def all_tables() -> None:
    load_tables()


@pytest.fixture
def ring() -> Keyring:
    """Keys of its own, in use."""
    made = Keyring.generate()
    use_keyring(made)
    return made


@pytest.fixture
def sqlite(ring: Keyring, tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'undertone.db'}")
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def postgres(ring: Keyring, postgres_url: str) -> Iterator[Database]:
    yield from _own_postgres(postgres_url, "sealed")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def sealed(request: pytest.FixtureRequest) -> Database:
    """A database with the tables of the code."""
    database: Database = request.getfixturevalue(request.param)
    return database


def _own_postgres(url: str, name: str) -> Iterator[Database]:
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    database = Database(make_url(url).set(database=name).render_as_string(hide_password=False))
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()
    server.dispose()


def everything(database: Database) -> dict[str, Any]:
    """A row in each table with a sealed column of version 1 of the tool, each field with the secret in it."""
    with database.session() as session:
        room = Classroom(session)
        registration, course = _platform(session, room)
        person = people.person_for(
            session, START, course, registration.issuer, "tool", "1", f"sub-{SECRET}", f"id-{SECRET}"
        )
        activity = room.activity("Week 1")
        post = room.post(person.id, activity, f"text {SECRET}", title=f"title {SECRET}", url=f"url {SECRET}")
        _written(session, room, person.id, activity, post.id, post.text_hash)
        _services(session, registration)
        session.add_all([_opened_page(room, person.id), _request(room)])
        keys.ensure(session, START)
        return {"course": room.course_id, "person": person.id, "post": post.id, "home": room.institution_id}


def _platform(session: Session, room: Classroom) -> tuple[Registration, Course]:
    course = session.get_one(Course, room.course_id)
    deployment = session.get_one(Deployment, course.deployment_id)
    return session.get_one(Registration, deployment.registration_id), course


def _written(session: Session, room: Classroom, person: str, activity: str, post: str, digest: str) -> None:
    reflection = Reflection(
        course_id=room.course_id,
        link_key="k",
        activity_id=activity,
        title="",
        prompt="",
        otherwise="",
        closes_at=START,
        zone="UTC",
    )
    session.add(reflection)
    session.flush()
    typed = {"draft": f"draft {SECRET}", "text": f"typed {SECRET}", "version": new_id(), "saved_at": START}
    session.add(ReflectionText(reflection_id=reflection.id, person_id=person, **typed))
    session.add(
        Answer(
            course_id=room.course_id,
            post_id=post,
            person_id=person,
            annotator_id=person,
            annotator_role="student",
            kind="labels",
            text_hash=digest,
            comment=f"comment {SECRET}",
            answered_at=START,
        )
    )
    session.flush()


def _request(room: Classroom) -> DataRequest:
    line = {"at": START.isoformat(), "act": "noted", "words": f"note {SECRET}"}
    times = {"received_at": START, "due_at": START}
    return DataRequest(institution_id=room.institution_id, kind="access", evidence=[line], **times)


def _services(session: Session, registration: Registration) -> None:
    own = {"registration_id": registration.id}
    session.add_all(
        [
            ServiceToken(**own, scopes="s", token=f"token {SECRET}", expires_at=START),
            LmsConnection(**own, kind="canvas", base_url="u", token=f"token {SECRET}", created_at=START),
            CanvasAccount(
                **own,
                key_id="1",
                key_secret=f"key {SECRET}",
                access_token=f"access {SECRET}",
                refresh_token=f"refresh {SECRET}",
                user_id=f"user {SECRET}",
                created_at=START,
            ),
            CanvasAuthorisation(
                **own,
                launch_id="1",
                state_hash="1",
                binding_hash="1",
                verifier=f"verifier {SECRET}",
                key_id="1",
                base_url="u",
                created_at=START,
            ),
        ]
    )
    session.flush()


def _opened_page(room: Classroom, person: str) -> LaunchSession:
    return LaunchSession(
        secret_hash="",
        person_id=person,
        course_id=room.course_id,
        institution_id=room.institution_id,
        role="student",
        return_url=f"return {SECRET}",
        deep_link=f"link {SECRET}",
        created_at=START,
        seen_at=START + timedelta(minutes=1),
    )
