"""A campus and the tool beside it, both over HTTP in this process: people launch from the one into the other."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select
from werkzeug.serving import BaseWSGIServer, make_server

from lti_tool.app import create_app
from lti_tool.consent import service as consent
from lti_tool.consent import wording
from lti_tool.demo.browser import Browser, Page
from lti_tool.demo.campus import Campus, CampusSettings, ToolRegistration, campus_of, create_campus, serve
from lti_tool.demo.classroom import answer, open_tool
from lti_tool.demo.pair import CLIENT_ID, DECISION, campus_facts
from lti_tool.installation import Installation
from lti_tool.jobs import Job
from lti_tool.launch import keys, operators, people, registrations
from lti_tool.launch.tables import Course
from lti_tool.lms.connections import LmsKind, connect
from lti_tool.settings import Settings
from lti_tool.storage import Base, Database, Keyring, use_keyring

YES = {"A": True, "B": True, "C": True, "D": False, "earlier": True}
NO = dict.fromkeys(YES, False)


@dataclass(frozen=True)
class CampusAndTool:
    """Both running; `registration_id` is the campus's in the tool."""

    campus: Campus
    installation: Installation
    app: Flask
    registration_id: str

    @property
    def database(self) -> Database:
        return self.installation.database

    @property
    def settings(self) -> Settings:
        return self.installation.settings

    @property
    def course_id(self) -> str:
        with self.database.reading() as session:
            return session.scalars(select(Course.id)).one()

    def launch(self, key: str) -> tuple[Browser, Page]:
        return open_tool(self.campus.settings.base_url, key)

    def answer(self, key: str, **changes: bool) -> Browser:
        """The person launches and answers the choice page; nothing named is a yes to A, B, C and earlier posts."""
        browser, page = self.launch(key)
        answer(browser, page, YES | changes)
        return browser

    def answer_again(self, key: str) -> None:
        """The person takes everything back."""
        with self.database.session() as session:
            now, person = datetime.now(UTC), self.person(key)
            consent.save(session, now, person, self.course_id, consent.DECLINED, "en")

    def person(self, key: str) -> str:
        """The tool's own id of someone who has launched."""
        with self.database.reading() as session:
            return people.people_by_lms_id(session, self.course_id)[str(self.campus.user_id(key))]

    def read_by(self, kind: LmsKind, url: str, token: str) -> None:
        """Set up how the course is read."""
        host = urlsplit(url).netloc
        if host not in self.settings.outbound_hosts:
            self.settings.outbound_hosts.append(host)
        with self.database.session() as session:
            connect(
                session, datetime.now(UTC), self.registration_id, kind, url, token, plain_http_hosts=[host]
            )

    def jobs(self, kind: str) -> list[Job]:
        with self.database.reading() as session:
            return list(session.scalars(select(Job).where(Job.kind == kind).order_by(Job.queued_at)))


@contextmanager
def running(home: Path, migrated: Path | str) -> Iterator[CampusAndTool]:
    """Serve both until the block ends; the tool's keys, database and settings lie in `home`.

    `migrated` is a file to copy, or the address of a server's empty database.
    """
    made: list[Flask] = []
    server = make_server("localhost", 0, lambda *call: made[0].wsgi_app(*call), threaded=True)
    tool = f"http://localhost:{server.server_port}"
    registration = ToolRegistration(CLIENT_ID, f"{tool}/lti/login", f"{tool}/lti/launch", f"{tool}/lti/keys")
    campus_app = create_campus(CampusSettings(environment="test", tool=registration))
    campus_server, campus_thread = serve(campus_app, 0)
    campus = campus_of(campus_app)
    installation = _installation(home, migrated, tool, campus.settings.base_url)
    registration_id = _register(installation, campus)
    made.append(create_app(installation.settings, installation.database, Keyring.load(home / "keys.json")))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield CampusAndTool(campus, installation, made[0], registration_id)
    finally:
        for one in (server, campus_server):
            _stop(one)
        thread.join()
        campus_thread.join()
        installation.database.dispose()


def _stop(server: BaseWSGIServer) -> None:
    server.shutdown()
    server.server_close()


def _installation(home: Path, migrated: Path | str, tool: str, campus: str) -> Installation:
    settings = Settings(
        environment="test",
        home=home,
        base_url=tool,
        outbound_hosts=[urlsplit(campus).netloc],
        help_contacts="Help: 555 0100",
    )
    keyring = Keyring.generate()
    keyring.save(settings.keys_path)
    use_keyring(keyring)
    if isinstance(migrated, str):
        settings = settings.model_copy(update={"database_url": migrated})
        Base.metadata.create_all(Database(migrated).engine)
    else:
        shutil.copy(migrated, home / "undertone.db")
    return Installation(settings, Database(settings.database))


def _register(installation: Installation, campus: Campus) -> str:
    now, url = datetime.now(UTC), campus.settings.base_url
    with installation.database.session() as session:
        keys.ensure(session, now)
        wording.publish(session, now)
        made = registrations.add(session, now, "Sample campus", campus_facts(url, CLIENT_ID), DECISION)
        operators.add(session, now, made.institution_id, url, CLIENT_ID, campus.roster_sub("admin"))
        return made.id
