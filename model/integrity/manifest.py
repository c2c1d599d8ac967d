"""The manifest of a checkpoint: where it comes from, what it consists of, and the hash of all that.

Since format 2 the manifest names its own hash too, so that no byte of it can change unseen; format 1 is read.
"""

import hashlib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from model.errors import AlteredCheckpoint
from model.integrity.fields import ADAPTER, FORMAT, FULL, SENTIMENT_ONLY, WEIGHTS, wrong_fields
from model.integrity.jsonfile import json_text, read_json

SETTINGS = {
    ADAPTER: ("adapter_config.json", "config.json"),
    FULL: ("config.json",),
    SENTIMENT_ONLY: ("config.json",),
}
CALIBRATION = "calibration.json"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """Where a checkpoint comes from and what it consists of.

    `base` has name and sha256, `data` one entry per source of rows, `figures` the development figures, `heldout`
    those on held-out rows that neither trained nor calibrated it, `epochs` what each epoch ended with, `files` the
    SHA-256 per file, `parent` the weights hash that training started from. An export has in `source` the weights
    hash that it was made from, and in `decision` who decided to publish it.
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
    epochs: list[dict[str, Any]] = field(default_factory=list)
    command: str = ""
    parent: str | None = None
    versions: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT
    source: str | None = None
    decision: dict[str, str] | None = None
    manifest_hash: str = ""


def write(path: Path, manifest: Manifest) -> Manifest:
    """Write the manifest of the checkpoint at `path` with its own hash in it, and return it."""
    sealed = replace(manifest, manifest_hash=own_hash(manifest))
    (path / MANIFEST).write_text(json_text(asdict(sealed)), encoding="utf-8")
    return sealed


def own_hash(manifest: Manifest) -> str:
    """SHA-256 of the manifest's text with no hash in it."""
    text = json_text(asdict(replace(manifest, manifest_hash="")))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read(path: Path) -> Manifest:
    """The manifest of the checkpoint at `path`; AlteredCheckpoint when it is not as it was written."""
    found = read_json(path / MANIFEST)
    wrong = wrong_fields(found)
    if wrong:
        raise AlteredCheckpoint(f"The manifest at {path} cannot be understood: {', '.join(wrong)[:200]}.")
    manifest = Manifest(**found)
    if not {WEIGHTS[manifest.kind], *SETTINGS[manifest.kind], CALIBRATION} <= manifest.files.keys():
        raise AlteredCheckpoint(f"The manifest of the checkpoint at {path} is incomplete.")
    if manifest.format == FORMAT and not _as_written(path, manifest):
        raise AlteredCheckpoint(f"The checkpoint at {path} is altered: its manifest is not what was written.")
    return manifest


def _as_written(path: Path, manifest: Manifest) -> bool:
    text = (path / MANIFEST).read_bytes().decode("utf-8")
    return own_hash(manifest) == manifest.manifest_hash and text == json_text(asdict(manifest))
