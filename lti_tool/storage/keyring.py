"""Keys kept outside the database, separate per use (P29, P35, S35): fields, pseudonyms, indexes, sessions, receipts.

The first key of a use is the current one; the others still open what they sealed until they are retired.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lti_tool.errors import ConfigurationError

Use = Literal["fields", "pseudonyms", "indexes", "sessions", "receipts"]
ROTATED: tuple[Use, ...] = ("fields", "pseudonyms", "sessions", "receipts")
"""What can be rotated. `indexes` cannot: the outside ids and texts that it has hashed are kept nowhere."""
BYTES = 32


class MissingKeyError(ConfigurationError):
    code = "missing_key"
    words = "A stored field cannot be opened: its encryption key is missing from the keys file."


@dataclass(frozen=True)
class Keyring:
    """Separate keys for separate uses, 32 bytes each; the first of a use is the current one."""

    fields: tuple[bytes, ...] = field(repr=False)
    """Masters of AES-256-GCM; each institution's key is derived from them."""
    pseudonyms: tuple[bytes, ...] = field(repr=False)
    """For the one lookup from an LMS identity to a person (design decision 2)."""
    indexes: bytes = field(repr=False)
    """For all other blind indexes and hashes of texts."""
    sessions: tuple[bytes, ...] = field(repr=False)
    receipts: tuple[bytes, ...] = field(repr=False)
    """Seeds of Ed25519."""
    receipts_retired: tuple[bytes, ...] = field(default=(), repr=False)
    """Public parts of receipt keys whose private part is gone: old receipts stay verifiable (P26)."""
    earlier: tuple[str, ...] = field(default=(), repr=False)
    """Fernet keys of an installation older than the envelopes; migration 0007 opens with them."""

    @classmethod
    def generate(cls) -> "Keyring":
        """New random keys for every use."""
        fields, pseudonyms, indexes, sessions, receipts = (secrets.token_bytes(BYTES) for _ in range(5))
        return cls((fields,), (pseudonyms,), indexes, (sessions,), (receipts,))

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """Read a keys file, also one of before the envelopes; ConfigurationError names what is damaged."""
        from lti_tool.storage import keys_file

        return keys_file.load(path)

    def save(self, path: Path) -> None:
        """Write a new keys file that only its owner can read; FileExistsError when there is one."""
        from lti_tool.storage import keys_file

        keys_file.save(self, path)

    def of(self, use: Use) -> tuple[bytes, ...]:
        """The keys of a use, the current one first."""
        return (self.indexes,) if use == "indexes" else cast("tuple[bytes, ...]", getattr(self, use))

    def ids(self, use: Use) -> tuple[str, ...]:
        """The ids of a use's keys, the current one first."""
        return tuple(key_id(use, key) for key in self.of(use))

    def known(self, use: Use) -> frozenset[str]:
        """The ids that can still be served: with them the receipt keys of which only the public part is left."""
        retired = self.receipts_retired if use == "receipts" else ()
        return frozenset(self.ids(use)) | {_id_of_public(public) for public in retired}

    def field_key(self, identifier: str, institution_id: str) -> AESGCM:
        """The key for an institution's fields under the master of this id; MissingKeyError when there is none."""
        master = self._by_id.get(identifier)
        if master is None:
            raise MissingKeyError
        return _field_key(master, institution_id)

    @cached_property
    def current_field_id(self) -> str:
        return key_id("fields", self.fields[0])

    @cached_property
    def _by_id(self) -> dict[str, bytes]:
        return {key_id("fields", key): key for key in self.fields}

    def pseudonym(self, key: bytes, institution_id: str, *parts: str) -> str:
        """HMAC-SHA-256 of an identity under the institution's own key, derived from this key (P29)."""
        return keyed(derived(key, f"pseudonyms|{institution_id}"), parts)

    def receipt_key(self) -> tuple[str, Ed25519PrivateKey]:
        """The id and the private key that sign receipts now (P26)."""
        return key_id("receipts", self.receipts[0]), Ed25519PrivateKey.from_private_bytes(self.receipts[0])

    def receipt_public_keys(self) -> dict[str, Ed25519PublicKey]:
        """All that ever signed receipts, by id, the current one first: what is published to verify them."""
        publics = (*(_public(seed) for seed in self.receipts), *self.receipts_retired)
        return {_id_of_public(public): Ed25519PublicKey.from_public_bytes(public) for public in publics}

    def session_secrets(self) -> tuple[str, ...]:
        """For cookies and anti-forgery tokens: the current one signs, all are accepted."""
        return tuple(key.hex() for key in self.sessions)

    def with_new(self, use: Use) -> "Keyring":
        """The same keys and a new current one for `use`; ValueError for `indexes`."""
        if use not in ROTATED:
            raise ValueError(use)
        changed: dict[str, Any] = {use: (secrets.token_bytes(BYTES), *self.of(use))}
        return replace(self, **changed)

    def without(self, use: Use, identifier: str) -> "Keyring":
        """The same keys without one; ValueError for the current one."""
        if identifier == self.ids(use)[0]:
            raise ValueError(identifier)
        kept: dict[str, Any] = {use: tuple(key for key in self.of(use) if key_id(use, key) != identifier)}
        gone = [key for key in self.of(use) if key_id(use, key) == identifier]
        if use == "receipts":
            kept["receipts_retired"] = (*self.receipts_retired, *(_public(seed) for seed in gone))
        return replace(self, **kept)


def key_id(use: Use, key: bytes) -> str:
    """Eight hex digits that name a key and follow from it, so that no file can give an id to another key."""
    if use == "receipts":
        return _id_of_public(_public(key))
    return hmac.digest(key, f"undertone key id {use}".encode(), "sha256").hex()[:8]


def _id_of_public(public: bytes) -> str:
    return hashlib.sha256(b"undertone key id receipts" + public).hexdigest()[:8]


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


@lru_cache(maxsize=4096)
def _field_key(master: bytes, institution_id: str) -> AESGCM:
    return AESGCM(derived(master, f"fields|{institution_id}"))


@lru_cache(maxsize=4096)
def derived(key: bytes, purpose: str) -> bytes:
    """HKDF-SHA-256 (RFC 5869): one key per purpose and institution."""
    return HKDF(SHA256(), BYTES, salt=None, info=f"undertone|{purpose}".encode()).derive(key)


def keyed(key: bytes, parts: tuple[str, ...]) -> str:
    """Each part with its length before it, so that no two lists of parts read alike."""
    framed = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.digest(key, framed, "sha256").hex()
