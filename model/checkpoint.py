"""A checkpoint on disk: safetensors and JSON only, with a manifest that names every file's hash.

An adapter checkpoint holds LoRA matrices and heads, valid only for the base whose weights hash its
manifest names; a full one holds all weights. Nothing else is ever read: no pickle, no code.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from model.errors import AlteredCheckpoint, MissingCheckpoint
from model.hashing import file_sha256, json_sha256

ADAPTER = "adapter"
FULL = "full"
WEIGHTS = {ADAPTER: "adapter_model.safetensors", FULL: "model.safetensors"}
SETTINGS = {ADAPTER: ("adapter_config.json", "config.json"), FULL: ("config.json",)}
CALIBRATION = "calibration.json"
MANIFEST = "manifest.json"
ALLOWED = (".safetensors", ".json")
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """Where a checkpoint comes from and what it consists of.

    `base` has name and sha256, `data` one entry per source of rows, `figures` the development figures, `heldout`
    those on held-out rows that neither trained nor calibrated it,
    `files` the SHA-256 per file, `parent` the weights hash that training started from.
    """

    kind: str
    base: dict[str, str]
    weights_hash: str
    files: dict[str, str]
    data: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    heldout: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    steps: int = 0
    command: str = ""
    parent: str | None = None
    versions: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


def weights_hash(path: Path, kind: str, base_sha256: str) -> str:
    """The identity of the weights: base, adapter or full weights, and their settings, not the calibration."""
    names = (WEIGHTS[kind], *SETTINGS[kind])
    return json_sha256({"base": base_sha256, "files": {name: file_sha256(path / name) for name in names}})


def seal(path: Path, kind: str, base: dict[str, str], **facts: Any) -> Manifest:
    """Write the manifest of a directory whose other files are complete, and return it."""
    names = sorted(file.name for file in path.iterdir() if file.name != MANIFEST)
    files = {name: file_sha256(path / name) for name in names}
    identity = weights_hash(path, kind, base["sha256"])
    manifest = Manifest(kind=kind, base=base, weights_hash=identity, files=files, **facts)
    write_json(path / MANIFEST, asdict(manifest))
    return manifest


def verify(path: Path) -> Manifest:
    """The manifest of an unaltered checkpoint directory.

    Raises MissingCheckpoint when there is none, AlteredCheckpoint when a file is missing, changed, not
    named by the manifest, or neither safetensors nor JSON.
    """
    if not (path / MANIFEST).is_file():
        raise MissingCheckpoint(f"There is no checkpoint at {path}: {MANIFEST} is missing.")
    manifest = _read_manifest(path)
    present = {file.name for file in path.iterdir()} - {MANIFEST}
    for name in sorted(present | manifest.files.keys()):
        _check_file(path, name, manifest.files.get(name))
    if weights_hash(path, manifest.kind, manifest.base["sha256"]) != manifest.weights_hash:
        raise AlteredCheckpoint(f"The checkpoint at {path} is altered: its hash is not that of its files.")
    return manifest


def _check_file(path: Path, name: str, expected: str | None) -> None:
    file = path / name
    if file.suffix not in ALLOWED or file.is_symlink():
        raise AlteredCheckpoint(
            f"{name} in the checkpoint at {path} is neither safetensors nor JSON; refusing."
        )
    if expected is None:
        raise AlteredCheckpoint(f"The checkpoint at {path} is altered: its manifest does not name {name}.")
    if not file.is_file() or file_sha256(file) != expected:
        raise AlteredCheckpoint(
            f"The checkpoint at {path} is altered: {name} is not the file that was saved."
        )


def _read_manifest(path: Path) -> Manifest:
    found = read_json(path / MANIFEST)
    try:
        manifest = Manifest(**found)
        complete = {WEIGHTS[manifest.kind], *SETTINGS[manifest.kind], CALIBRATION} <= manifest.files.keys()
        known = manifest.format == FORMAT and complete and "sha256" in manifest.base
    except (TypeError, KeyError, AttributeError) as error:
        raise AlteredCheckpoint(f"The manifest at {path} cannot be understood.") from error
    if not known:
        raise AlteredCheckpoint(
            f"The manifest of the checkpoint at {path} is incomplete or of another format."
        )
    return manifest


def read_json(path: Path) -> Any:
    """A JSON file of a checkpoint; AlteredCheckpoint when it is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MissingCheckpoint(
            f"There is no checkpoint at {path.parent}: {path.name} is missing."
        ) from error
    except ValueError as error:
        raise AlteredCheckpoint(f"{path} is not JSON.") from error


def write_json(path: Path, value: Any) -> None:
    """Write JSON as a person would read it, with a final newline."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
