"""Opening an installation from the command line: settings, keys, database, first weights."""

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from sqlite3 import SQLITE_BUSY

from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from lti_tool import alive, audit
from lti_tool.errors import ConfigurationError
from lti_tool.settings import Settings, fault_words
from lti_tool.storage import Database, current_keyring, rotation, use_keys_file
from lti_tool.storage.migrate import is_current, migrate


@dataclass(frozen=True)
class Installation:
    """An installation that is safe to use: settings checked, keys loaded."""

    settings: Settings
    database: Database


def read_settings() -> Settings:
    """Settings from the environment; ConfigurationError names each one that cannot be understood, never its value."""
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigurationError(fault_words(error)) from None
    except SettingsError:  # a list that is not JSON fails before validation, and this is the one list
        raise ConfigurationError(
            'Not understood: UNDERTONE_OUTBOUND_HOSTS. It is a JSON list, such as ["localhost:8080"].'
        ) from None


def make_home(home: Path) -> None:
    """Make `home` for its owner alone; one that is there stays as it is. ConfigurationError when it cannot be."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"UNDERTONE_HOME is no folder and cannot be made one ({error.strerror}). Name another place."
        ) from None


def open_installation() -> Installation:
    """Settings from the environment; raises ConfigurationError when they are unsafe or the keys are missing."""
    settings = read_settings().check()
    if settings.tells_events:
        audit.write_out()
    make_home(settings.home)
    alive.require_restored(settings.home)
    use_keys_file(settings.keys_path)
    try:
        return Installation(settings, Database(settings.database, settings.home))
    except (SQLAlchemyError, ImportError):
        raise ConfigurationError("DATABASE_URL is not the address of a database.") from None


def open_current() -> Installation:
    """An installation whose database can be reached, has this version's tables and belongs to the keys.

    Else ConfigurationError.
    """
    installation = open_installation()
    if not database_is_current(installation):
        raise ConfigurationError("The database is new or of another version. Run `undertone migrate`.")
    require_own_keys(installation)
    return installation


def database_is_current(installation: Installation) -> bool:
    """Whether the tables are of this version; ConfigurationError when the database does not answer or is not whole."""
    try:
        current = is_current(installation.database)
        if not current:
            _require_a_version(installation.database)
    except SQLAlchemyError as error:
        raise ConfigurationError(_silence(error)) from None
    return current


def _silence(error: SQLAlchemyError) -> str:
    """Why the database did not answer, in our words: the driver's own can quote an address with its password."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0)
    if code & 0xFF == SQLITE_BUSY:  # the low byte is the kind, the rest its variety
        return "The database is busy: another program is writing to it. Try again in a moment."
    return "The database does not answer, or its file is damaged."


def _require_a_version(database: Database) -> None:
    """Raise ConfigurationError when our tables are there and do not say of which version they are."""
    with database.reading() as session:
        found = inspect(session.connection())
        if not found.has_table("tool_keys"):
            return
        stated = text("SELECT version_num FROM alembic_version")
        if not found.has_table("alembic_version") or session.scalar(stated) is None:
            raise ConfigurationError(
                "The database holds Undertone's tables and not their version (table alembic_version), so it cannot "
                "be brought up to date. Restore it from a backup."
            )


def require_own_keys(installation: Installation) -> None:
    """Raise WrongKeysError when the keys file is another installation's; a database without tables has no owner."""
    from lti_tool.launch import keys

    with installation.database.reading() as session:
        if inspect(session.connection()).has_table("tool_keys"):
            keys.require_own(session)


def prepare(installation: Installation) -> None:
    """Bring the database to this version; put in the first model and the choice page's texts once.

    Raises ConfigurationError, with nothing written, when the keys are another installation's.
    """
    from lti_tool.consent import translating
    from lti_tool.launch import keys
    from lti_tool.scoring.serving import SHIPPED, install_shipped

    current = database_is_current(installation)
    require_own_keys(installation)
    if not current:
        migrate(installation.database)
    now = datetime.now(UTC)
    with installation.database.session() as session:
        rotation.record(session, now, current_keyring())
        keys.ensure(session, now)
        install_shipped(session, now, installation.settings.starter_model or SHIPPED)
    translating.publish_all(installation.database, now)


def load_tables() -> None:
    """Import every part's tables: for work on all that the database holds, whichever part it belongs to."""
    for module in sorted(Path(__file__).parent.glob("*/*tables.py")):
        import_module(f"lti_tool.{module.parent.name}.{module.stem}")
