"""Two worlds at one clock that differ in one student's choices: what does the staff see of each?"""

import random
import re
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from sqlalchemy.orm import Session

from lti_tool.app import create_app
from lti_tool.ingest.tables import Post
from lti_tool.jobs import enqueue
from lti_tool.jobs.service import finish
from lti_tool.launch import antiforgery, sessions
from lti_tool.launch.tables import Course, Deployment, Institution, LaunchSession
from lti_tool.settings import Settings
from lti_tool.storage import Base, Database, Keyring, request, use_keyring
from tests.blindness.filling import picture
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
Act = Callable[["World"], None]
BEFORE, PICTURE = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
"""When the student answers, unless said otherwise, and when the first picture is made."""


def choose(*letters: str, at: datetime = BEFORE) -> Act:
    """The student answers so many times in turn, on the pages: "" declines, "AB" grants A and B."""

    def act(world: "World") -> None:
        for place, given in enumerate(letters):
            world.clock.now = at + timedelta(minutes=place)
            _change(world, letters[place - 1], given) if place else _answer(world, given)
        world.clock.now = NOW

    return act


def _answer(world: "World", given: str) -> None:
    """The choice page, which has to be seen before it can be answered."""
    world.student("GET", "student")
    if not given:
        world.student("POST", "choices", decision="decline")
        return
    answers = {name.lower(): "yes" if name in given else "no" for name in "ABCD"}
    world.student("POST", "choices", **answers, earlier="yes" if "e" in given else "no")


def _change(world: "World", before: str, given: str) -> None:
    """One choice after the other, on "My choices"; the first takes the others with it."""
    for name in "A" if not given else sorted(set(before) ^ set(given)):
        field = "earlier" if name == "e" else name.lower()
        world.student("POST", f"choices/{field}", value="yes" if name in given else "no")


@dataclass
class Clock:
    """What every part of the application takes for the time, and where it has its ids from."""

    now: datetime = NOW
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    of_student: random.Random = field(default_factory=lambda: random.Random(8))
    """Their own, so that the rows of staff have the same ids, and so the same order, whatever a student did."""


@dataclass
class World:
    """One installation with one course, in which a launch of each role is open."""

    app: Flask
    database: Database
    settings: Settings
    names: dict[str, str]
    """What stands for {post}, {finding} and so on in an address."""
    clock: Clock

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

    def student(self, method: str, path: str, **fields: str) -> None:
        """A page of the student's, which takes what was asked."""
        chance, self.clock.chance = self.clock.chance, self.clock.of_student
        answer = self.ask("student", Ask(path, method, fields))
        self.clock.chance = chance
        assert answer[:3] == b"303" if method == "POST" else answer[:3] in (b"200", b"302"), answer[:400]

    def draw(self, at: datetime = PICTURE) -> None:
        """The scheduled picture of that moment."""
        self.clock.now = at
        body = picture(self.database, self.settings, at, 21)
        self.names["finding"] = body.findings[0].id if body.findings else "none"
        self.clock.now = NOW


def _without_ids(answer: bytes) -> bytes:
    """Each id as the number of its first place: which ids are the same stays to be seen."""
    places: dict[bytes, bytes] = {}
    return ID.sub(lambda found: places.setdefault(found[0], b"id %d" % len(places)), answer)


@contextmanager
def frozen() -> Iterator[Clock]:
    """One clock, and ids and other chance that come in the same order in every world."""
    clock, real = Clock(), request.now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=clock.chance.getrandbits(128), version=4))
        for name, module in list(sys.modules.items()):
            if name.startswith("lti_tool.") and getattr(module, "now", None) is real:
                patch.setattr(module, "now", lambda: clock.now)
        patch.setattr(TimestampSigner, "get_timestamp", lambda _self: int(clock.now.timestamp()))
        yield clock


def build(folder: Path, keys: Keyring, mode: str, act: Act | None, clock: Clock) -> World:
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
    world = World(create_app(settings, database, keys), database, settings, names, clock)
    if act is not None:
        act(world)
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
    names["launch student"] = _launch(room, "student", STUDENT)
    pulled = enqueue(session, NOW - timedelta(hours=1), "pull", room.course_id)
    finish(pulled, NOW - timedelta(hours=1), {"activities": 6, "not_read": 0, "new": 120})
    return names


def _name(names: dict[str, str], post: Post, has_b: bool) -> None:
    names.setdefault("post" if has_b else "hidden", post.id)
    if has_b:
        names.setdefault("hash", post.text_hash)


def _launch(room: Classroom, role: str, person: str | None = None) -> str:
    row = LaunchSession(
        secret_hash=sessions.digest(SECRET),
        person_id=person or room.person("-"),
        course_id=room.course_id,
        institution_id=room.institution_id,
        role=role,
        created_at=NOW,
        seen_at=NOW,
    )
    room.session.add(row)
    room.session.flush()
    return row.id
