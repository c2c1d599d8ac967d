"""Whether a manifest's fields are of their kind: what a stranger wrote is judged before it is used."""

import re
from collections.abc import Callable
from typing import Any

ADAPTER = "adapter"
FULL = "full"
SENTIMENT_ONLY = "sentiment"
"""All weights with three outputs instead of ten: an export, which `Scorer` does not load."""

WEIGHTS = {
    ADAPTER: "adapter_model.safetensors",
    FULL: "model.safetensors",
    SENTIMENT_ONLY: "model.safetensors",
}
FORMAT = 2
UNSEALED = 1
LATE = {"source", "decision", "manifest_hash"}
MOST_FILES = 32
LONGEST_NAME = 200
LARGEST = 1e30

# One plain component: no folder, no hidden file, nothing that a file system could read in another way.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
HASH = re.compile(r"[0-9a-f]{64}")


def wrong_fields(found: Any) -> list[str]:
    """The fields that are missing, unknown or not of their kind."""
    if not isinstance(found, dict):
        return ["it is no object"]
    needed = {"kind", "base", "weights_hash", "files", "format"}
    strange = sorted(name for name, value in found.items() if name not in _CHECKS or not _CHECKS[name](value))
    # What the first format could not name would be read without a hash over it.
    late = LATE & found.keys() if found.get("format") == UNSEALED else ()
    return [*sorted(needed - found.keys()), *strange, *sorted(late)]


def is_whole(value: Any) -> bool:
    """Whether a JSON value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number that a network can calculate with."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind)


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and HASH.fullmatch(value) is not None


def _is_hash_or_none(value: Any) -> bool:
    return value is None or _is_hash(value)


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _are_words(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(word, str) for word in value.values())


def _is_base(value: Any) -> bool:
    return _are_words(value) and _is_hash(value.get("sha256")) and _leads_nowhere(value.get("name", ""))


def _leads_nowhere(name: str) -> bool:
    """A packaged name, a folder's name or a hub id, never a path: a base is looked for by its name."""
    parts = name.split("/")
    plain = name.isprintable() and len(name) <= LONGEST_NAME and "\\" not in name
    return plain and len(parts) <= 2 and all(part and not part.startswith((".", "~")) for part in parts)


def _are_files(value: Any) -> bool:
    named = isinstance(value, dict) and 0 < len(value) <= MOST_FILES
    return named and all(NAME.fullmatch(name) and _is_hash(own) for name, own in value.items())


def _are_sources(value: Any) -> bool:
    return _are_objects(value) and all(map(_is_source, value))


def _is_source(entry: dict[str, Any]) -> bool:
    words = all(isinstance(entry.get(name), str) for name in ("name", "use", "sha256"))
    return words and isinstance(entry.get("rows"), int)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "kind": lambda value: isinstance(value, str) and value in WEIGHTS,
    "base": _is_base,
    "weights_hash": _is_hash,
    "files": _are_files,
    "data": _are_sources,
    "figures": _is(dict),
    "heldout": _is(dict),
    "options": _is(dict),
    "seed": _is(int),
    "steps": _is(int),
    "epochs": _are_objects,
    "command": _is(str),
    "parent": _is_hash_or_none,
    "versions": _are_words,
    "format": lambda value: value in (UNSEALED, FORMAT),
    "source": _is_hash_or_none,
    "decision": lambda value: value is None or _are_words(value),
    "manifest_hash": _is(str),
}
