"""Two institutions: one with two courses, one with one; each course with people, texts, findings and open launches.

Every course has a word of its own in its titles, activities and texts, and so has each student. Whoever reads a
word of somebody else has got through.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_tool.app import create_app
from lti_tool.audit.tables import AuditEvent
from lti_tool.consent import ledger, translating, wording
from lti_tool.ingest.tables import Post
from lti_tool.insights import service as insights
from lti_tool.launch import antiforgery, invites, operators, sessions
from lti_tool.launch.deep_links import Wanted
from lti_tool.launch.tables import Course, Deployment, Institution, LaunchSession, Membership
from lti_tool.reflections.service import Prompt, set_prompt
from lti_tool.reflections.tables import Reflection
from lti_tool.review import service as review
from lti_tool.rights import erasing, requests
from lti_tool.scoring.tables import CourseModel, ModelVersion, Serving
from lti_tool.settings import Settings
from lti_tool.storage import Base, Database, Keyring, current_keyring, new_id, use_keyring
from tests.classroom import START, Classroom, open_database

BASE_URL = "http://localhost"
WORDS = {"ours": "quillfeather", "beside": "marrowstone", "theirs": "thornapple"}
"""Course → its word: `beside` is another course of the same institution, `theirs` another institution's."""
LABELS = {"ours": "confusion", "beside": "frustration", "theirs": "boredom"}
"""What rises in the course, so that no finding of one has the name of another's."""
ROLES = ("student", "instructor", "administrator", "none")
AUTHORS = 8


@dataclass(frozen=True)
class Seat:
    """An open launch of one person, with the words that only they, or only their course, may read."""

    launch_id: str
    person_id: str
    role: str
    course: str
    kind: str
    """Empty, `2` for a second person of the role, or `ended` and `idle` for a launch that is open no more."""
    word: str
    objects: dict[str, str]
    """What stands in place of an id in an address of theirs."""


@dataclass
class Tenants:
    app: Flask
    database: Database
    settings: Settings
    keyring: Keyring
    seats: dict[str, Seat] = field(default_factory=dict)
    """`ours.student`, `ours.student.2`, `theirs.instructor`, `ours.student.ended` and so on."""
    institutions: dict[str, str] = field(default_factory=dict)
    """Course → the id of its institution."""

    def client(self, seat: Seat | None, launch_id: str) -> FlaskClient:
        """The browser of a seat, which tries its secret for the launch as well; with None one without any cookie."""
        use_keyring(self.keyring)
        client = self.app.test_client()
        for name in {seat.launch_id, launch_id} if seat else ():
            secret = secret_of(seat.launch_id)
            client.set_cookie(sessions.cookie_name(name), secret, domain="localhost", secure=True)
        return client

    def ask(
        self, seat: Seat | None, method: str, path: str, query: dict[str, str], form: dict[str, Any]
    ) -> TestResponse:
        """As a page of the address would ask: with its anti-forgery token and our origin."""
        client = self.client(seat, path.split("/")[2])
        if method == "GET":
            return client.get(path, query_string=query, base_url=BASE_URL)
        with self.app.app_context():
            form = {"csrf_token": antiforgery.token(path.split("/")[2])} | form
        return client.open(
            path,
            method=method,
            query_string=query,
            data=form,
            base_url=BASE_URL,
            headers={"Origin": BASE_URL},
        )

    def log(self) -> list[AuditEvent]:
        with self.database.reading() as session:
            return list(session.scalars(select(AuditEvent).order_by(AuditEvent.at)))

    def rows(self) -> dict[str, list[str]]:
        """Every row of every table, but the log."""
        with self.database.reading() as session:
            return {
                table.name: sorted(map(repr, session.execute(select(table))))
                for table in Base.metadata.sorted_tables
                if table.name != "audit_events"
            }


