"""The keys file: JSON that only its owner can read, replaced whole, so that a reader never sees half of it."""

import fcntl
import json
import os
import tempfile
from base64 import urlsafe_b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lti_tool.errors import ConfigurationError
from lti_tool.storage.keyring import BYTES, Keyring

Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Keys = Annotated[list[Key], Field(min_length=1)]


def _a_fernet_key(key: str) -> str:
    Fernet(key)  # its ValueError says that it is none
    return key


FernetKey = Annotated[str, AfterValidator(_a_fernet_key)]


class _KeysFile(BaseModel):
    """What a keys file must hold: hex of 32 bytes each, the current one of a use first."""

    model_config = ConfigDict(strict=True, extra="forbid")

    version: Literal[2]
    fields: Keys  # type: ignore[assignment, unused-ignore]
    pseudonyms: Keys
    indexes: Key
    sessions: Keys
    receipts: Keys
    receipts_retired: list[Key] = []
    earlier: list[FernetKey] = []


class _EarlierFile(BaseModel):
    """A keys file of before the envelopes."""

    model_config = ConfigDict(strict=True)

    encryption: list[FernetKey] = Field(min_length=1)
    pseudonyms: str = Field(pattern=r"^([0-9a-fA-F]{2}){16,}$")
    sessions: str = Field(min_length=32)


def load(path: Path) -> Keyring:
    """Raise ConfigurationError when the file is missing or damaged; it names the parts, never their values."""
    try:
        content = path.read_bytes()
    except OSError:
        raise ConfigurationError("No readable keys file. Make one with `undertone keys init`.") from None
    try:
        if _is_earlier(content):
            return _from_earlier(_EarlierFile.model_validate_json(content))
        return _from_file(_KeysFile.model_validate_json(content))
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        parts = sorted({str(fault["loc"][0]) if fault["loc"] else "the JSON" for fault in faults})
        raise ConfigurationError(
            f"The keys file is damaged ({', '.join(parts)}): it is not as `undertone keys init` makes it. "
            "Put your copy of it back."
        ) from None


def save(keyring: Keyring, path: Path) -> None:
    """Write the keys to a new file that only its owner can read.

    FileExistsError when there is one; ConfigurationError when the folder is none and cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise ConfigurationError("The folder of UNDERTONE_KEYS_FILE cannot be made.") from None
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(_written(keyring))


def change(path: Path, how: Callable[[Keyring], Keyring]) -> tuple[Keyring, Keyring]:
    """Replace the file by what `how` makes of it, one at a time; return the keys of before and after.

    ConfigurationError when it cannot be read or written; then it is as it was.
    """
    before = load(path)
    try:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            before = load(path)
            after = how(before)
            _replace(path, _written(after))
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ConfigurationError(
            f"The keys file cannot be replaced here ({error.strerror}). Run this where its folder can be written."
        ) from None
    return before, after


def _replace(path: Path, content: str) -> None:
    """Whole or not at all, and on the disk before it takes the place of the old one."""
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=".keys-")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        owner = path.stat()
        if os.geteuid() == 0:
            os.chown(made, owner.st_uid, owner.st_gid)
        os.replace(made, path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise


def _written(keyring: Keyring) -> str:
    said: dict[str, Any] = {"version": 2}
    for name in ("fields", "pseudonyms", "sessions", "receipts", "receipts_retired"):
        said[name] = [key.hex() for key in getattr(keyring, name)]
    said |= {"indexes": keyring.indexes.hex(), "earlier": list(keyring.earlier)}
    return json.dumps(said, indent=1) + "\n"


def _from_file(stored: _KeysFile) -> Keyring:
    lists = ("fields", "pseudonyms", "sessions", "receipts", "receipts_retired")
    keys = {name: tuple(bytes.fromhex(key) for key in getattr(stored, name)) for name in lists}
    return Keyring(**keys, indexes=bytes.fromhex(stored.indexes), earlier=tuple(stored.earlier))


def _is_earlier(content: bytes) -> bool:
    try:
        found = json.loads(content)
    except ValueError:
        return False
    return isinstance(found, dict) and "version" not in found and "encryption" in found


def _from_earlier(stored: _EarlierFile) -> Keyring:
    """Every key that such a file lacks follows from one that it has, so all processes that read it agree."""
    first = urlsafe_b64decode(stored.encryption[0])
    old_pseudonyms = bytes.fromhex(stored.pseudonyms)
    return Keyring(
        fields=(_follows(first, "fields"),),
        pseudonyms=(_follows(old_pseudonyms, "pseudonyms"),),
        indexes=old_pseudonyms,
        sessions=(_follows(stored.sessions.encode(), "sessions"),),
        receipts=(_follows(first, "receipts"),),
        earlier=tuple(stored.encryption),
    )


def _follows(key: bytes, use: str) -> bytes:
    return HKDF(SHA256(), BYTES, salt=None, info=f"undertone|upgrade|{use}".encode()).derive(key)
