"""What the database itself refuses, on SQLite and PostgreSQL, made by the versions or from the tables in code."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from lti_tool.consent import checkpoints, controllers, ledger, service, wording
from lti_tool.consent.service import Choices
from lti_tool.consent.tables import ConsentEvent
from lti_tool.launch.tables import Institution
from lti_tool.storage import Base, Database, use_keyring
from lti_tool.storage.migrate import migrate

from .conftest import NOW, make_course

TABLES = ("consent_events", "wordings", "ledger_checkpoints", "controllers")
CHANGES = {
    "consent_events": "UPDATE consent_events SET event = 'declined'",
    "wordings": "UPDATE wordings SET language = 'xx'",
    "ledger_checkpoints": "UPDATE ledger_checkpoints SET number = 1",
    "controllers": "UPDATE controllers SET number = 7",
}


@pytest.fixture(scope="module")
def on_postgres(postgres_url, keyring) -> Iterator[Database]:
    """A database of our own on the server, brought up by the versions."""
    use_keyring(keyring)
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS guarded WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE guarded"))
    opened = Database(make_url(postgres_url).set(database="guarded").render_as_string(hide_password=False))
    migrate(opened)
    yield opened
    opened.dispose()
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def filled(request, database) -> Database:
    """With rows in each guarded table."""
    opened = database if request.param == "sqlite" else request.getfixturevalue("on_postgres")
    with opened.session() as session:
        course = make_course(session)
        wording.publish(session, NOW)
        service.save(session, NOW, course.people[0], course.course, Choices(True, a=True), "en")
        checkpoints.seal(session, NOW, course.course)
        institution = session.scalars(select(Institution)).first()
        controllers.state(session, NOW, institution, {"address": "1 Quay"})
    return opened


def rows(database, table):
    with database.reading() as session:
        return session.execute(text(f"SELECT * FROM {table} ORDER BY id")).all()


@pytest.mark.parametrize("table", TABLES)
def test_p25_update_and_delete_are_refused_by_the_database(filled, table):
    before = rows(filled, table)
    assert before
    for statement in (CHANGES[table], f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="is only added to"), filled.session() as session:
            session.execute(text(statement))
    assert rows(filled, table) == before


@pytest.mark.parametrize("table", TABLES)
def test_p25_no_other_way_of_writing_replaces_a_row(filled, table):
    on_postgres = filled.engine.dialect.name == "postgresql"
    statement = f"TRUNCATE {table} CASCADE" if on_postgres else f"REPLACE INTO {table} SELECT * FROM {table}"
    before = rows(filled, table)
    with pytest.raises(DBAPIError, match="is only added to"), filled.session() as session:
        session.execute(text(statement))
    assert rows(filled, table) == before


def test_p27_a_checkpoint_lets_go_what_lies_behind_it_and_nothing_else(database):
    with database.session() as session:
        course = make_course(session)
        wording.publish(session, NOW)
        service.save(session, NOW, course.people[0], course.course, Choices(True, a=True), "en")
        line = session.scalars(select(ConsentEvent).where(ConsentEvent.number == 2)).one()
        checkpoints.write(session, NOW, course.course, "pruned", 2, line.hash)
    with pytest.raises(DBAPIError, match="is only added to"), database.session() as session:
        session.execute(text("DELETE FROM consent_events WHERE number = 3"))
    with database.session() as session:
        session.execute(text("DELETE FROM consent_events WHERE number <= 2"))
        assert ledger.verify(session, course.course) is None


def run_as(database, role, statement):
    with database.session() as session:
        session.execute(text(f"SET LOCAL ROLE {role}"))
        return session.execute(text(statement)).rowcount


@pytest.mark.postgres
def test_p27_on_postgresql_only_the_maintenance_role_passes_and_only_behind_a_checkpoint(on_postgres):
    with on_postgres.session() as session:
        course = make_course(session)
        wording.publish(session, NOW)
        service.save(session, NOW, course.people[0], course.course, Choices(True, a=True), "en")
        line = session.scalars(
            select(ConsentEvent).where(ConsentEvent.course_id == course.course, ConsentEvent.number == 2)
        ).one()
        checkpoints.write(session, NOW, course.course, "pruned", 2, line.hash)
    behind = f"DELETE FROM consent_events WHERE course_id = '{course.course}' AND number <= 2"
    ahead = f"DELETE FROM consent_events WHERE course_id = '{course.course}' AND number = 3"
    for role, statement in (("undertone", behind), ("undertone_maintenance", ahead)):
        with pytest.raises(DBAPIError, match="is only added to"):
            run_as(on_postgres, role, statement)
    with pytest.raises(DBAPIError, match="permission denied"):
        run_as(on_postgres, "undertone_maintenance", "SELECT * FROM people")
    assert run_as(on_postgres, "undertone_maintenance", behind) == 2


def guards_of(database):
    found = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
        "postgresql": "SELECT tgname, pg_get_triggerdef(oid) || prosrc FROM pg_trigger JOIN pg_proc p"
        " ON p.oid = tgfoid WHERE NOT tgisinternal ORDER BY tgname",
    }[database.engine.dialect.name].replace("pg_get_triggerdef(oid)", "pg_get_triggerdef(pg_trigger.oid)")
    with database.reading() as session:
        return session.execute(text(found)).all()


def test_p25_the_versions_make_the_guards_of_the_code_on_sqlite(database, tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'made.db'}")
    Base.metadata.create_all(made.engine)
    assert len(guards_of(made)) == 12
    assert guards_of(database) == guards_of(made)
    made.dispose()


@pytest.mark.postgres
def test_p25_the_versions_make_the_guards_of_the_code_on_postgresql(on_postgres, postgres_url):
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS guarded_by_code WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE guarded_by_code"))
    address = make_url(postgres_url).set(database="guarded_by_code").render_as_string(hide_password=False)
    made = Database(address)
    Base.metadata.create_all(made.engine)
    assert len(guards_of(made)) == 12
    assert guards_of(on_postgres) == guards_of(made)
    made.dispose()
    admin.dispose()
