"""Two worlds at one clock that differ in one student's choices: what does the staff see of each?"""

import random
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from sqlalchemy.orm import Session

from lti_tool.app import create_app
from lti_tool.consent import service as consent
from lti_tool.consent.service import Choices
from lti_tool.ingest.tables import Post
from lti_tool.insights import service
from lti_tool.jobs import enqueue
from lti_tool.jobs.service import finish
from lti_tool.launch import antiforgery, sessions
from lti_tool.launch.tables import Course, Deployment, Institution, LaunchSession
from lti_tool.settings import Settings
from lti_tool.storage import Base, Database, Keyring, use_keyring
from tests.blindness.routes import Ask
from tests.classroom import START, Classroom

NOW = START + timedelta(days=21)
SECRET = "a secret of a test"
STUDENT = "5" * 32
"""The one whose choices differ."""
ROLES = {"instructor": "instructor", "administrator": "administrator", "other staff": "none"}
"""Who asks → the role of their launch. Teaching assistants, designers and observers are `none` unless they are
instructors too (S23); there is no reviewer role yet."""

ID = re.compile(rb"\b(?:[0-9a-f]{32}|[0-9a-f]{12})\b")
"""Ids of rows, and the references of error pages."""
Choose = Callable[[Session, datetime, str], None]


def choose(*letters: str) -> Choose:
    """The student answers so many times in turn: "" declines, "AB" grants A and B."""

    def act(session: Session, course_id: str) -> None:
        for place, given in enumerate(letters):
            wanted = {name.lower(): name in given for name in "ABCD"} | {"earlier": "e" in given}
            moment = NOW - timedelta(hours=2) + timedelta(minutes=place)
            consent.save(session, moment, STUDENT, course_id, Choices(True, **wanted), "en")

    return act


@dataclass
class World:
    """One installation with one course, in which a launch of each role is open."""

    app: Flask
    database: Database
    settings: Settings
    names: dict[str, str]
    """What stands for {post}, {finding} and so on in an address."""

    def ask(self, role: str, what: Ask) -> bytes:
        """The whole answer: status, headers and body."""
        launch_id = self.names[f"launch {role}"]
        client = self.app.test_client()
        client.set_cookie(sessions.cookie_name(launch_id), SECRET, domain="localhost", secure=True)
        path = what.path.format(**self.names)
        address = path if path.startswith("/") else f"/l/{launch_id}/{path}"
        options: dict[str, Any] = {"base_url": "http://localhost", "headers": {"Origin": "http://localhost"}}
        if what.method == "POST":
            with self.app.app_context():
                fields = {name: value.format(**self.names) for name, value in what.fields.items()}
                options["data"] = {**fields, "csrf_token": antiforgery.token(launch_id)}
        else:
            options["query_string"] = what.query.format(**self.names)
        answer = client.open(address, method=what.method, **options)
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers)
        return _without_ids(f"{answer.status}\n{head}\n\n".encode() + answer.data)

    def write(self, act: Callable[[Session, str], Any]) -> None:
        with self.database.session() as session:
            act(session, self.names["course"])

    def draw(self) -> None:
        """The next scheduled picture."""
        with self.database.session() as session:
            body = service.body_of(service.build(session, NOW, self.settings, self.names["course"], 21))
            self.names["finding"] = body.findings[0].id if body.findings else "none"


def _without_ids(answer: bytes) -> bytes:
    """Each id as the number of its first place: which ids are the same stays to be seen."""
    places: dict[bytes, bytes] = {}
    return ID.sub(lambda found: places.setdefault(found[0], b"id %d" % len(places)), answer)


@contextmanager
def frozen() -> Iterator[None]:
    """One clock, and ids and other chance that come in the same order in every world."""
    chance = random.Random(7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=chance.getrandbits(128), version=4))
        for part in ("storage.request", "launch.pages", "insights.page", "review.views", "ingest.views",
                     "retraining.views", "reflections.views_prompts", "rights.views"):  # fmt: skip
            patch.setattr(f"lti_tool.{part}.now", lambda: NOW, raising=False)
        patch.setattr(TimestampSigner, "get_timestamp", lambda _self: int(NOW.timestamp()))
        yield


def build(folder: Path, keys: Keyring, mode: str, act: Choose | None) -> World:
    """A course of twenty who wrote, and one more student, who chose as `act` says and wrote nothing."""
    folder.mkdir()
    use_keyring(keys)
    database = Database(f"sqlite:///{folder / 'undertone.db'}")
    Base.metadata.create_all(database.engine)
    settings = Settings(
        environment="test", home=folder, base_url="http://localhost", help_contacts="Help: 555 0100"
    )
    with database.session() as session:
        names = _fill(session, mode)
    world = World(create_app(settings, database, keys), database, settings, names)
    if act is not None:
        world.write(act)
    world.draw()
    return world


def _fill(session: Session, mode: str) -> dict[str, str]:
    room = Classroom(session, mode)
    session.get_one(Institution, room.institution_id).help_contacts = "Help: 555 0100"
    version = room.version()
    with_b, without = room.people(12, "ABC"), room.people(8, "A")
    names = {"course": room.course_id}
    for week in (1, 2, 3):
        forum = room.activity(f"Help {week}", "forum", week, f"Recursion, part {week}")
        diary = room.activity(f"Diary {week}", "reflection", week, f"Recursion, part {week}")
        for number, person in enumerate([*with_b, *without]):
            for place, words in ((forum, "asks about the base case"), (diary, "thought about the base case")):
                post = room.post(
                    person, place, f"Number {number} {words}, {week}.", 7 * week - 7 + number / 10
                )
                confused = {"confusion": 0.9, "negative": 0.8} if week == 3 and number % 3 else {}
                room.score(post, version, **confused)
                _name(names, post, person in with_b)
        names["activity"] = forum
    room.person("-", STUDENT)
    deployment = session.get_one(Course, room.course_id).deployment_id
    names["registration"] = session.get_one(Deployment, deployment).registration_id
    for role, kept in ROLES.items():
        names[f"launch {role}"] = _launch(room, kept)
    pulled = enqueue(session, NOW - timedelta(hours=1), "pull", room.course_id)
    finish(pulled, NOW - timedelta(hours=1), {"activities": 6, "not_read": 0, "new": 120})
    return names


def _name(names: dict[str, str], post: Post, has_b: bool) -> None:
    names.setdefault("post" if has_b else "hidden", post.id)
    if has_b:
        names.setdefault("hash", post.text_hash)


def _launch(room: Classroom, role: str) -> str:
    row = LaunchSession(
        secret_hash=sessions.digest(SECRET),
        person_id=room.person("-"),
        course_id=room.course_id,
        institution_id=room.institution_id,
        role=role,
        created_at=NOW,
        seen_at=NOW,
    )
    room.session.add(row)
    room.session.flush()
    return row.id
