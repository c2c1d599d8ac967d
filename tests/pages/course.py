"""A small course with a picture, and a browser's worth of addresses into it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, redirect
from flask.testing import FlaskClient
from sqlalchemy import delete, update
from werkzeug.test import TestResponse

from lti_tool.app import create_app
from lti_tool.insights import service
from lti_tool.insights.tables import Snapshot
from lti_tool.launch import antiforgery, sessions
from lti_tool.launch.tables import Course, Institution, LaunchSession
from lti_tool.settings import Settings
from lti_tool.storage import Base, Database, Keyring, current_keyring, use_keyring
from tests.classroom import Classroom, open_database

SECRET = "a secret of a test"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@dataclass
class OpenCourse:
    """An instructor's launch into one course."""

    app: Flask
    database: Database
    settings: Settings
    course_id: str
    launch_id: str
    instructor_id: str
    keyring: Keyring
    finding: str = ""
    posts: dict[str, list[str]] = field(default_factory=dict)

    def client(self) -> FlaskClient:
        use_keyring(self.keyring)
        client = self.app.test_client()
        client.set_cookie(sessions.cookie_name(self.launch_id), SECRET, domain="localhost", secure=True)
        return client

    def address(self, path: str) -> str:
        """The path within the launch; FINDING stands for the page of the first finding."""
        return f"/l/{self.launch_id}/" + path.replace("FINDING", f"findings/{self.finding}")

    def get(self, path: str) -> TestResponse:
        return self.client().get(self.address(path), base_url=self.settings.base_url)

    def post(self, path: str, **fields: Any) -> TestResponse:
        with self.app.app_context():
            fields["csrf_token"] = antiforgery.token(self.launch_id)
        return self.client().post(
            self.address(path),
            data=fields,
            base_url=self.settings.base_url,
            headers={"Origin": self.settings.base_url},
        )

    def draw(self) -> Any:
        """Make a picture of the course as it is now, and return its body."""
        with self.database.session() as session:
            row = service.build(session, datetime.now(UTC), self.settings, self.course_id, 20)
            return service.body_of(row)

    def without_picture(self) -> None:
        with self.database.session() as session:
            session.execute(delete(Snapshot))

    def mode(self, mode: str) -> None:
        with self.database.session() as session:
            session.execute(update(Institution).values(mode=mode))


def open_course(
    folder: Path, *, words: str = "", base_url: str = "http://localhost", filled: bool = True
) -> OpenCourse:
    """Twelve authors with B and six without, three weeks; the third is confused.

    `words` stands in every name and text.
    """
    database = open_database(folder)
    Base.metadata.create_all(database.engine)
    settings = Settings(environment="test", home=folder, base_url=base_url, help_contacts="Help: 555 0100")
    with database.session() as session:
        room = Classroom(session)
        session.get_one(Course, room.course_id).title = f"Algorithms I {words}".strip()
        instructor = room.person("-")
        launch_id = _launch(room, instructor)
        posts = _write(room, words) if filled else {}
        course_id = room.course_id
    app = create_app(settings, database, current_keyring())
    opened = OpenCourse(
        app, database, settings, course_id, launch_id, instructor, current_keyring(), posts=posts
    )
    if filled:
        opened.finding = opened.draw().findings[0].id
    app.add_url_rule("/enter", "enter", lambda: _enter(launch_id))
    return opened


def _launch(room: Classroom, instructor: str) -> str:
    now = datetime.now(UTC)
    row = LaunchSession(
        secret_hash=sessions.digest(SECRET),
        person_id=instructor,
        course_id=room.course_id,
        institution_id=room.institution_id,
        role="instructor",
        created_at=now,
        seen_at=now,
    )
    room.session.add(row)
    room.session.flush()
    return row.id


def _enter(launch_id: str) -> Any:
    """The cookie of the launch, for a browser."""
    answer = redirect(f"/l/{launch_id}/overview")
    sessions.set_cookie(answer, sessions.cookie_name(launch_id), SECRET, sessions.ABSOLUTE)
    return answer


def _write(room: Classroom, words: str) -> dict[str, list[str]]:
    """Post ids by whether the author gave B."""
    version = room.version()
    with_b, without = room.people(12, "ABC"), room.people(6, "A")
    forums = [
        room.activity(f"Help {n} {words}", "forum", n, f"Recursion, part {n} {words}") for n in (1, 2, 3)
    ]
    diaries = [
        room.activity(f"Diary {n} {words}", "reflection", n, f"Recursion, part {n} {words}")
        for n in (1, 2, 3)
    ]
    found: dict[str, list[str]] = {"b": [], "no b": []}
    for week in range(3):
        for number, person in enumerate([*with_b, *without]):
            key = "b" if person in with_b else "no b"
            chances: dict[str, float] = (
                {"confusion": 0.9, "negative": 0.8} if week == 2 and number % 3 else {}
            )
            for place, what in ((forums[week], "asks about base case"), (diaries[week], "thought about it")):
                text = f"Author {number} {key} {what} in week {week + 1}. {words}"
                title = f"Thread {week} {words}" if number == 0 else None
                thread = f"t{week}" if place == forums[week] else None
                post = room.post(
                    person, place, text, 7 * week + number / 10, title=title, thread_index=thread
                )
                room.score(post, version, **chances)
                found[key].append(post.id)
    return found
