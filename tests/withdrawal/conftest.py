"""The same course on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from lti_tool.storage import Database, Keyring, use_keyring
from tests.classroom import open_database
from tests.withdrawal.place import Place, made_on_postgres, place


@pytest.fixture
def sqlite(tmp_path) -> Iterator[Database]:
    opened = open_database(tmp_path)
    yield opened
    opened.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either(request, tmp_path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
    else:
        use_keyring(Keyring.generate())
        with made_on_postgres(request.getfixturevalue("postgres_url"), "withdrawal") as opened:
            yield opened


@pytest.fixture
def course(sqlite) -> Place:
    return place(sqlite)
