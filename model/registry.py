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

MAX_PACKED_BYTES = 1 << 30


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

        Storing the same weights again keeps the first copy. Raises as `checkpoint.verify`.
        """
        manifest = checkpoint.verify(directory)
        self.root.mkdir(parents=True, exist_ok=True)
        place = self.path_of(manifest.weights_hash)
        if directory.stat().st_dev != self.root.stat().st_dev:
            directory = Path(shutil.copytree(directory, Path(self._workshop()) / "copy"))
        try:
            os.rename(directory, place)
        except OSError:
            # Someone stored the same weights first; theirs must be whole.
            checkpoint.verify(place)
            shutil.rmtree(directory)
        return manifest.weights_hash

    def verify(self, weights_hash: str) -> Manifest:
        """The manifest of stored weights, unaltered and under their own name."""
        manifest = checkpoint.verify(self.path_of(weights_hash))
        if manifest.weights_hash != weights_hash:
            raise AlteredCheckpoint(f"The checkpoint stored as {weights_hash} is another one.")
        return manifest

    def unpack(self, packed: bytes) -> str:
        """Store a packed checkpoint and return its weights hash."""
        self.root.mkdir(parents=True, exist_ok=True)
        workshop = Path(self._workshop())
        try:
            return self.store(unpack(packed, workshop / "unpacked"))
        finally:
            shutil.rmtree(workshop, ignore_errors=True)

    def _workshop(self) -> str:
        return tempfile.mkdtemp(prefix=".incoming-", dir=self.root)


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
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:") as archive:
            members = archive.getmembers()
            for member in members:
                _check_member(member)
            directory.mkdir(parents=True)
            for member in members:
                stream = archive.extractfile(member)
                (directory / member.name).write_bytes(stream.read() if stream else b"")
    except tarfile.TarError as error:
        raise AlteredCheckpoint("The packed checkpoint is not a tar archive.") from error
    checkpoint.verify(directory)
    return directory


def _check_member(member: tarfile.TarInfo) -> None:
    """Only plain files of the two kinds, directly at the top."""
    plain = member.isreg() and Path(member.name).name == member.name and not member.name.startswith(".")
    if not plain or not member.name.endswith(checkpoint.ALLOWED):
        raise AlteredCheckpoint(f"The packed checkpoint holds {member.name!r}, which is never loaded.")
