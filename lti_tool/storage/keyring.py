"""Keys kept outside the database: encryption of fields, keyed pseudonyms, signing of cookies (P29, P35, S35)."""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from lti_tool.errors import ConfigurationError


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
        """Write the keys to a new file that only its owner can read."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(
                {"encryption": self.encryption, "pseudonyms": self.pseudonyms, "sessions": self.sessions},
                file,
            )

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """Raise ConfigurationError when the file is missing or damaged."""
        try:
            stored = json.loads(path.read_text())
            return cls(tuple(stored["encryption"]), stored["pseudonyms"], stored["sessions"])
        except (OSError, ValueError, KeyError, TypeError):
            raise ConfigurationError("No readable keys file. Make one with `undertone keys init`.") from None

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
