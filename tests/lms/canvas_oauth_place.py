"""A tool and a campus whose Canvas asks for OAuth2, for tests of tokens: a clock that moves, and no pauses."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import Flask

from lti_tool.demo.campus import Campus, CampusSettings, campus_of, create_campus, serve
from lti_tool.demo.campus.canvas_switches import CanvasSwitches
from lti_tool.demo.campus.canvas_tokens import Code, DeveloperKey, of
from lti_tool.launch import registrations
from lti_tool.launch.tables import Registration
from lti_tool.lms import canvas_accounts
from lti_tool.lms.canvas_accounts import Typed
from lti_tool.lms.canvas_accounts_tokens import CanvasTokens
from lti_tool.lms.canvas_oauth import Grant, exchange
from lti_tool.lms.canvas_scopes import SCOPES
from lti_tool.lms.tables import CanvasAccount
from lti_tool.outbound.client import Client
from lti_tool.settings import Settings
from lti_tool.storage import Database
from tests.launch.platform import DECIDED, facts_of

REDIRECT = "http://localhost/lti/canvas/authorised"
NOW = datetime.now(UTC)
"""Readings take their time from the machine."""


@dataclass
class Clock:
    """The time of the tool and of Canvas alike."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()

    def forward(self, **how: float) -> None:
        self.at += timedelta(**how)


@dataclass
class Place:
    """One registration whose Canvas is the campus."""

    app: Flask
    database: Database
    settings: Settings
    registration: Registration
    clock: Clock = field(default_factory=Clock)
    pauses: list[float] = field(default_factory=list)

    @property
    def campus(self) -> Campus:
        return campus_of(self.app)

    @property
    def canvas(self) -> DeveloperKey:
        return of(self.app)

    @property
    def client(self) -> Client:
        return Client(self.settings)

    @property
    def account(self) -> CanvasAccount:
        with self.database.reading() as session:
            return session.get_one(CanvasAccount, self.registration.id)

    def tokens(self, **changes: object) -> CanvasTokens:
        given = {"now": self.clock, "pause": self.pauses.append} | changes
        return CanvasTokens(self.database, self.client, self.registration.id, **given)

    def enter_key(self, **changes: str) -> None:
        known = {
            "key_id": self.canvas.client_id,
            "secret": self.canvas.secret,
            "address": self.campus.settings.base_url,
        }
        hosts = self.settings.outbound_hosts
        with self.database.session() as session:
            typed = Typed(**(known | changes))
            canvas_accounts.set_key(session, self.clock(), self.registration, typed, None, hosts)

    def authorise(self) -> Grant:
        """What the pages do, without the browser."""
        self.canvas.codes["code"] = Code({"redirect_uri": REDIRECT}, self.clock.seconds() + 600)
        with self.database.reading() as session:
            _, key = canvas_accounts.key_of(session, self.registration.id)
        grant = exchange(self.client, self.clock(), key, "code", REDIRECT, "")
        with self.database.session() as session:
            account, _ = canvas_accounts.key_of(session, self.registration.id)
            canvas_accounts.keep(session, self.clock(), account, grant)
        return grant


@contextmanager
def running_campus() -> Iterator[Flask]:
    """A campus on a port of its own; making one takes longer than any test of it."""
    app = create_campus(CampusSettings(environment="test", base_url=""))
    server, thread = serve(app, 0)
    yield app
    server.shutdown()
    thread.join()


def place_of(app: Flask, database: Database) -> Place:
    """An authorised account in this database; the campus's Canvas is as new."""
    url = campus_of(app).settings.base_url
    app.extensions["canvas_key"] = DeveloperKey(redirect_uris={REDIRECT})
    campus_of(app).settings.canvas = CanvasSwitches(scopes=frozenset(SCOPES))
    campus_of(app).settings.faults.clear()
    settings = Settings(environment="test", outbound_hosts=[urlsplit(url).netloc])
    with database.session() as session:
        facts, hosts = facts_of(url), settings.outbound_hosts
        made = registrations.add(session, NOW, "Northfield", facts, DECIDED, plain_http_hosts=hosts)
    place = Place(app, database, settings, made)
    place.campus.settings.canvas.clock = place.clock.seconds
    place.enter_key()
    place.authorise()
    return place
