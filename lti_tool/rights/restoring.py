"""Putting a backup in the place of the database: what was erased since goes again before anything may serve (P62)."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from lti_tool import alive
from lti_tool.consent import anchoring
from lti_tool.errors import InvalidInputError, UndertoneError
from lti_tool.launch import keys
from lti_tool.rights import backup, backup_list, replaying
from lti_tool.settings import SEALS
from lti_tool.storage import Database, journal
from lti_tool.storage.journal import Entry
from lti_tool.storage.migrate import is_current, migrate

Done = tuple[int, int | None]
"""How many entries of the journals met a row, and how many sealed lines of the ledger are missing."""


class RestoreRefusedError(InvalidInputError):
    code = "restore_refused"


class RestoreFailedError(UndertoneError):
    code = "restore_failed"
    words = (
        "The backup could not be put back. Nothing serves until a restore has ended well: put right what is wrong "
        "and run `undertone restore` again."
    )


@dataclass(frozen=True)
class Restored:
    """What came back, and what went again."""

    made_at: datetime
    replayed: int
    lost: int | None
    """Lines of the ledger that were sealed since the backup; None where no seal tells."""


@dataclass(frozen=True)
class _Place:
    """What is put back, and where."""

    address: URL
    home: Path
    weights_home: Path
    now: datetime
    file: Path
    manifest: backup.Manifest
    entries: Sequence[Entry]
    """What was erased, withdrawn or expired, by the journals."""
    seals: Path


def restore(
    url: str,
    home: Path,
    weights_home: Path,
    now: datetime,
    file: Path,
    homes: Sequence[Path] = (),
    seals: Path | None = None,
) -> Restored:
    """Restore `file` while nothing runs. `homes` are those of other machines, whose journals count too.

    In `seals`, the file of the ledger's seals (in the home by default), a signed line says what came back.

    Raises StillRunningError, NotABackupError, RestoreRefusedError and WrongKeysError with the database as it was;
    RestoreFailedError when a PostgreSQL is half way, and then no process starts.
    """
    manifest = backup.read(file)
    address = make_url(url)
    if backup_list.is_over(now, manifest.made_at):
        raise RestoreRefusedError("This backup is older than 35 days and may not be restored any more.")
    if manifest.kind != address.get_backend_name():
        raise RestoreRefusedError(
            f"This is a backup of {manifest.kind}, and DATABASE_URL names another kind of database."
        )
    with alive.alone(home):
        entries = [one for place in (home, *homes) for one in journal.entries(place)]
        put_back = _sqlite if manifest.kind == "sqlite" else _postgresql
        told = seals or home / SEALS
        replayed, lost = put_back(_Place(address, home, weights_home, now, file, manifest, entries, told))
    return Restored(manifest.made_at, replayed, lost)


def _sqlite(into: _Place) -> Done:
    """Everything happens in a copy beside the database, which takes its place in one step when it is done."""
    place = Path(into.address.database or "")
    copy = place.with_name(place.name + ".restoring")
    try:
        _remove(copy)
        backup.unpack(into.file, copy)
        database = Database(into.address.set(database=str(copy)).render_as_string(hide_password=False))
        try:
            done = _made_safe(database, into)
        finally:
            database.dispose()
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
        _settle(place)
        os.replace(copy, place)
    finally:
        _remove(copy)
    (into.home / alive.RESTORING).unlink(missing_ok=True)
    return done


def _postgresql(into: _Place) -> Done:
    """In one transaction of `pg_restore`; from then until the erasures were replayed a file keeps everybody out."""
    program = backup.program("pg_restore")
    database = Database(into.address.render_as_string(hide_password=False))
    copy, marker = into.home / "database.restoring", into.home / alive.RESTORING
    try:
        _require_nobody(database)
        _remove(copy)
        backup.unpack(into.file, copy)
        options = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction"]
        marker.touch(mode=0o600)
        backup.called([program, *options, str(copy)], into.address, RestoreFailedError.words)
        done = _made_safe(database, into)
        marker.unlink()
        return done
    except SQLAlchemyError:
        raise RestoreFailedError from None
    finally:
        _remove(copy)
        database.dispose()


def _made_safe(database: Database, into: _Place) -> Done:
    """Own keys, newest tables, everything erased since gone; raises WrongKeysError before anything is changed.

    The ledger is sealed as it came back, before the erasures add lines to it.
    """
    with database.reading() as session:
        keys.require_own(session)
    if not is_current(database):
        migrate(database)
    since = [one for one in into.entries if one.at >= into.manifest.made_at - replaying.MARGIN]
    with database.reading() as session:
        came_back = anchoring.present(session)
    replayed = replaying.replay(database, into.now, into.weights_home, since)
    with database.session() as session:
        return replayed, anchoring.restored(session, into.now, into.seals, into.manifest.made_at, came_back)


def _require_nobody(database: Database) -> None:
    """StillRunningError when another connection to the database is open, such as a worker's on another machine."""
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    with database.reading() as session:
        if session.scalar(others):
            raise alive.StillRunningError


def _settle(place: Path) -> None:
    """Leave no log of the old database beside the new one, which would be taken for its own."""
    if place.exists():
        with suppress(sqlite3.Error), closing(sqlite3.connect(place)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for ending in ("-wal", "-shm"):
        place.with_name(place.name + ending).unlink(missing_ok=True)


def _remove(copy: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        copy.with_name(copy.name + ending).unlink(missing_ok=True)
