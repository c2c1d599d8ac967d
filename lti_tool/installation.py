"""Opening an installation from the command line: settings, keys, database, first weights."""

from dataclasses import dataclass
from datetime import UTC, datetime

from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring, use_keyring
from lti_tool.storage.migrate import migrate


@dataclass(frozen=True)
class Installation:
    """An installation that is safe to use: settings checked, keys loaded."""

    settings: Settings
    database: Database


def open_installation() -> Installation:
    """Settings from the environment; raises ConfigurationError when they are unsafe or the keys are missing."""
    settings = Settings().check()
    use_keyring(Keyring.load(settings.keys_path))
    settings.home.mkdir(parents=True, exist_ok=True)
    return Installation(settings, Database(settings.database))


def prepare(installation: Installation) -> None:
    """Bring the database to this version; put in the shipped model and the choice page's texts once."""
    from lti_tool.consent import wording
    from lti_tool.launch import keys
    from lti_tool.scoring.serving import install_shipped

    migrate(installation.database)
    now = datetime.now(UTC)
    with installation.database.session() as session:
        keys.ensure(session, now)
        install_shipped(session, now)
        wording.publish(session, now)
