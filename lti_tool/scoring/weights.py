"""Weights between the database and the disk: kept in one row, unpacked under their hash, verified.

An adapter is small and immutable, so it lies in the database and any worker fetches it by hash (decision 5).
"""

import shutil
import tempfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.scoring.errors import NotWholeError, UnusableWeightsError
from lti_tool.scoring.signing import require_signed, signature_of
from lti_tool.scoring.tables import Weights
from lti_tool.settings import Settings
from lti_tool.storage import Database
from model import backbones, checkpoint, registry
from model.errors import AlteredCheckpoint, MissingCheckpoint, ModelError


def store(session: Session, now: datetime, folder: Path) -> Weights:
    """Keep the checkpoint in `folder` in the database; the row that is there when it was kept before.

    The manifest is signed (S39). Raises UnusableWeightsError when the checkpoint is missing or altered, and when the
    row that is there bears no signature of ours.
    """
    try:
        manifest = checkpoint.verify(folder)
        present = session.get(Weights, manifest.weights_hash)
        if present is not None:
            require_signed(present.hash, present.manifest, present.signature)
            return present
        archive = registry.pack(folder)
    except ModelError as error:
        raise UnusableWeightsError(error.words, code=error.code) from error
    said = asdict(manifest)
    row = Weights(
        hash=manifest.weights_hash,
        archive=archive,
        manifest=said,
        signature=signature_of(manifest.weights_hash, said),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def path_of(source: Session | Database, settings: Settings, weights_hash: str) -> Path:
    """The verified directory of the weights, unpacked from the database when missing or altered.

    Raises UnusableWeightsError when the database has no such weights, they do not verify, or their manifest is not
    the signed one (S39).
    """
    shelf = registry.Registry(settings.weights_home)
    try:
        try:
            _verify(source, shelf, weights_hash)
        except (MissingCheckpoint, AlteredCheckpoint, UnusableWeightsError):
            _fetch(source, shelf, weights_hash)
            _verify(source, shelf, weights_hash)
        return shelf.path_of(weights_hash)
    except ModelError as error:
        raise UnusableWeightsError(error.words, code=error.code) from error


def require_whole(session: Session, weights_hash: str) -> None:
    """Raise NotWholeError unless the kept weights unpack, verify and bear our signature: before they serve (S39)."""
    with tempfile.TemporaryDirectory(prefix="undertone-") as folder:
        try:
            kept = registry.unpack(_archive(session, weights_hash), Path(folder) / "kept")
            manifest = checkpoint.verify(kept)
            if manifest.weights_hash != weights_hash:
                raise AlteredCheckpoint("The stored weights are altered: their hash is not theirs.")
            row = session.get_one(Weights, weights_hash)
            for said in (asdict(manifest), row.manifest):  # the one that is loaded and the one that is shown
                require_signed(weights_hash, said, row.signature)
        except (ModelError, UnusableWeightsError) as error:
            raise NotWholeError(code=error.code) from error


def fault(database: Database, settings: Settings, weights_hash: str) -> str | None:
    """What is wrong with the kept weights or their unpacked copy, in words; mends nothing but a missing copy."""
    shelf = registry.Registry(settings.weights_home)
    try:
        _verify(database, shelf, weights_hash)
    except MissingCheckpoint:
        path_of(database, settings, weights_hash)
    except (AlteredCheckpoint, UnusableWeightsError):
        return "the unpacked weights are altered; the kept copy takes their place when they are used next"
    with database.reading() as session:
        try:
            require_whole(session, weights_hash)
        except UnusableWeightsError as error:
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


def _verify(source: Session | Database, shelf: registry.Registry, weights_hash: str) -> None:
    """Files as their manifest says, and the manifest the signed one: an altered one can fit all hashes but that."""
    require_signed(weights_hash, asdict(shelf.verify(weights_hash)), _signature(source, weights_hash))


def _signature(source: Session | Database, weights_hash: str) -> str:
    if isinstance(source, Database):
        with source.reading() as session:
            return _signature(session, weights_hash)
    return source.scalar(select(Weights.signature).where(Weights.hash == weights_hash)) or ""


def _archive(source: Session | Database, weights_hash: str) -> bytes:
    if isinstance(source, Database):
        with source.reading() as session:
            return _archive(session, weights_hash)
    row = source.get(Weights, weights_hash)
    if row is None:
        raise UnusableWeightsError("The database does not hold these weights.")
    return row.archive
