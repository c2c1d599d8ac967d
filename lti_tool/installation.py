"""Opening an installation from the command line: settings, keys, database, first weights."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.errors import ConfigurationError
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, use_keyring
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
        names = {str(fault["loc"][0]) for fault in error.errors(include_input=False) if fault["loc"]}
        variables = sorted(name if name.isupper() else f"UNDERTONE_{name.upper()}" for name in names)
        raise ConfigurationError(f"Not understood: {', '.join(variables)}.") from None
    except SettingsError:  # a list that is not JSON fails before validation, and this is the one list
        raise ConfigurationError(
            'Not understood: UNDERTONE_OUTBOUND_HOSTS. It is a JSON list, such as ["localhost:8080"].'
        ) from None


def make_home(home: Path) -> None:
    """Make `home` for its owner alone; one that is there stays as it is."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)


def open_installation() -> Installation:
    """Settings from the environment; raises ConfigurationError when they are unsafe or the keys are missing."""
    settings = read_settings().check()
    use_keyring(Keyring.load(settings.keys_path))
    make_home(settings.home)
    try:
        return Installation(settings, Database(settings.database))
    except (SQLAlchemyError, ImportError):
        raise ConfigurationError("DATABASE_URL is not the address of a database.") from None


def open_current() -> Installation:
    """An installation whose database can be reached and has this version's tables, else ConfigurationError."""
    installation = open_installation()
    if not database_is_current(installation):
        raise ConfigurationError("The database is new or of another version. Run `undertone migrate`.")
    return installation


def database_is_current(installation: Installation) -> bool:
    """Whether the tables are of this version; ConfigurationError when the database does not answer."""
    try:
        return is_current(installation.database)
    except SQLAlchemyError:
        raise ConfigurationError("The database does not answer, or its file is damaged.") from None


def prepare(installation: Installation) -> None:
    """Bring the database to this version; put in the first model and the choice page's texts once."""
    from lti_tool.consent import wording
    from lti_tool.launch import keys
    from lti_tool.scoring.serving import SHIPPED, install_shipped

    if not database_is_current(installation):
        migrate(installation.database)
    now = datetime.now(UTC)
    with installation.database.session() as session:
        keys.ensure(session, now)
        install_shipped(session, now, installation.settings.starter_model or SHIPPED)
        wording.publish(session, now)
