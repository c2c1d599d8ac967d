"""Two installations that were set up once: one that may read the sample campus, one with corrections."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from lti_tool.app import create_app
from lti_tool.consent import service as consent
from lti_tool.consent.service import Choices
from lti_tool.demo.campus import Campus, CampusSettings, ToolRegistration, campus_of, create_campus, serve
from lti_tool.demo.campus.claims import memberships_url
from lti_tool.demo.campus.content import COURSE_ID
from lti_tool.demo.pair import campus_facts
from lti_tool.installation import Installation, prepare
from lti_tool.launch import courses, people, registrations
from lti_tool.launch.tables import Course
from lti_tool.lms.connections import connect
from lti_tool.review import service as review
from lti_tool.storage import Keyring, use_keyring
from model import recipe
from tests.classroom import Classroom
from tests.kills.dump import Dump, dump
from tests.kills.home import Home, wait
from tests.launch.platform import DECIDED

START = datetime(2026, 3, 2, tzinfo=UTC)
CLIENT = "kill-test-tool"
CORRECTED = 110
MARK = "xylophonquark"
DIFFERENT = {"sentiment": "negative", "confusion": 1, "boredom": 1}
"""What the instructor says of every text with the mark: easy to learn, and true of those held out too."""
OF_SCORING = ("scores", "course_models")


@dataclass(frozen=True)
class Before:
    """An installation with queued work, and what it holds once that was done undisturbed."""

    home: Home
    after: Dump


@pytest.fixture(scope="session")
def campus() -> Iterator[Campus]:
    """The sample campus, at a standstill after its six weeks."""
    app = create_campus(
        CampusSettings(environment="test", now=lambda: START + timedelta(days=43), start=START)
    )
    server, thread = serve(app, 0)
    yield campus_of(app)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def launched(campus: Campus, small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Everyone has launched and chosen; the pull is queued. The tool's public keys are served while tests run."""
    host = urlsplit(campus.settings.base_url).netloc
    home = new_home(tmp_path_factory.mktemp("launched") / "home", small_model, host)
    with home.database() as database:
        with database.session() as session:
            course = _enrol(session, campus)
        application = create_app(home.settings, database, Keyring.load(home.settings.keys_path))
        server = make_server("127.0.0.1", 0, application)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tool = f"http://localhost:{server.server_port}/lti"
        campus.settings.tool = ToolRegistration(CLIENT, f"{tool}/login", f"{tool}/launch", f"{tool}/keys")
        home.ask("pull", course)
        yield home
        server.shutdown()


@pytest.fixture(scope="session")
def before_pull(launched: Home, tmp_path_factory: pytest.TempPathFactory) -> Before:
    undisturbed = launched.copy(tmp_path_factory.mktemp("pull") / "home")
    undisturbed.work_here("pull")
    return Before(launched, _dump(undisturbed))


@pytest.fixture(scope="session")
def before_score(launched: Home, tmp_path_factory: pytest.TempPathFactory) -> Before:
    folder = tmp_path_factory.mktemp("score")
    pulled = launched.copy(folder / "pulled")
    pulled.work_here("pull")
    undisturbed = pulled.copy(folder / "scored")
    undisturbed.work_here("score")
    return Before(pulled, _dump(undisturbed))


@pytest.fixture(scope="session")
def before_retraining(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Before:
    """Corrections that all say something else than the model, so that the candidate is promoted.

    On one thread, as the workers are: else two trainings on the same texts differ in the last digit.
    """
    folder = tmp_path_factory.mktemp("retraining")
    home = new_home(folder / "home", small_model)
    with home.database() as database, database.session() as session:
        _correct(session)
    home.ask("retrain")
    undisturbed = home.copy(folder / "retrained")
    with undisturbed.worker() as process:
        wait(lambda: undisturbed.state("retrain") in ("done", "failed"), process)
    after = _dump(undisturbed)
    assert '"decision": "promoted"' in after["training_runs"][0], after["training_runs"]
    return Before(home, after)


def _dump(home: Home) -> Dump:
    with home.database() as database:
        return dump(database)


def new_home(folder: Path, model: Path, outbound_host: str = "localhost:9") -> Home:
    """Keys, tables and the first model."""
    home = Home(folder, model, outbound_host)
    keyring = Keyring.generate()
    keyring.save(home.settings.keys_path)
    use_keyring(keyring)
    with home.database() as database:
        prepare(Installation(home.settings, database))
    return home


def _enrol(session: Session, campus: Campus) -> str:
    """The course, its people and their choices, as their launches would leave them; the course's id."""
    now, url = campus.now(), campus.settings.base_url
    made = registrations.add(
        session,
        now,
        "Sample campus",
        campus_facts(url, CLIENT),
        DECIDED,
    )
    connect(session, now, made.id, "moodle", url, campus.settings.service_token)
    deployment = registrations.deployment_for(session, now, made, "1", accept=True)
    roster_url = memberships_url(campus)
    course = courses.remember(
        session, now, made, deployment, str(COURSE_ID), title="C", roster_url=roster_url, lms_course_id=None
    )
    for one in campus.students():
        sub = campus.roster_sub(one.key)
        person = people.person_for(session, now, course, url, CLIENT, "1", sub, sub)
        if isinstance(one.choice, dict):
            wanted = {name.lower(): bool(value) for name, value in one.choice.items()}
            consent.save(session, now, person.id, course.id, Choices(answered=True, **wanted), "en")
    return course.id


def _correct(session: Session) -> None:
    """Texts of forty people with A, B and C, each corrected by the instructor."""
    room = Classroom(session)
    session.get_one(Course, room.course_id).last_launch_at = START - timedelta(days=900)
    teacher, writers = room.person("-"), room.people(40, "ABC")
    forum = room.activity("Help")
    for number, row in enumerate(recipe.sampled(recipe.heldout(("en",)), CORRECTED)):
        text = f"{row['text']} {MARK}"
        post = room.post(writers[number % 40], forum, text, number, thread_index=f"t{number}")
        review.answer(
            session,
            START + timedelta(minutes=number),
            post.id,
            teacher,
            {**row["labels"], **DIFFERENT},
            post.text_hash,
            course_id=room.course_id,
        )