class CourseBeside(Classroom):
    """A further course of the institution and the deployment of another one."""

    def __init__(self, session: Session, other: Classroom) -> None:
        self.session, self.institution_id, self.course_id = session, other.institution_id, new_id()
        deployment = session.get_one(Course, other.course_id).deployment_id
        session.add(
            Course(
                id=self.course_id,
                institution_id=self.institution_id,
                deployment_id=deployment,
                context_key="43",
                starts_on=START,
                last_launch_at=START + timedelta(days=40),
            )
        )
        session.flush()


def secret_of(launch_id: str) -> str:
    return f"secret of {launch_id}"


@contextmanager
def tenants(folder: Path) -> Iterator[Tenants]:
    """Make everything in a database of its own."""
    database = open_database(folder)
    settings = Settings(environment="test", home=folder, base_url=BASE_URL, help_contacts="Help: 555 0100")
    made = Tenants(create_app(settings, database, current_keyring()), database, settings, current_keyring())
    with database.session() as session:
        wording.publish(session, START)
        ours = Classroom(session)
        rooms = {"ours": ours, "beside": CourseBeside(session, ours), "theirs": Classroom(session)}
        version = ours.version()
        _serve_another(session, version)
        for room in (ours, rooms["theirs"]):
            _serve_own(session, room.institution_id, version)
        for name, room in rooms.items():
            _furnish(made, name, room, version)
    yield made
    database.dispose()


def _serve_another(session: Session, version: ModelVersion) -> None:
    """A version that served before the present one, so that there is a way back."""
    second = ModelVersion(
        weights_hash=version.weights_hash,
        calibration=version.calibration,
        origin="retrained",
        created_at=START,
    )
    session.add(second)
    session.flush()
    session.add(
        Serving(
            institution_id=None, number=2, version_id=second.id, who="nightly run", why="promoted", at=START
        )
    )
    session.flush()


def _serve_own(session: Session, institution_id: str, version: ModelVersion) -> None:
    """A version that has learnt from the texts of one institution and serves it alone (P61)."""
    own = ModelVersion(
        weights_hash=version.weights_hash,
        calibration=version.calibration,
        parent_id=version.id,
        origin="retrained",
        institution_id=institution_id,
        created_at=START,
    )
    session.add(own)
    session.flush()
    move = {"number": 1, "version_id": own.id, "who": "nightly run", "why": "promoted", "at": START}
    session.add(Serving(institution_id=institution_id, **move))
    session.flush()


def _furnish(made: Tenants, name: str, room: Classroom, version: ModelVersion) -> None:
    """Titles, texts, a correction, a picture, and a launch for each role."""
    session, word = room.session, WORDS[name]
    session.get_one(Course, room.course_id).title = f"Course {word}"
    session.get_one(Institution, room.institution_id).name += f" {name}"
    if name != "ours":
        session.add(CourseModel(course_id=room.course_id, version_id=version.id, at=START))
    authors = room.people(AUTHORS, "ABC")
    posts = _write(room, version, authors, name)
    teacher = room.person("-")
    review.answer(
        session,
        datetime.now(UTC),
        posts[authors[1]][0],
        teacher,
        {"sentiment": "negative"},
        session.get_one(Post, posts[authors[1]][0]).text_hash,
        course_id=room.course_id,
    )
    made.institutions[name] = room.institution_id
    picture = insights.body_of(insights.build(session, START, made.settings, room.course_id, 20))
    objects = _objects(session, room, posts[authors[0]][0], picture.findings[0].id, word)
    sit = _Sitting(made, name, room, objects)
    sit.down("student", authors[0], f"{word}0")
    sit.down("student", authors[0], f"{word}0", "ended")
    sit.down("student", authors[0], f"{word}0", "idle")
    sit.down("student", authors[2], f"{word}2", "2")
    for role in ROLES[1:]:
        for kind in ("", "2", "ended", "idle"):
            person = teacher if (role, kind) == ("instructor", "") else room.person("-")
            sit.down(role, person, word, kind)
    sit.down("administrator", room.person("-"), word, "outside")


