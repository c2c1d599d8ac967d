"""What `undertone check` looks at: settings, database, model, and each registration's platform and LMS."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import select

from lti_tool.errors import UndertoneError
from lti_tool.installation import Installation, database_is_current
from lti_tool.launch.courses import active
from lti_tool.launch.tables import Deployment, Registration
from lti_tool.lms.connections import connector_for
from lti_tool.outbound.client import Client
from lti_tool.scoring import serving, weights

Line = tuple[str, str | None]
"""What was looked at, and the fault in words or None."""


def lines(installation: Installation) -> Iterator[Line]:
    """One line per thing that must work."""
    yield "settings and keys", None
    fault = _database(installation)
    yield "database", fault
    if fault is not None:
        return
    yield "serving model", _model(installation)
    with installation.database.reading() as session:
        registrations = list(session.scalars(select(Registration).order_by(Registration.issuer)))
    for registration in registrations:
        yield f"keys of {registration.issuer}", _platform_keys(installation, registration)
        yield from _lms(installation, registration)


def _database(installation: Installation) -> str | None:
    try:
        current = database_is_current(installation)
    except UndertoneError as error:
        return error.words
    return None if current else "it is new or of another version; run `undertone migrate`"


def _model(installation: Installation) -> str | None:
    try:
        with installation.database.reading() as session:
            version = serving.serving(session, None)
        fault = weights.fault(installation.database, installation.settings, version.weights_hash)
        if fault is not None:
            return fault
        return weights.base_fault(
            weights.path_of(installation.database, installation.settings, version.weights_hash)
        )
    except UndertoneError as error:
        return error.words


def _platform_keys(installation: Installation, registration: Registration) -> str | None:
    try:
        answer = Client(installation.settings).get(registration.keys_url)
        found = answer.json().get("keys") if answer.status == 200 else None
    except (UndertoneError, ValueError) as error:
        return getattr(error, "words", "the answer is not JSON")
    return None if found else f"no keys there (HTTP {answer.status})"


def _lms(installation: Installation, registration: Registration) -> Iterator[Line]:
    now = datetime.now(UTC)
    with installation.database.reading() as session:
        own = select(Deployment.id).where(Deployment.registration_id == registration.id)
        deployments = set(session.scalars(own))
        courses = [course for course in active(session, now) if course.deployment_id in deployments]
    for course in courses:
        try:
            with installation.database.reading() as session:
                connector = connector_for(session, installation.settings, course)
            for line in connector.check():
                yield f"LMS of {registration.issuer}: {line.name}", None if line.ok else line.words
        except UndertoneError as error:
            yield f"LMS of {registration.issuer}", error.words
