"""What the connection page may know of an LMS: `launch` lies below, so the application hands it down."""

from sqlalchemy.orm import Session

from lti_tool.launch.connection import Line
from lti_tool.launch.tables import Course
from lti_tool.lms.connections import connector_for
from lti_tool.lms.tables import LmsConnection
from lti_tool.settings import Settings
from lti_tool.storage import Database


class LmsBehind:
    """Offers `lti_tool.launch.connection.Lms`."""

    def described(self, session: Session, registration_id: str) -> tuple[str, str] | None:
        connection = session.get(LmsConnection, registration_id)
        return (connection.kind, connection.base_url) if connection else None

    def checked(self, database: Database, settings: Settings, course: Course) -> list[Line]:
        with database.reading() as session:
            connector = connector_for(session, settings, course)
        return [Line(line.name, line.ok, line.words) for line in connector.check()]
