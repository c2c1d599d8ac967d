"""A checkpoint on disk: safetensors and JSON only, with a manifest that names every file's hash.

An adapter checkpoint holds LoRA matrices and heads, valid only for the base whose weights hash its
manifest names; a full one holds all weights. Nothing else is ever read: no pickle, no code.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.errors import AlteredCheckpoint, MissingCheckpoint
from model.hashing import file_sha256, json_sha256
from model.integrity import manifest as manifests
from model.integrity.contents import check_contents
from model.integrity.fields import ADAPTER, FULL, NAME, SENTIMENT_ONLY, WEIGHTS
from model.integrity.jsonfile import read_json, write_json
from model.integrity.manifest import CALIBRATION, MANIFEST, SETTINGS, Manifest

__all__ = [
    "ADAPTER",
    "ALLOWED",
    "CALIBRATION",
    "FULL",
    "MANIFEST",
    "NOTES",
    "SENTIMENT_ONLY",
    "SETTINGS",
    "WEIGHTS",
    "Manifest",
    "allowed",
    "read_json",
    "seal",
    "verify",
    "weights_hash",
    "write_json",
]

ALLOWED = (".safetensors", ".json")
NOTES = ("README.md", "DATASHEET.md", "LABELS.md")
"""For people, in an export; no program reads them."""


def weights_hash(path: Path, kind: str, base_sha256: str) -> str:
    """The identity of the weights: base, adapter or full weights, and their settings, not the calibration."""
    return _identity(kind, base_sha256, {name: file_sha256(path / name) for name in _identifying(kind)})


def _identifying(kind: str) -> tuple[str, ...]:
    return (WEIGHTS[kind], *SETTINGS[kind])


def _identity(kind: str, base_sha256: str, hashes: Mapping[str, str]) -> str:
    files = {name: hashes[name] for name in _identifying(kind)}
    return json_sha256({"base": base_sha256, "files": files})


def seal(path: Path, kind: str, base: dict[str, str], **facts: Any) -> Manifest:
    """Write the manifest of a directory whose other files are complete, and return it.

    Raises AlteredCheckpoint when they would not be loaded again, as when training gave numbers that are none.
    """
    check_contents(path, kind)
    names = sorted(file.name for file in path.iterdir() if file.name != MANIFEST)
    files = {name: file_sha256(path / name) for name in names}
    identity = _identity(kind, base["sha256"], files)
    return manifests.write(path, Manifest(kind=kind, base=base, weights_hash=identity, files=files, **facts))


def verify(path: Path) -> Manifest:
    """The manifest of an unaltered checkpoint directory whose contents can be trusted.

    Raises MissingCheckpoint when there is none, AlteredCheckpoint when a file is missing, changed, a link, not
    named by the manifest, of another kind, or says what our training does not write (`model.contents`).
    """
    try:
        if not (path / MANIFEST).is_file():
            raise MissingCheckpoint(f"There is no checkpoint at {path}: {MANIFEST} is missing.")
        return _verified(path)
    except OSError as error:
        raise AlteredCheckpoint(f"The checkpoint at {path} cannot be read: {error.strerror}.") from error


def _verified(path: Path) -> Manifest:
    if (path / MANIFEST).is_symlink():
        raise AlteredCheckpoint(f"{MANIFEST} in the checkpoint at {path} is a link; refusing.")
    manifest = manifests.read(path)
    present = {file.name for file in path.iterdir()} - {MANIFEST}
    for name in sorted(present | manifest.files.keys()):
        _check_file(path, name, manifest.files.get(name))
    if _identity(manifest.kind, manifest.base["sha256"], manifest.files) != manifest.weights_hash:
        raise AlteredCheckpoint(f"The checkpoint at {path} is altered: its hash is not that of its files.")
    check_contents(path, manifest.kind)
    return manifest


def allowed(name: str) -> bool:
    """Whether a checkpoint may hold a file of this name: a plain one, safetensors, JSON or a note for people."""
    return NAME.fullmatch(name) is not None and (name.endswith(ALLOWED) or name in NOTES)


def _check_file(path: Path, name: str, expected: str | None) -> None:
    file = path / name
    if not allowed(name) or file.is_symlink():
        raise AlteredCheckpoint(
            f"{name!r} in the checkpoint at {path} is neither safetensors nor JSON; refusing."
        )
    if expected is None:
        raise AlteredCheckpoint(f"The checkpoint at {path} is altered: its manifest does not name {name}.")
    if not file.is_file() or file_sha256(file) != expected:
        raise AlteredCheckpoint(
            f"The checkpoint at {path} is altered: {name} is not the file that was saved."
        )
