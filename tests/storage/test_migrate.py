"""The schema's versions make what the tables in code say, on SQLite and PostgreSQL."""

import threading
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

import lti_tool
from lti_tool.errors import ConfigurationError
from lti_tool.storage import Base, Database
from lti_tool.storage.migrate import is_current, migrate


@pytest.fixture(autouse=True)
def all_tables():
    for module in sorted(Path(lti_tool.__file__).parent.glob("*/tables.py")):
        import_module(f"lti_tool.{module.parent.name}.tables")


@pytest.fixture
def sqlite(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'undertone.db'}")
    yield database
    database.dispose()


@pytest.fixture
def postgres(postgres_url):
    """A database of its own on the shared server."""
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS migrated WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE migrated"))
    database = Database(make_url(postgres_url).set(database="migrated").render_as_string(hide_password=False))
    yield database
    database.dispose()
    server.dispose()


def differences(database):
    with database.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), Base.metadata)


def test_the_versions_make_the_tables_of_the_code_on_sqlite(sqlite):
    migrate(sqlite)
    assert differences(sqlite) == []


@pytest.mark.postgres
def test_the_versions_make_the_tables_of_the_code_on_postgresql(postgres):
    migrate(postgres)
    assert differences(postgres) == []
    assert is_current(postgres)


def test_migrating_again_changes_nothing(sqlite):
    assert not is_current(sqlite)
    migrate(sqlite)
    migrate(sqlite)
    assert is_current(sqlite)


def test_two_processes_that_start_together_migrate_once(sqlite):
    faults = []

    def start():
        try:
            migrate(Database(sqlite.url))
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert is_current(sqlite)


def test_a_version_that_fails_leaves_nothing_half_made(sqlite):
    with sqlite.session() as session:
        session.execute(text("CREATE TABLE posts (id TEXT)"))
    with pytest.raises(Exception, match="posts"):
        migrate(sqlite)
    assert inspect(sqlite.engine).get_table_names() == ["posts"]


@pytest.mark.parametrize("look", [is_current, migrate])
def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(sqlite, look):
    migrate(sqlite)
    with sqlite.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = dump(sqlite)
    with pytest.raises(ConfigurationError) as told:
        look(sqlite)
    assert told.value.words == (
        "The database was made by a newer version of Undertone. Install that version or a newer one."
    )
    assert dump(sqlite) == before


def dump(database):
    with database.engine.connect() as connection:
        return list(connection.connection.driver_connection.iterdump())
