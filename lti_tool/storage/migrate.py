"""Bringing a database to the newest version of the schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from lti_tool.errors import ConfigurationError
from lti_tool.storage.engine import Database

VERSIONS = Path(__file__).parent / "migrations"
LOCK = 7_305_110_521
"""Any number that no other program uses: PostgreSQL's advisory lock for migrating."""


def migrate(database: Database) -> None:
    """Apply the missing versions in one transaction; two processes that start together do it once.

    Raises ConfigurationError when the database is newer than the code.
    """
    with (
        database.engine.connect() as connection,
        _references_checked_at_the_end(connection),
        connection.begin(),
    ):
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        _present(connection)  # raises in our words, before Alembic does in its own
        command.upgrade(configuration(connection), "head")
        _require_references(connection)


@contextmanager
def _references_checked_at_the_end(connection: Connection) -> Iterator[None]:
    """SQLite changes many a column by making the table anew: dropping the old one must not take away, or be kept by,
    the rows that refer to it. The switch works only outside a transaction."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _require_references(connection: Connection) -> None:
    """Raise ConfigurationError, so that nothing is committed, when a row refers to one that is not there."""
    if connection.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise ConfigurationError(
            "The database holds rows that refer to missing ones, so it was not brought up to date. Nothing was changed."
        )


def is_current(database: Database) -> bool:
    """Whether the database has the newest version of the schema; ConfigurationError when it has a newer one."""
    with database.engine.connect() as connection:
        return _present(connection) == _versions(connection).get_current_head()


def _present(connection: Connection) -> str | None:
    """The database's version, None for a new one; ConfigurationError when this code does not know it."""
    present = MigrationContext.configure(connection).get_current_revision()
    known = {version.revision for version in _versions(connection).walk_revisions()}
    if present is not None and present not in known:
        raise ConfigurationError(
            "The database was made by a newer version of Undertone. Install that version or a newer one."
        )
    return present


def _versions(connection: Connection) -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration(connection))


def configuration(connection: Connection) -> Config:
    """Alembic's configuration without a file; `connection` is used as it is, with its open transaction."""
    config = Config()
    config.set_main_option("script_location", str(VERSIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
