"""Weights between the database and the disk: packed into one archive, unpacked under their hash, verified.

An adapter is small and immutable, so it lies in the database and any worker fetches it by hash (decision 5).
"""

import io
import os
import shutil
import tempfile
import zipfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from lti_tool.scoring.errors import UnusableWeightsError
from lti_tool.scoring.tables import Weights
from lti_tool.settings import Settings
from lti_tool.storage import Database
from model import checkpoint
from model.errors import ModelError

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""A fixed date in the archive, so that equal weights give equal bytes."""


def store(session: Session, now: datetime, folder: Path) -> Weights:
    """Keep the checkpoint in `folder` in the database; the row that is there already when it was kept before.

    Raises UnusableWeightsError when the checkpoint is missing or altered.
    """
    try:
        manifest = checkpoint.verify(folder)
    except ModelError as error:
        raise UnusableWeightsError(error.words, code=error.code) from error
    present = session.get(Weights, manifest.weights_hash)
    if present is not None:
        return present
    row = Weights(
        hash=manifest.weights_hash, archive=_pack(folder), manifest=asdict(manifest), created_at=now
    )
    session.add(row)
    session.flush()
    return row


def path_of(source: Session | Database, settings: Settings, weights_hash: str) -> Path:
    """The verified directory of the weights, unpacked from the database when it is missing or altered.

    Raises UnusableWeightsError when the database has no such weights or they do not verify.
    """
    folder = settings.weights_home / weights_hash
    if _is_whole(folder, weights_hash):
        return folder
    archive = _archive(source, weights_hash)
    settings.weights_home.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=settings.weights_home))
    try:
        _unpack(archive, fresh)
        if not _is_whole(fresh, weights_hash):
            raise UnusableWeightsError("The stored weights are altered: their hash is not theirs.")
        _put(fresh, folder, weights_hash)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _archive(source: Session | Database, weights_hash: str) -> bytes:
    if isinstance(source, Database):
        with source.reading() as session:
            return _archive(session, weights_hash)
    row = source.get(Weights, weights_hash)
    if row is None:
        raise UnusableWeightsError("The database does not hold these weights.")
    return row.archive


def _put(fresh: Path, folder: Path, weights_hash: str) -> None:
    """Rename into place; whoever was first with whole weights wins, altered ones make room."""
    try:
        os.rename(fresh, folder)
    except OSError:
        if not _is_whole(folder, weights_hash):
            shutil.rmtree(folder)
            os.rename(fresh, folder)


def _is_whole(folder: Path, weights_hash: str) -> bool:
    try:
        return checkpoint.verify(folder).weights_hash == weights_hash
    except ModelError:
        return False


def _pack(folder: Path) -> bytes:
    """The files of a checkpoint, uncompressed: half-precision weights do not shrink."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(file.name, LONG_AGO), file.read_bytes())
    return buffer.getvalue()


def _unpack(packed: bytes, folder: Path) -> None:
    """Write plain files only: a name with a folder in it is not a checkpoint's."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            for name in archive.namelist():
                if Path(name).name != name:
                    raise UnusableWeightsError("The stored weights hold a file that a checkpoint never has.")
                (folder / name).write_bytes(archive.read(name))
    except zipfile.BadZipFile as error:
        raise UnusableWeightsError("The stored weights are damaged.") from error
