"""One file with everything in the database as of one moment, dated inside (P62).

Texts in it are sealed as they are in the database; keys, unpacked weights and the journal of erasures are not in it.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy.engine import URL, make_url

from lti_tool.errors import InvalidInputError, UndertoneError
from lti_tool.rights import backup_list

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "database"
CHUNK = 1 << 20


class BackupError(UndertoneError):
    code = "backup"
    words = "The backup could not be made. Nothing was written."


class NotABackupError(InvalidInputError):
    code = "not_a_backup"
    words = "This file is no backup of Undertone, or it is damaged. Nothing was changed."


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    made_at: datetime
    kind: str
    """`sqlite` or `postgresql`."""
    sha256: str
    """Of the database in it."""


def make(url: str, home: Path, now: datetime, file: Path) -> Manifest:
    """Write a new backup that only its owner can read; BackupError, with nothing left behind, when it fails."""
    if file.exists():
        raise BackupError("There is a file of this name already; it was left as it is.")
    address = make_url(url)
    kind = address.get_backend_name()
    try:
        with tempfile.TemporaryDirectory(prefix=".undertone-", dir=file.resolve().parent) as folder:
            copy = Path(folder) / DATABASE
            (_copy_sqlite if kind == "sqlite" else _dump_postgresql)(address, copy)
            manifest = Manifest(now, kind, digest(copy))
            packed = Path(folder) / "packed"
            _pack(manifest, copy, packed)
            os.link(packed, file)  # fails where a file of the name appeared meanwhile
    except (OSError, sqlite3.Error) as error:
        raise BackupError(
            f"The backup could not be written ({type(error).__name__}). Nothing is left of it."
        ) from None
    backup_list.add(home, now, file)
    return manifest


def read(file: Path) -> Manifest:
    """What the backup says of itself; NotABackupError for anything else."""
    with _opened(file) as archive:
        return _manifest(archive)


def unpack(file: Path, place: Path) -> Manifest:
    """Write the backup's database to `place`; NotABackupError when it is not as it was made."""
    with _opened(file) as archive:
        manifest = _manifest(archive)
        with _member(archive, DATABASE) as source, _created(place) as target:
            shutil.copyfileobj(source, target, CHUNK)
    if digest(place) != manifest.sha256:
        place.unlink()
        raise NotABackupError
    return manifest


def expire_in(folder: Path, now: datetime) -> list[Path]:
    """Delete the backups in a folder that are older than 35 days, by the date inside; other files stay."""
    over = []
    for file in sorted(folder.iterdir()):
        try:
            if file.is_file() and backup_list.is_over(now, read(file).made_at):
                over.append(file)
        except NotABackupError:
            continue
    for file in over:
        file.unlink()
    return over


def program(name: str) -> str:
    """Where a program of PostgreSQL is; BackupError in words when there is none."""
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"{name} is not installed here. Install PostgreSQL's client programs of the server's version, or a newer "
            "one. Nothing was changed."
        )
    return found


def called(command: list[str], address: URL, failure: str) -> None:
    """Run a program of PostgreSQL on the database of `address`; its password never stands in the list of processes.

    Raises BackupError with `failure`: the program's own words can quote rows.
    """
    place = address.set(drivername="postgresql", password=None).render_as_string()
    environment = {**os.environ, "PGPASSWORD": address.password or ""}
    done = subprocess.run([*command, f"--dbname={place}"], env=environment, capture_output=True, check=False)
    if done.returncode:
        raise BackupError(failure)


def digest(file: Path) -> str:
    """SHA-256 of a file in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _copy_sqlite(address: URL, place: Path) -> None:
    """SQLite's online backup: the copy is of one moment, and nobody waits for it."""
    source = f"file:{address.database}?mode=ro"
    with (
        _created(place),
        closing(sqlite3.connect(source, uri=True)) as one,
        closing(sqlite3.connect(place)) as copy,
    ):
        one.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _dump_postgresql(address: URL, place: Path) -> None:
    command = [program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--file={place}"]
    called(
        command,
        address,
        "pg_dump failed. Is it as new as the server, and is the database there? Nothing was written.",
    )


def _pack(manifest: Manifest, database: Path, place: Path) -> None:
    said = json.dumps(
        {"format": FORMAT, **asdict(manifest), "made_at": manifest.made_at.isoformat()}
    ).encode()
    with _created(place) as stream:
        with tarfile.open(fileobj=stream, mode="w") as archive:
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(said)
            archive.addfile(entry, io.BytesIO(said))
            entry = tarfile.TarInfo(DATABASE)
            entry.size = database.stat().st_size
            with database.open("rb") as source:
                archive.addfile(entry, source)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, mode="r:") as archive:
            yield archive
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError):
        raise NotABackupError from None


def _manifest(archive: tarfile.TarFile) -> Manifest:
    with _member(archive, MANIFEST) as stream:
        said: dict[str, Any] = json.loads(stream.read(CHUNK))
    if said.pop("format", None) != FORMAT:
        raise NotABackupError
    return Manifest(**{**said, "made_at": datetime.fromisoformat(said["made_at"])})


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    stream = archive.extractfile(name)
    if stream is None:
        raise NotABackupError
    return stream


def _created(place: Path) -> IO[bytes]:
    return os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
