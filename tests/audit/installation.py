"""A tool with a platform, the people who act in it, and the secrets that must not be in its log."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch.tables import Registration
from lti_tool.scoring import serving
from lti_tool.scoring.tables import ModelVersion
from lti_tool.settings import Settings
from lti_tool.storage import Database
from tests.launch.fixtures import SignedIn, SignIn
from tests.launch.platform import LTI, Platform
from tests.rights.conftest import Writer, make_writer

NAMES = ("Aino Planted-Name", "Planted-Name", "planted@example.org")
SUBS = {
    "student": "sub-of-the-student-7731",
    "instructor": "sub-of-the-instructor-4402",
    "administrator": "99",
}
TITLE = "Planted title of a course"


@dataclass
class Installation:
    """A tool with a platform, the people who act in it, and the secrets that must not be in the log."""

    app: Flask
    database: Database
    settings: Settings
    platform: Platform
    registration: Registration
    sign_in: SignIn
    secrets: set[str] = field(default_factory=lambda: {*NAMES, *list(SUBS.values())[:2], TITLE})

    def enter(self, role: str, **claims: Any) -> SignedIn:
        named = {"name": NAMES[0], "family_name": NAMES[1], "email": NAMES[2]}
        context = {LTI + "context": {"id": "2", "title": TITLE}}
        person = self.sign_in(role, SUBS[role], **(named | context | claims))
        cookie = person.client.get_cookie(f"__Host-undertone-{person.launch_id}")
        self.secrets |= {cookie.value, person.token()}
        return person

    def writer(self) -> Writer:
        """A student who agreed to A and B, with texts."""
        made = make_writer(self.database, self.enter("student"), mark="Planted words. ")
        made.browser.post("choices/b", {"value": "yes"})
        self.secrets.add("Planted words.")
        return made

    def version(self) -> ModelVersion:
        """The one of the courses' texts, which serves from now on."""
        with self.database.session() as session:
            version = session.scalars(select(ModelVersion)).first()
            serving.promote(session, now(), version.id, "nightly run", "promoted")
            return version

    def rows(self, event: str | None = None) -> list[AuditEvent]:
        with self.database.reading() as session:
            found = session.scalars(select(AuditEvent).order_by(AuditEvent.at)).all()
        return [row for row in found if event in (None, row.event)]

    def session(self) -> Any:
        return self.database.session()


def now() -> datetime:
    return datetime.now(UTC)
