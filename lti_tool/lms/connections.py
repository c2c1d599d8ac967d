"""Which LMS a course is read from: set-up of a connection, and the connector of a course."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from lti_tool.errors import FieldError
from lti_tool.launch.addresses import require_address
from lti_tool.launch.tables import Course, Deployment, Registration
from lti_tool.lms import canvas_oauth_client
from lti_tool.lms.canvas import CanvasConnector
from lti_tool.lms.canvas_accounts_tokens import unusable
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.errors import LmsRefusedError
from lti_tool.lms.moodle import MoodleConnector
from lti_tool.lms.moodle_calls import MoodleCalls
from lti_tool.lms.protocol import Connector
from lti_tool.lms.retrying import LMS_SECONDS
from lti_tool.lms.tables import CanvasAccount, LmsConnection
from lti_tool.outbound.client import Client
from lti_tool.settings import Settings
from lti_tool.storage import Database

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
    """Keep how to reach a registration's LMS, replacing what was there. Raises FieldError.

    The token travels to `base_url`, so it is https, or plain http where the other addresses may be.
    """
    if kind not in ("moodle", "canvas"):
        raise FieldError("Say which kind of LMS it is: moodle or canvas. Nothing was changed.", "lms")
    require_address("lms_url", "LMS's address", base_url, plain_http_hosts, is_root=True)
    token = _token(token)
    _forget_key(session, registration_id)
    connection = session.get(LmsConnection, registration_id)
    if connection is None:
        connection = LmsConnection(registration_id=registration_id)
        session.add(connection)
    connection.kind, connection.base_url = kind, base_url.rstrip("/")
    connection.token, connection.created_at = token, now
    session.flush()
    return connection


def connector_for(database: Database, settings: Settings, course: Course) -> Connector:
    """The connector of the course's LMS; raises as `connector_of` does."""
    with database.reading() as session:
        registration_id = session.get_one(Deployment, course.deployment_id).registration_id
    return connector_of(database, settings, registration_id)


def connector_of(database: Database, settings: Settings, registration_id: str) -> Connector:
    """The connector of a registration's LMS. Call it in no transaction: a token may have to be renewed.

    Raises LmsRefusedError when none is set up or the platform is switched off, LmsAccountError when Canvas was not
    authorised, LmsUnavailableError when it does not answer.
    """
    with database.reading() as session:
        connection = session.get(LmsConnection, registration_id)
        by_key = session.get(CanvasAccount, registration_id) is not None
        status = session.get_one(Registration, registration_id).status
    if connection is None:
        raise LmsRefusedError(
            "No account that reads this platform is set up. An administrator sets it up on the page “Connection”.",
            code="lms_not_connected",
        )
    if status == "suspended":
        raise unusable("off")
    if by_key:
        return canvas_oauth_client.connector(database, settings, registration_id, connection.base_url)
    client = Client(settings, LMS_SECONDS)
    if connection.kind == "canvas":
        return CanvasConnector(CanvasCalls(client, connection.base_url, connection.token))
    return MoodleConnector(MoodleCalls(client, connection.base_url, connection.token))


def _token(token: str) -> str:
    """The token without blanks around it: it travels in a header, which holds visible ASCII only."""
    token = token.strip()
    if not token or not all("!" <= letter <= "~" for letter in token):
        raise FieldError(
            "The reading account's token must be one word of plain letters, digits and signs, as the LMS showed it. "
            "Nothing was changed.",
            "lms_token",
        )
    return token


def _forget_key(session: Session, registration_id: str) -> None:
    """Drop a developer key that nothing is granted to; FieldError where a grant would be left behind in Canvas."""
    account = session.get(CanvasAccount, registration_id)
    if account is not None and account.standing == "authorised":
        raise FieldError(
            "An account is authorised in Canvas. Revoke it first. Nothing was changed.", "lms_token"
        )
    if account is not None:
        session.delete(account)


def course_key(course: Course) -> str:
    """The id by which the LMS's own API knows the course."""
    return course.lms_course_id or course.context_key