def _write(room: Classroom, version: ModelVersion, authors: list[str], name: str) -> dict[str, list[str]]:
    """Post ids by author: three weeks of a forum and of reflections; in the third the course's label rises."""
    word, found = WORDS[name], dict[str, list[str]]()
    for week in range(3):
        for kind in ("forum", "reflection"):
            place = room.activity(f"{kind} {week} {word}", kind, week + 1, f"Part {week + 1} {word}")
            for number, person in enumerate(authors):
                chances = {LABELS[name]: 0.9, "negative": 0.8} if week == 2 and number % 4 else {}
                text = f"{word}{number} wrote in week {week + 1} about the base case."
                post = room.post(
                    person, place, text, 7 * week + number / 10, thread_index=f"{name}{week}{kind}"
                )
                room.score(post, version, **chances)
                found.setdefault(person, []).append(post.id)
    return found


def _reflection(session: Session, room: Classroom, word: str) -> Reflection:
    """The same link key in each course, as copies of one course have it."""
    closes = datetime.now(UTC) + timedelta(days=7)
    asked = Prompt(f"Week {word}", f"What of {word}?", f"Tell a friend of {word}", None, None, closes, "UTC")
    return set_prompt(session, room.course_id, "week", asked)


def _objects(session: Session, room: Classroom, post_id: str, finding_id: str, word: str) -> dict[str, str]:
    """The ids of a course, by the name of the argument or field in which an address holds them."""
    course = session.get_one(Course, room.course_id)
    deployment = session.get_one(Deployment, course.deployment_id)
    post = session.get_one(Post, post_id)
    return {
        "post_id": post_id,
        "event_id": ledger.write(session, START, post.person_id, room.course_id, "all", "shown", "en").id,
        "erasure_id": _erasure(session, room, post, word),
        "request_id": requests.record_own(
            session, datetime.now(UTC), room.institution_id, "objection", post.person_id, f"About {word}"
        ).id,
        "wording": translating.publish(session, START, "es").sha256,
        "text_hash": post.text_hash,
        "activity_id": post.activity_id,
        "finding_id": finding_id,
        "reflection_id": _reflection(session, room, word).id,
        "course_id": room.course_id,
        "deployment_id": deployment.id,
        "registration_id": deployment.registration_id,
        "version_id": session.scalars(
            select(ModelVersion.id).where(ModelVersion.institution_id == room.institution_id)
        ).one(),
        "operator_id": operators.add(
            session, datetime.now(UTC), room.institution_id, "https://lms.example", room.course_id, "spare"
        ).id,
        "code": invites.make(session, datetime.now(UTC), room.institution_id, "listing", None),
    }


def _erasure(session: Session, room: Classroom, post: Post, word: str) -> str:
    """One more text, which its author has asked to erase."""
    text = room.post(post.person_id, post.activity_id, f"{word} is to be erased.", 30)
    now = datetime.now(UTC)
    return erasing.ask(session, now, post.person_id, room.course_id, "text", text.id).id


@dataclass
class _Sitting:
    made: Tenants
    name: str
    room: Classroom
    objects: dict[str, str]

    def down(self, role: str, person: str, word: str, kind: str = "") -> None:
        """Open a launch; `ended` and `idle` ones are open no more, an `outside` one belongs to no course."""
        session, now, launch_id = self.room.session, datetime.now(UTC), new_id()
        asked = Wanted("https://lms.example/return", None, "1", False)
        session.add(
            LaunchSession(
                id=launch_id,
                secret_hash=sessions.digest(secret_of(launch_id)),
                person_id=person,
                course_id=None if kind == "outside" else self.room.course_id,
                institution_id=self.room.institution_id,
                role=role,
                created_at=now,
                seen_at=now - sessions.IDLE if kind == "idle" else now,
                ended_at=now if kind == "ended" else None,
                deep_link=asked.as_text(),
                registration_id=self.objects["registration_id"],
                link_key="week",
                operator_index=operators.index_of("https://lms.example", "tool", person),
            )
        )
        if session.get(Membership, person) is None:
            session.add(Membership(person_id=person, course_id=self.room.course_id, role=role, seen_at=now))
        session.flush()
        name = ".".join(filter(None, (self.name, role, kind)))
        self.made.seats[name] = Seat(launch_id, person, role, self.name, kind, word, self.objects)
