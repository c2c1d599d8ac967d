"""A course whose link opens a reflection: its instructor, its students, the platform's roster, and the job."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lti_tool.ingest.tables import Post
from lti_tool.jobs import Run
from lti_tool.jobs.tables import Job
from lti_tool.launch.deep_links import ACTIVITY
from lti_tool.launch.tables import LaunchSession
from lti_tool.reflections import service, tasks, writing
from lti_tool.reflections.tables import Reflection, ReflectionText
from lti_tool.scoring.serving import shown_version
from lti_tool.settings import Settings
from lti_tool.storage import Database
from tests.blindness.filling import Launched, picture
from tests.launch.fixtures import SignedIn, SignIn
from tests.launch.platform import LTI, M, Platform

KEY = "week-3"
ASKED = "What was hard in week 3?"
OTHERWISE = "Tell somebody at your table."
YES = {"a": "yes", "b": "no", "c": "no", "d": "no"}
TEXT = "I do not follow why the base case may be left out, and Rosalind Quince did not either."
NOW = datetime.now(UTC)


def in_days(days: float) -> str:
    """As the form's field holds it, on UTC's clock."""
    return (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


FORM = {
    "title": "Week 3",
    "prompt": ASKED,
    "otherwise": OTHERWISE,
    "closes": in_days(7),
    "zone": "UTC",
    "words": "150",
}


def member(sub: str, name: str = "Rosalind Quince", role: str = "Learner") -> dict[str, Any]:
    given, _, family = name.partition(" ")
    named = {"name": name, "given_name": given, "family_name": family} if name else {}
    return {"user_id": sub, "status": "Active", "roles": [M + role], **named}


@dataclass
class Course:
    """The people of one link; `open` signs somebody in through it."""

    sign_in: SignIn
    database: Database
    settings: Settings
    platform: Platform
    app: Flask
    told: list[Any] = field(default_factory=list)

    def open(self, role: str = "student", sub: str = "5", *, key: str = KEY, **more: Any) -> SignedIn:
        more |= {LTI + "custom": {ACTIVITY: key}, LTI + "resource_link": {"id": "7", "title": "Week three"}}
        return self.sign_in(role, sub, **more)

    def set(self, **changes: str) -> SignedIn:
        """The instructor sets the prompt."""
        teacher = self.open("instructor", "3")
        answer = teacher.post("prompt", FORM | changes)
        assert answer.status_code == 303, answer.text
        return teacher

    def student(self, sub: str = "5", choices: dict[str, str] | None = None, **more: Any) -> SignedIn:
        """Somebody who opens the link and has answered the choice page."""
        person = self.open("student", sub, **more)
        assert person.post("choices", YES if choices is None else choices).status_code == 303
        return person

    @property
    def reflection(self) -> Reflection:
        with self.database.reading() as session:
            return session.scalars(select(Reflection)).one()

    def page(self) -> str:
        return f"writing/{self.reflection.id}"

    def own(self, person: SignedIn) -> ReflectionText | None:
        with self.database.reading() as session:
            row = session.get_one(LaunchSession, person.launch_id)
            return writing.own(session, self.reflection.id, row.person_id)

    def write(self, person: SignedIn, text: str = TEXT, act: str = "hand_in", **more: Any) -> Any:
        """Save as the person's page would, with the mark of what is saved now unless `version` says otherwise."""
        row = self.own(person)
        version = more.pop("version", row.version if row else "")
        return person.post(self.page(), {"text": text, "act": act, "version": version}, **more)

    def take_in(self) -> dict[str, Any]:
        with self.database.reading() as session:
            course_id = session.scalars(select(Reflection.course_id)).first()
        return tasks.take_in(Run("job", course_id, {}, self.database, self.settings, lambda *told: None))

    def tend(self) -> dict[str, Any]:
        return tasks.tend(Run("job", "", {}, self.database, self.settings, lambda *told: None))

    def picture(self) -> None:
        """What was handed in is taken in and scored, and the next picture of the course is made."""
        self.take_in()
        with self.database.session() as session:
            room = Launched(session)
            version = shown_version(session, room.course_id) or room.version()
            room.score_all(version, confusion=0.9)
        picture(self.database, self.settings, datetime.now(UTC))

    def posts(self) -> list[Post]:
        with self.database.reading() as session:
            return list(session.scalars(select(Post).order_by(Post.written_at)))

    def texts(self) -> list[ReflectionText]:
        with self.database.reading() as session:
            return list(session.scalars(select(ReflectionText)))

    def jobs(self, kind: str) -> int:
        with self.database.reading() as session:
            return len(session.scalars(select(Job).where(Job.kind == kind)).all())

    def move(self, **dates: datetime | None) -> None:
        """Change the dates of the reflection."""
        with self.database.session() as session:
            row = service.one(session, self.reflection.course_id, self.reflection.id)
            for name, at in dates.items():
                setattr(row, name, at)


@pytest.fixture
def course(sign_in, database, settings, platform, app) -> Course:
    platform.members[:] = [member("3", "Ada Teacher", "Instructor"), member("5"), member("6", "Jun Okafor")]
    return Course(sign_in, database, settings, platform, app)
