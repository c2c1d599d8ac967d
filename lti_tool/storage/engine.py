"""One engine per process, short transactions, and SQLite set up so that several processes may write."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, sessionmaker

from lti_tool.storage import journal

BUSY_MILLISECONDS = 15_000
POOL = 10
"""Connections kept open: one for each thread of a web process. Any above that is closed when it is given back, and
opening one costs as much as several statements; a page that reads while it writes holds two."""
READING = "undertone_reading"


class Database:
    """The engine and its sessions for one database address."""

    def __init__(self, url: str, home: Path | None = None) -> None:
        """With `home` what is erased is noted below that folder (`journal`)."""
        self.url = url
        noted = {journal.HOME: home} if home is not None else None
        self.engine = _make_engine(url)
        self._writing = sessionmaker(self.engine, expire_on_commit=False, info=noted)
        self._reading = sessionmaker(self.engine.execution_options(**{READING: True}), expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that may write; it commits at the end of the block and rolls back when the block raises."""
        with self._writing() as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading only: on SQLite it does not wait for the one writer."""
        with self._reading() as session:
            yield session

    def dispose(self) -> None:
        self.engine.dispose()


def _make_engine(url: str) -> Engine:
    # An error that quotes the values of its statement would carry them into a log (P37).
    engine = create_engine(url, pool_pre_ping=True, pool_size=POOL, max_overflow=POOL, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """WAL and a busy time-out; the driver's own BEGIN is switched off so that ours is used."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A deferred transaction that turns into a writer can fail at once with "locked"; an immediate one waits."""
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
