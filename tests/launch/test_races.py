"""First launches at the same moment on PostgreSQL make one course and one person, and none of them fails."""

import threading

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url

from lti_tool.launch.tables import Course, Deployment, LaunchSession, Person
from lti_tool.storage import Database, use_keyring
from lti_tool.storage.migrate import migrate

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres_url, keyring):
    use_keyring(keyring)
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS launches WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE launches"))
    url = make_url(postgres_url).set(database="launches").render_as_string(hide_password=False)
    opened = Database(url)
    migrate(opened)
    yield opened
    opened.dispose()
    server.dispose()


def test_first_launches_at_once_make_each_row_once(sign_in, database):
    faults = []

    def open_course():
        try:
            sign_in("student", "5")
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=open_course) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with database.reading() as session:
        for table in (Deployment, Course, Person):
            assert len(session.scalars(select(table)).all()) == 1
        assert len(session.scalars(select(LaunchSession)).all()) == 4
