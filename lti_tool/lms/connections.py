"""Which LMS a course is read from: set-up of a connection, and the connector of a course."""

from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from lti_tool.errors import InvalidInputError
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
    session: Session, now: datetime, registration_id: str, kind: LmsKind, base_url: str, token: str
) -> LmsConnection:
    """Keep how to reach a registration's LMS, replacing what was there. Raises InvalidInputError."""
    parts = urlsplit(base_url)
    if kind not in ("moodle", "canvas") or parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInputError("Name the kind of LMS (moodle or canvas) and its web address.")
    if not token.strip():
        raise InvalidInputError("The reading account's token is missing.")
    connection = session.get(LmsConnection, registration_id)
    if connection is None:
        connection = LmsConnection(registration_id=registration_id)
        session.add(connection)
    connection.kind, connection.base_url = kind, base_url.rstrip("/")
    connection.token, connection.created_at = token.strip(), now
    session.flush()
    return connection


def connector_for(session: Session, settings: Settings, course: Course) -> Connector:
    """The connector of the course's LMS; raises LmsRefusedError when none is set up."""
    deployment = session.get_one(Deployment, course.deployment_id)
    connection = session.get(LmsConnection, deployment.registration_id)
    if connection is None:
        raise LmsRefusedError(
            "No connection to the learning platform is set up for this course. "
            "Add one with `undertone register`.",
            code="lms_not_connected",
        )
    client = Client(settings)
    if connection.kind == "canvas":
        return CanvasConnector(CanvasCalls(client, connection.base_url, connection.token))
    return MoodleConnector(MoodleCalls(client, connection.base_url, connection.token))


def course_key(course: Course) -> str:
    """The id by which the LMS's own API knows the course."""
    return course.lms_course_id or course.context_key
