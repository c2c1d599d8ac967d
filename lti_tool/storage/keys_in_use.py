"""The keys that this process uses: read again when their file has changed, so that nothing restarts for new keys."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from lti_tool.errors import ConfigurationError
from lti_tool.storage import keys_file
from lti_tool.storage.keyring import Keyring, keyed

log = logging.getLogger(__name__)


@dataclass
class _InUse:
    keyring: Keyring | None = None
    file: Path | None = None
    seen: tuple[int, int, int] | None = None
    """Inode, time and size of the file when it was read last."""


_active = _InUse()


def use_keyring(keyring: Keyring) -> None:
    """Make `keyring` the one that columns use; column types cannot be handed one per call."""
    global _active
    _active = _InUse(keyring)


def use_keys_file(path: Path) -> Keyring:
    """The same with the keys of a file, which is followed from now on. ConfigurationError as `Keyring.load`."""
    global _active
    seen = _state(path)
    keyring = keys_file.load(path)
    _active = _InUse(keyring, path, seen)
    return keyring


def current_keyring() -> Keyring:
    """The keys in use; ConfigurationError when none were loaded.

    A look at the file each time costs about a microsecond, and makes sure that nothing is sealed any more under a
    key that was replaced: only so can a replaced key be retired (`rotation`).
    """
    if _active.file is not None and _state(_active.file) != _active.seen:
        _read_again(_active, _active.file)
    if _active.keyring is None:
        raise ConfigurationError("The keys were not loaded before the database was used.")
    return _active.keyring


def keyring_read_again() -> Keyring:
    """For a key id that this process does not know: the keys of the file as it is now, where they come from one."""
    if _active.file is not None:
        _read_again(_active, _active.file)
    return current_keyring()


def _read_again(active: _InUse, path: Path) -> None:
    """A file that is gone or damaged changes nothing: the keys that were read serve on."""
    seen = _state(path)
    try:
        active.keyring = keys_file.load(path)
    except ConfigurationError:
        log.warning("The keys file has changed and cannot be read; the keys of before stay in use.")
    active.seen = seen


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def blind_index(*parts: str) -> str:
    """HMAC-SHA-256 over the parts under the key of indexes: equal ids meet, and none can be read back (P29)."""
    return keyed(current_keyring().indexes, parts)


def session_secrets() -> list[str]:
    """For `itsdangerous`: the oldest first; the last one, which is the current one, signs."""
    return [*reversed(current_keyring().session_secrets())]
