"""Bringing a database to the newest version of the schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from lti_tool.storage.engine import Database

VERSIONS = Path(__file__).parent / "migrations"
LOCK = 7_305_110_521
"""Any number that no other program uses: PostgreSQL's advisory lock for migrating."""


def migrate(database: Database) -> None:
    """Apply the missing versions in one transaction; two processes that start together do it once."""
    with database.engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        command.upgrade(configuration(connection), "head")


def is_current(database: Database) -> bool:
    """Whether the database has the newest version of the schema."""
    with database.engine.connect() as connection:
        newest = ScriptDirectory.from_config(configuration(connection)).get_current_head()
        return MigrationContext.configure(connection).get_current_revision() == newest


def configuration(connection: Connection) -> Config:
    """Alembic's configuration without a file; `connection` is used as it is, with its open transaction."""
    config = Config()
    config.set_main_option("script_location", str(VERSIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
