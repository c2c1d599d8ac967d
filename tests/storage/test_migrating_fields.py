"""A database of before the envelopes: migration 0007 seals its fields, or changes nothing (P35)."""

import json

import pytest
from alembic import command
from cryptography.fernet import Fernet
from sqlalchemy import MetaData, select, text

from lti_tool.ingest.tables import Post
from lti_tool.launch import keys as signing
from lti_tool.launch.tables import PersonKey, ToolKey
from lti_tool.storage import Base, Database, Keyring, use_keyring, use_keys_file
from lti_tool.storage.keyring import MissingKeyError
from lti_tool.storage.migrate import configuration, migrate
from lti_tool.storage.sealing import sealed_classes
from tests.storage.conftest import everything
from tests.storage.test_rotation import said

FERNET = Fernet.generate_key().decode()


@pytest.fixture
def earlier(tmp_path):
    """A keys file of that time, in use."""
    path = tmp_path / "earlier.json"
    path.write_text(json.dumps({"encryption": [FERNET], "pseudonyms": "0f" * 32, "sessions": "s" * 40}))
    return use_keys_file(path)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def old(request, earlier, sqlite, tmp_path) -> Database:
    """A database of version 0006 with tokens in it: the rows of a new one, put into the tables of that time."""
    use_keyring(earlier)
    everything(sqlite)
    if request.param == "postgres":
        database = request.getfixturevalue("postgres")
        use_keyring(earlier)
        with database.engine.connect() as connection, connection.begin():
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    else:
        database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with database.engine.connect() as connection, connection.begin():
        command.upgrade(configuration(connection), "0006")
        _copy(sqlite, connection)
    database.as_it_read = said(sqlite)
    return database


def _copy(source, connection):
    """Each row by the columns that both have; what is sealed becomes a token."""
    read, tables = said(source), MetaData()
    tables.reflect(connection)
    keys = {one.mapper.local_table.name: one for one in sealed_classes()}
    with source.reading() as session:
        for table in tables.sorted_tables:
            if table.name not in Base.metadata.tables:
                continue
            for found in session.execute(select(Base.metadata.tables[table.name])).mappings():
                row = {name: value for name, value in found.items() if name in table.columns}
                if table.name == "person_keys":
                    row["key_version"] = 1
                for key in keys[table.name].keys if table.name in keys else ():
                    if row.get(key):
                        plain = read[table.name, key, row[keys[table.name].row_key]]
                        row[key] = Fernet(FERNET).encrypt(plain.encode()).decode()
                connection.execute(table.insert().values(row))


def tokens(database):
    with database.reading() as session:
        return session.scalars(
            text("SELECT text FROM posts UNION ALL SELECT private_pem FROM tool_keys")
        ).all()


def test_p35_a_database_of_before_is_sealed_whole_and_reads_alike(old, earlier):
    assert all(Fernet(FERNET).decrypt(token) for token in tokens(old))
    with old.reading() as session:
        signing.require_own(session)
    migrate(old)
    assert all(token.startswith("u1.") for token in tokens(old))
    lost = {("person_keys", "subject", key[2]) for key in old.as_it_read if key[1] == "subject"}
    now = said(old)
    assert {key for key in now if now[key] != old.as_it_read[key]} == lost


def test_p35_without_the_old_key_nothing_is_changed(old):
    before = tokens(old)
    use_keyring(Keyring.generate())
    with old.reading() as session, pytest.raises(signing.WrongKeysError):
        signing.require_own(session)
    with pytest.raises(MissingKeyError):
        migrate(old)
    assert tokens(old) == before


def test_every_sealed_column_of_that_time_is_migrated():
    from importlib import import_module

    fields = import_module("lti_tool.storage.migrations.versions.0007_sealed_fields").FIELDS
    migrated = {(table, column) for table, _, columns, _ in fields for column in columns}
    now = {(one.mapper.local_table.name, key) for one in sealed_classes() for key in one.keys}
    assert migrated <= now
    assert {(Post.__tablename__, "text"), (PersonKey.__tablename__, "lms_user_id")} < migrated
    assert (ToolKey.__tablename__, "private_pem") in migrated
