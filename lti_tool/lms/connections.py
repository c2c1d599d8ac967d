"""Which LMS a course is read from: set-up of a connection, and the connector of a course."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from lti_tool.errors import InvalidInputError
from lti_tool.launch.registrations import require_address
from lti_tool.launch.tables import Course, Deployment
from lti_tool.lms.canvas import CanvasConnector
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.errors import LmsRefusedError
from lti_tool.lms.moodle import MoodleConnector
from lti_tool.lms.moodle_calls import MoodleCalls
from lti_tool.lms.protocol import Connector
from lti_tool.lms.tables import LmsConnection
from lti_tool.outbound.client import Client
from lti_tool.settings import Settings

LmsKind = Literal["moodle", "canvas"]


def connect(
    session: Session,
    now: datetime,
    registration_id: str,
    kind: LmsKind,
    base_url: str,
    token: str,
    *,
    plain_http_hosts: Sequence[str] = (),
) -> LmsConnection:
    """Keep how to reach a registration's LMS, replacing what was there. Raises InvalidInputError.

    The token travels to `base_url`, so it is https, or plain http where the other addresses may be.
    """
    if kind not in ("moodle", "canvas"):
        raise InvalidInputError("The kind of LMS (--lms) is moodle or canvas.")
    require_address("LMS's address (--lms-url)", base_url, plain_http_hosts, is_root=True)
    token = _token(token)
    connection = session.get(LmsConnection, registration_id)
    if connection is None:
        connection = LmsConnection(registration_id=registration_id)
        session.add(connection)
    connection.kind, connection.base_url = kind, base_url.rstrip("/")
    connection.token, connection.created_at = token, now
    session.flush()
    return connection


def connector_for(session: Session, settings: Settings, course: Course) -> Connector:
    """The connector of the course's LMS; raises LmsRefusedError when none is set up."""
    deployment = session.get_one(Deployment, course.deployment_id)
    return connector_of(session, settings, deployment.registration_id)


def connector_of(session: Session, settings: Settings, registration_id: str) -> Connector:
    """The connector of a registration's LMS; raises LmsRefusedError when none is set up."""
    connection = session.get(LmsConnection, registration_id)
    if connection is None:
        raise LmsRefusedError(
            "No connection to the learning platform is set up. Add one with `undertone register`.",
            code="lms_not_connected",
        )
    client = Client(settings)
    if connection.kind == "canvas":
        return CanvasConnector(CanvasCalls(client, connection.base_url, connection.token))
    return MoodleConnector(MoodleCalls(client, connection.base_url, connection.token))


def _token(token: str) -> str:
    """The token without blanks around it: it travels in a header, which holds visible ASCII only."""
    token = token.strip()
    if not token or not all("!" <= letter <= "~" for letter in token):
        raise InvalidInputError(
            "The reading account's token (UNDERTONE_LMS_TOKEN) must be one word of plain letters, digits and "
            "signs, as the LMS showed it. Nothing was changed."
        )
    return token


def course_key(course: Course) -> str:
    """The id by which the LMS's own API knows the course."""
    return course.lms_course_id or course.context_key
