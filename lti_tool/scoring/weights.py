"""Weights between the database and the disk: kept in one row, unpacked under their hash, verified.

An adapter is small and immutable, so it lies in the database and any worker fetches it by hash (decision 5).
"""

import shutil
import tempfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from lti_tool.scoring.errors import UnusableWeightsError
from lti_tool.scoring.tables import Weights
from lti_tool.settings import Settings
from lti_tool.storage import Database
from model import backbones, checkpoint, registry
from model.errors import AlteredCheckpoint, MissingCheckpoint, ModelError


def store(session: Session, now: datetime, folder: Path) -> Weights:
    """Keep the checkpoint in `folder` in the database; the row that is there when it was kept before.

    Raises UnusableWeightsError when the checkpoint is missing or altered.
    """
    try:
        manifest = checkpoint.verify(folder)
        present = session.get(Weights, manifest.weights_hash)
        if present is not None:
            return present
        archive = registry.pack(folder)
    except ModelError as error:
        raise UnusableWeightsError(error.words, code=error.code) from error
    row = Weights(hash=manifest.weights_hash, archive=archive, manifest=asdict(manifest), created_at=now)
    session.add(row)
    session.flush()
    return row


def path_of(source: Session | Database, settings: Settings, weights_hash: str) -> Path:
    """The verified directory of the weights, unpacked from the database when missing or altered.

    Raises UnusableWeightsError when the database has no such weights or they do not verify.
    """
    shelf = registry.Registry(settings.weights_home)
    try:
        try:
            shelf.verify(weights_hash)
        except (MissingCheckpoint, AlteredCheckpoint):
            _fetch(source, shelf, weights_hash)
        return shelf.path_of(weights_hash)
    except ModelError as error:
        raise UnusableWeightsError(error.words, code=error.code) from error


def fault(database: Database, settings: Settings, weights_hash: str) -> str | None:
    """What is wrong with the kept weights or their unpacked copy, in words; mends nothing but a missing copy."""
    shelf = registry.Registry(settings.weights_home)
    try:
        shelf.verify(weights_hash)
    except MissingCheckpoint:
        path_of(database, settings, weights_hash)
    except AlteredCheckpoint:
        return "the unpacked weights are altered; the kept copy takes their place when they are used next"
    with tempfile.TemporaryDirectory(prefix="undertone-") as folder:
        try:
            registry.unpack(_archive(database, weights_hash), Path(folder) / "kept")
        except ModelError as error:
            return f"the kept weights are altered: {error.code}"
    return None


def base_fault(folder: Path) -> str | None:
    """What is wrong with the encoder that the adapter in `folder` is added to; rebuilt where that was not done yet."""
    try:
        manifest = checkpoint.verify(folder)
        if manifest.kind == checkpoint.FULL:
            return None
        found = backbones.resolve(manifest.base["name"])
    except ModelError as error:
        return error.words
    same = found.sha256 == manifest.base["sha256"]
    return None if same else f"the base encoder {found.name} is not the one that the model was trained on"


def _fetch(source: Session | Database, shelf: registry.Registry, weights_hash: str) -> None:
    """Put whole weights in the place of missing or altered ones."""
    archive = _archive(source, weights_hash)
    shutil.rmtree(shelf.path_of(weights_hash), ignore_errors=True)
    if shelf.unpack(archive) != weights_hash:
        raise AlteredCheckpoint("The stored weights are altered: their hash is not theirs.")


def _archive(source: Session | Database, weights_hash: str) -> bytes:
    if isinstance(source, Database):
        with source.reading() as session:
            return _archive(session, weights_hash)
    row = source.get(Weights, weights_hash)
    if row is None:
        raise UnusableWeightsError("The database does not hold these weights.")
    return row.archive
