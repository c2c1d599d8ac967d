"""Keys kept outside the database: encryption of fields, keyed pseudonyms, signing of cookies (P29, P35, S35)."""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from lti_tool.errors import ConfigurationError


def _a_fernet_key(key: str) -> str:
    Fernet(key)  # its ValueError says that it is none
    return key


class _KeysFile(BaseModel):
    """What a keys file must hold: the parts that `Keyring.generate` makes."""

    model_config = ConfigDict(strict=True)

    encryption: list[Annotated[str, AfterValidator(_a_fernet_key)]] = Field(min_length=1)
    pseudonyms: str = Field(pattern=r"^([0-9a-fA-F]{2}){16,}$")
    sessions: str = Field(min_length=32)


@dataclass(frozen=True)
class Keyring:
    """Separate keys for separate uses; the first encryption key encrypts, all of them decrypt."""

    encryption: tuple[str, ...]
    pseudonyms: str
    sessions: str

    def encrypt(self, text: str) -> str:
        return self._fernet().encrypt(text.encode()).decode("ascii")

    def decrypt(self, token: str) -> str:
        """Raise ConfigurationError when no key opens the token: a missing key must be loud (P35)."""
        try:
            return self._fernet().decrypt(token.encode("ascii")).decode()
        except InvalidToken:
            raise ConfigurationError(
                "A stored field cannot be opened: its encryption key is missing."
            ) from None

    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in self.encryption])

    def save(self, path: Path) -> None:
        """Write the keys to a new file that only its owner can read.

        FileExistsError when there is one; ConfigurationError when the folder is none and cannot be made.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise ConfigurationError("The folder of UNDERTONE_KEYS_FILE cannot be made.") from None
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(
                {"encryption": self.encryption, "pseudonyms": self.pseudonyms, "sessions": self.sessions},
                file,
            )

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """Raise ConfigurationError when the file is missing or damaged; it names the parts, never their values."""
        try:
            stored = _KeysFile.model_validate_json(path.read_bytes())
        except OSError:
            raise ConfigurationError("No readable keys file. Make one with `undertone keys init`.") from None
        except ValidationError as error:
            faults = error.errors(include_input=False, include_url=False)
            parts = sorted({str(fault["loc"][0]) if fault["loc"] else "the JSON" for fault in faults})
            raise ConfigurationError(
                f"The keys file is damaged ({', '.join(parts)}): it is not as `undertone keys init` makes it. "
                "Put your copy of it back."
            ) from None
        return cls(tuple(stored.encryption), stored.pseudonyms, stored.sessions)

    @classmethod
    def generate(cls) -> "Keyring":
        return cls((Fernet.generate_key().decode(),), secrets.token_hex(32), secrets.token_hex(32))


_active: Keyring | None = None


def use_keyring(keyring: Keyring) -> None:
    """Make `keyring` the one that columns use; column types cannot be handed one per call."""
    global _active
    _active = keyring


def current_keyring() -> Keyring:
    if _active is None:
        raise ConfigurationError("The keys were not loaded before the database was used.")
    return _active


def blind_index(*parts: str) -> str:
    """HMAC-SHA-256 over the parts under the pseudonym key: equal ids meet, and none can be read back (P29)."""
    key = bytes.fromhex(current_keyring().pseudonyms)
    framed = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(key, framed, hashlib.sha256).hexdigest()
