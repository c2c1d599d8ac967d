"""Immutable weight directories: stored under their hash in one rename, and packed into bytes and back.

Packed checkpoints are plain tar archives of safetensors and JSON files without folders, so that a small
adapter can lie in a database and any worker can fetch it by hash.
"""

import io
import os
import shutil
import tarfile
import tempfile
from pathlib import Path

from model import checkpoint
from model.checkpoint import Manifest
from model.errors import AlteredCheckpoint, MissingCheckpoint
from model.integrity.placing import placed, unwritable

MAX_PACKED_BYTES = 1 << 30
INCOMING = ".incoming-"


class Registry:
    """Weight directories below `root`, each named by its weights hash and never written again."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path_of(self, weights_hash: str) -> Path:
        """Where the weights lie or would lie; MissingCheckpoint for what is not a hash."""
        if len(weights_hash) != 64 or not set(weights_hash) <= set("0123456789abcdef"):
            raise MissingCheckpoint(f"{weights_hash!r} is not a weights hash.")
        return self.root / weights_hash

    def __contains__(self, weights_hash: str) -> bool:
        return (self.path_of(weights_hash) / checkpoint.MANIFEST).is_file()

    def store(self, directory: Path) -> str:
        """Move a complete checkpoint directory in and return its weights hash.

        Storing the same weights again keeps the first copy. Raises as `checkpoint.verify`, and ModelError with
        the code "not_written" when there is no room.
        """
        manifest = checkpoint.verify(directory)
        place = self.path_of(manifest.weights_hash)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            if directory.stat().st_dev == self.root.stat().st_dev:
                _move(directory, place)
            else:
                with tempfile.TemporaryDirectory(prefix=INCOMING, dir=self.root) as workshop:
                    _move(_copied(directory, Path(workshop) / "copy"), place)
                shutil.rmtree(directory)
        except OSError as error:
            raise unwritable(place, error) from error
        return manifest.weights_hash

    def verify(self, weights_hash: str) -> Manifest:
        """The manifest of stored weights, unaltered and under their own name."""
        manifest = checkpoint.verify(self.path_of(weights_hash))
        if manifest.weights_hash != weights_hash:
            raise AlteredCheckpoint(f"The checkpoint stored as {weights_hash} is another one.")
        return manifest

    def unpack(self, packed: bytes) -> str:
        """Store a packed checkpoint and return its weights hash."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=INCOMING, dir=self.root) as workshop:
                return self.store(unpack(packed, Path(workshop) / "unpacked"))
        except OSError as error:
            raise unwritable(self.root, error) from error


def _copied(directory: Path, place: Path) -> Path:
    """A copy of the (checked, plain) files; the first that fails says why, as `copytree` would not."""
    place.mkdir()
    for file in directory.iterdir():
        shutil.copyfile(file, place / file.name)
    return place


def _move(directory: Path, place: Path) -> None:
    try:
        os.rename(directory, place)
    except OSError:
        if not place.exists():
            raise
        # Someone stored the same weights first; theirs must be whole.
        checkpoint.verify(place)
        shutil.rmtree(directory)


def pack(directory: Path) -> bytes:
    """A verified checkpoint directory as bytes, the same for the same files."""
    manifest = checkpoint.verify(directory)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted([*manifest.files, checkpoint.MANIFEST]):
            entry = tarfile.TarInfo(name)
            entry.size = (directory / name).stat().st_size
            with (directory / name).open("rb") as stream:
                archive.addfile(entry, stream)
    return buffer.getvalue()


def unpack(packed: bytes, directory: Path) -> Path:
    """Write a packed checkpoint into a new directory and verify it; AlteredCheckpoint for anything else."""
    if len(packed) > MAX_PACKED_BYTES:
        raise AlteredCheckpoint("The packed checkpoint is too large.")
    with placed(directory) as workshop:
        _extract(packed, workshop)
        checkpoint.verify(workshop)
    return directory


def _extract(packed: bytes, folder: Path) -> None:
    """Write the files of an archive, each checked before it is read."""
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:") as archive:
            for member in archive:
                _check_member(member, len(packed))
                stream = archive.extractfile(member)
                with (folder / member.name).open("xb") as out:
                    out.write(stream.read() if stream else b"")
    except FileExistsError as error:
        raise AlteredCheckpoint("The packed checkpoint holds a file twice.") from error
    except (tarfile.TarError, ValueError, OverflowError) as error:
        # A header's fields are read as numbers and names before anything says that they are none.
        raise AlteredCheckpoint("The packed checkpoint is not a tar archive.") from error


def _check_member(member: tarfile.TarInfo, most_bytes: int) -> None:
    """Only plain files of the known kinds, directly at the top, none larger than the archive."""
    # A sparse file is as large as its header says, whatever the archive holds.
    plain = member.isreg() and not member.issparse() and 0 <= member.size <= most_bytes
    if not plain or not checkpoint.allowed(member.name):
        raise AlteredCheckpoint(f"The packed checkpoint holds {member.name!r}, which is never loaded.")
