"""What `undertone check` looks at: settings, database, keys, model, and each registration's platform and LMS."""

from collections.abc import Iterator

from sqlalchemy import select

from lti_tool.errors import UndertoneError
from lti_tool.installation import Installation, database_is_current, require_own_keys
from lti_tool.launch import connection
from lti_tool.launch.tables import Institution, Registration
from lti_tool.lms.behind import LmsBehind
from lti_tool.outbound.client import Client
from lti_tool.scoring import serving, weights

Line = tuple[str, str | None]
"""What was looked at, and the fault in words or None."""


def lines(installation: Installation) -> Iterator[Line]:
    """One line per thing that must work."""
    yield "settings", _starter(installation)
    for name, look in (("database", _database), ("keys", _keys)):
        fault = look(installation)
        yield name, fault
        if fault is not None:  # what follows could not be read
            return
    yield from _models(installation)
    with installation.database.reading() as session:
        registrations = list(session.scalars(select(Registration).order_by(Registration.issuer)))
    for registration in registrations:
        yield f"keys of {registration.issuer}", _platform_keys(installation, registration)
        yield from _lms(installation, registration)


def _starter(installation: Installation) -> str | None:
    """The one setting that names something which is read when the database is made, and not before."""
    folder = installation.settings.starter_model
    fault = weights.base_fault(folder) if folder else None
    return f"UNDERTONE_STARTER_MODEL cannot be used: {fault}" if fault else None


def _keys(installation: Installation) -> str | None:
    try:
        require_own_keys(installation)
    except UndertoneError as error:
        return error.words
    return None


def _database(installation: Installation) -> str | None:
    try:
        current = database_is_current(installation)
    except UndertoneError as error:
        return error.words
    return None if current else "it is new or of another version; run `undertone migrate`"


def _models(installation: Installation) -> Iterator[Line]:
    """The weights that serve, each once; where there are several institutions a line says whom they serve."""
    serves: dict[str, list[str]] = {}
    try:
        with installation.database.reading() as session:
            for scope, version in serving.everywhere(session).items():
                name = session.get_one(Institution, scope).name if scope else ""
                serves.setdefault(version.weights_hash, []).append(name)
    except UndertoneError as error:
        yield "serving model", error.words
    for weights_hash, names in serves.items():
        whose = ", ".join(sorted(filter(None, names)))
        yield f"serving model of {whose}" if whose else "serving model", _model(installation, weights_hash)


def _model(installation: Installation, weights_hash: str) -> str | None:
    try:
        fault = weights.fault(installation.database, installation.settings, weights_hash)
        if fault is not None:
            return fault
        return weights.base_fault(weights.path_of(installation.database, installation.settings, weights_hash))
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
    """What the reading account may do, also in the course that was opened last; then notes, and what was not tried."""
    name = f"LMS of {registration.issuer}"
    with installation.database.reading() as session:
        course = connection.course_to_check(session, registration, "")
    place = installation.database, installation.settings
    try:
        found = LmsBehind().checked(*place, registration.id, course)
    except UndertoneError as error:
        yield name, error.words
        return
    yield name, " ".join(dict.fromkeys(line.words for line in found if line.ok is False)) or None
    for line in found:
        if line.ok is not False and line.words:
            yield f"{name}: {line.words}", None
