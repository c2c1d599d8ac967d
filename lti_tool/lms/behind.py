"""What the connection page may know of an LMS: `launch` lies below, so the application hands it down."""

from datetime import UTC, datetime
from typing import cast

from sqlalchemy.orm import Session

from lti_tool.launch.connection import Account, Line, Reader
from lti_tool.launch.tables import Course, Registration
from lti_tool.lms import canvas_accounts
from lti_tool.lms.checking import course_lines
from lti_tool.lms.connections import LmsKind, connect, connector_of, course_key
from lti_tool.lms.tables import CanvasAccount, LmsConnection
from lti_tool.outbound.client import Client
from lti_tool.settings import Settings
from lti_tool.storage import Database

IN_A_COURSE = "Rights in a course"
NO_COURSE = (
    "What the reading account may do in a course was not tried, since none was opened yet. Open the tool from a course "
    "once, then check again."
)


class LmsBehind:
    """Offers `lti_tool.launch.connection.Lms`."""

    def described(self, session: Session, registration_id: str) -> Reader | None:
        connection = session.get(LmsConnection, registration_id)
        account = session.get(CanvasAccount, registration_id)
        standing = account.standing if account else ""
        return Reader(connection.kind, connection.base_url, standing) if connection else None

    def connect(
        self, session: Session, now: datetime, settings: Settings, registration_id: str, account: Account
    ) -> None:
        connect(
            session,
            now,
            registration_id,
            cast(LmsKind, account.kind),
            account.address,
            account.token,
            plain_http_hosts=settings.outbound_hosts,
        )

    def left(self, database: Database, settings: Settings, registration: Registration, actor_id: str) -> None:
        with database.reading() as session:
            if session.get(CanvasAccount, registration.id) is None:
                return
        canvas_accounts.end(
            database,
            Client(settings),
            datetime.now(UTC),
            registration.institution_id,
            registration.id,
            actor_id,
        )

    def checked(
        self, database: Database, settings: Settings, registration_id: str, course: Course | None
    ) -> list[Line]:
        connector = connector_of(database, settings, registration_id)
        found = connector.check()
        if course is not None and found[0].ok:
            found += course_lines(connector, course_key(course))
        lines = [Line(line.name, line.ok, line.words) for line in found]
        return lines if course is not None else [*lines, Line(IN_A_COURSE, None, NO_COURSE)]
